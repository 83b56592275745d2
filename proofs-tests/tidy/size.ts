/** Length of files and functions. */
import { closing, opening } from '../source/calls.ts';
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

const beginsFunction = (read: readonly Token[], brace: number): boolean => {
  if (read[brace - 1]?.text === '=>') return true;
  const end = parametersEnd(read, brace);
  const before = end < 0 ? undefined : read[opening(read, end) - 1];
  return before !== undefined && (before.kind === 'word' ? !CONTROL.has(before.text) : before.text === '>');
};

type Span = { readonly first: number; readonly last: number };

const holds = (outer: Span, inner: Span): boolean => outer.first < inner.first && inner.last < outer.last;

const BEFORE_LITERAL = new Set(['=', ':', '(', ',', '[', '?', '|', '&', '...', 'return']);
const OPENS_BLOCK = new Set(['{']);
const OPENS_LITERAL = new Set(['{', '[']);

/** A literal object or array: data. The block of a `case` follows a colon too and is none. */
const beginsLiteral = (read: readonly Token[], brace: number): boolean => {
  const before = read[brace - 1];
  if (before === undefined || !BEFORE_LITERAL.has(before.text)) return false;
  const statement = read.findLastIndex(
    ({ text }, at) => at < brace - 1 && (text === ';' || text === '{' || text === '}'),
  );
  const first = read[statement + 1]?.text;
  return before.text !== ':' || (first !== 'case' && first !== 'default');
};

const spansOf = (
  read: readonly Token[],
  opens: ReadonlySet<string>,
  begins: (read: readonly Token[], brace: number) => boolean,
): Span[] =>
  read.flatMap(({ kind, text }, index): Span[] =>
    kind === 'punctuation' && opens.has(text) && begins(read, index)
      ? [{ first: index, last: closing(read, index) }]
      : [],
  );

/**
 * A function's own lines: those of the functions inside it are counted there, and those of a table are data. A suite, a closure
 * or a machine's definition is then as long as its glue.
 */
const functionsOf = (read: readonly Token[]): { line: number; lines: number }[] => {
  const functions = spansOf(read, OPENS_BLOCK, beginsFunction);
  const parts = [...functions, ...spansOf(read, OPENS_LITERAL, beginsLiteral)];
  const lineAt = (index: number): number => read[Math.min(index, read.length - 1)]?.line ?? 0;
  const inside = ({ first, last }: Span): number => Math.max(0, lineAt(last) - lineAt(first) - 1);
  return functions.map((span) => {
    const inner = parts.filter((other) => holds(span, other));
    const direct = inner.filter((one) => !inner.some((other) => holds(other, one)));
    const lines = lineAt(span.last) - lineAt(span.first) + 1 - direct.reduce((sum, one) => sum + inside(one), 0);
    return { line: lineAt(span.first), lines };
  });
};

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
