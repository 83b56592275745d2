/** Length of files and functions. */
import { callee, closing, opening } from '../source/calls.ts';
import { isSource } from '../source/imports.ts';
import { code, type Token } from '../source/tokens.ts';
import type { Tree } from '../source/tree.ts';
import type { Finding } from './finding.ts';

export const FILE_LINES = 300;
export const FUNCTION_LINES = 60;

export const longFiles = (tree: Tree): readonly Finding[] =>
  [...tree]
    .filter(([path]) => isSource(path))
    .map(([path, text]) => ({ place: path, lines: text.trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > FILE_LINES)
    .map(({ place, lines }) => ({ place, message: `${lines} lines, at most ${FILE_LINES}` }));

/** Words with a bracket and a block that are no functions. */
const CONTROL = new Set(['if', 'for', 'while', 'switch', 'catch', 'with']);
const TYPE_PUNCTUATION = new Set(['.', '<', '>', '|', '&', ',', '[', ']']);

/** From the brace back over a return type to the bracket that ends the parameters; -1 where there is none. */
const parametersEnd = (read: readonly Token[], brace: number): number => {
  let at = brace - 1;
  if (read[at]?.text === ')') return at;
  for (; at > 0; at--) {
    const { kind, text } = read[at] ?? { kind: 'word', text: '' };
    if (kind === 'punctuation' && text === ':') return read[at - 1]?.text === ')' ? at - 1 : -1;
    if (kind === 'punctuation' && (text === '}' || text === ')')) at = opening(read, at);
    else if (kind === 'punctuation' && !TYPE_PUNCTUATION.has(text)) return -1;
  }
  return -1;
};

/** A suite's callback holds tests as a file holds functions; its length means nothing. */
const isSuite = (read: readonly Token[], brace: number): boolean => {
  const parameters = read[brace - 2]?.text === ')' ? opening(read, brace - 2) : -1;
  const call = read[parameters - 1]?.text === ',' ? parameters - 3 : -1;
  return read[call]?.text === '(' && callee(read, call).at(-1) === 'describe';
};

const beginsFunction = (read: readonly Token[], brace: number): boolean => {
  if (read[brace - 1]?.text === '=>') return !isSuite(read, brace);
  const end = parametersEnd(read, brace);
  const before = end < 0 ? undefined : read[opening(read, end) - 1];
  return before !== undefined && (before.kind === 'word' ? !CONTROL.has(before.text) : before.text === '>');
};

const functionsOf = (read: readonly Token[]): { line: number; lines: number }[] =>
  read.flatMap((token, index) => {
    if (token.kind !== 'punctuation' || token.text !== '{' || !beginsFunction(read, index)) return [];
    const last = read[closing(read, index)]?.line ?? token.line;
    return [{ line: token.line, lines: last - token.line + 1 }];
  });

export const longFunctions = (tree: Tree): readonly Finding[] =>
  [...tree]
    .filter(([path]) => isSource(path))
    .flatMap(([path, text]) =>
      functionsOf(code(text))
        .filter(({ lines }) => lines > FUNCTION_LINES)
        .map(({ line, lines }) => ({
          place: `${path}:${line}`,
          message: `a function of ${lines} lines, at most ${FUNCTION_LINES}`,
        })),
    );
