import { code, type Token } from './tokens.ts';

const CLOSING = new Set([')', ']', '}']);
const OPENING = new Set(['(', '[', '{']);

/** The index of the bracket that opens what the one at `close` closes, or -1. */
export const opening = (read: readonly Token[], close: number): number => {
  let depth = 0;
  for (let at = close; at >= 0; at--) {
    const token = read[at];
    if (token?.kind !== 'punctuation') continue;
    if (CLOSING.has(token.text)) depth++;
    if (OPENING.has(token.text)) depth--;
    if (depth === 0) return at;
  }
  return -1;
};

/** The index of the bracket that closes what the one at `open` opens, or the end. */
export const closing = (read: readonly Token[], open: number): number => {
  let depth = 0;
  for (let at = open; at < read.length; at++) {
    const token = read[at];
    if (token?.kind !== 'punctuation') continue;
    if (OPENING.has(token.text)) depth++;
    if (CLOSING.has(token.text)) depth--;
    if (depth === 0) return at;
  }
  return read.length;
};

/** The names in front of a call's bracket, innermost first: `test.skipIf(x)(` gives skipIf, test. */
export const callee = (read: readonly Token[], bracket: number): readonly string[] => {
  const names: string[] = [];
  for (let at = bracket - 1; at >= 0; at--) {
    const token = read[at];
    if (token?.text === ')' && token.kind === 'punctuation') at = opening(read, at);
    else if (token?.kind === 'word') {
      names.push(token.text);
      if (read[at - 1]?.text !== '.') break;
      at--;
    } else break;
  }
  return names;
};

export type Title = {
  readonly text: string;
  readonly line: number;
  /** The test is skipped, or runs only where some condition holds. */
  readonly skipped: boolean;
};

const TEST_CALLS = new Set(['test', 'it', 'prop']);
const CONDITIONAL = new Set(['skip', 'skipIf', 'runIf', 'todo', 'fails']);

/** The titles of a file's tests; of a template the part before its first substitution. */
export const titles = (source: string): readonly Title[] => {
  const read = code(source);
  return read.flatMap(({ kind, text, line }, index): Title[] => {
    if ((kind !== 'string' && kind !== 'template') || read[index - 1]?.text !== '(') return [];
    const names = callee(read, index - 1);
    if (!TEST_CALLS.has(names.at(-1) ?? '')) return [];
    return [{ text, line, skipped: names.some((name) => CONDITIONAL.has(name)) }];
  });
};
