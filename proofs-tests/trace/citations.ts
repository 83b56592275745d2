/** Where rules are cited: as data in `model/`, as `//= ID` in `impl/`, as the beginning of a test's title. */
import { code, type Token, tokens } from '../source/tokens.ts';
import type { Tree } from '../source/tree.ts';
import type { Finding } from './finding.ts';
import { type Evidence, ID } from './rules.ts';

export type Citation = {
  readonly rule: string;
  readonly kind: Evidence;
  readonly file: string;
  readonly line: number;
  /** A test that is skipped, or runs only where some condition holds. */
  readonly skipped: boolean;
};

export type Citations = { readonly citations: readonly Citation[]; readonly findings: readonly Finding[] };

const inModel = (file: string, source: string): Citations => ({
  citations: code(source)
    .filter(({ kind, text }) => (kind === 'string' || kind === 'template') && ID.test(text))
    .map(({ text, line }) => ({ rule: text, kind: 'model', file, line, skipped: false })),
  findings: [],
});

const commentLines = function* (source: string): Generator<{ text: string; line: number }> {
  for (const token of tokens(source))
    if (token.kind === 'comment')
      for (const [offset, text] of token.text.split('\n').entries()) yield { text, line: token.line + offset };
};

const inImpl = (file: string, source: string): Citations => {
  const citations: Citation[] = [];
  const findings: Finding[] = [];
  for (const { text, line } of commentLines(source)) {
    const list = /\/\/=(.*?)(?:\*\/|$)/.exec(text)?.[1];
    if (list === undefined) continue;
    for (const rule of list.split(',').map((word) => word.trim()))
      if (ID.test(rule)) citations.push({ rule, kind: 'impl', file, line, skipped: false });
      else findings.push({ kind: 'malformed citation', place: `${file}:${line}`, message: text.trim() });
  }
  return { citations, findings };
};

const TEST_CALLS = new Set(['test', 'it', 'prop']);
const CONDITIONAL = new Set(['skip', 'skipIf', 'runIf', 'todo', 'fails']);
const TITLE = /^([A-Z]+-\d+(?:, ?[A-Z]+-\d+)*):/;

/** The index of the bracket that opens what the one at `close` closes. */
const opening = (read: readonly Token[], close: number): number => {
  let depth = 0;
  for (let at = close; at >= 0; at--) {
    const { kind, text } = read[at] ?? { kind: 'word', text: '' };
    if (kind !== 'punctuation') continue;
    if (text === ')' || text === ']' || text === '}') depth++;
    if (text === '(' || text === '[' || text === '{') depth--;
    if (depth === 0) return at;
  }
  return -1;
};

/** The names in front of a call's bracket, innermost first: `test.skipIf(x)(` gives skipIf, test. */
const callee = (read: readonly Token[], bracket: number): string[] => {
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

const inTest = (file: string, source: string): Citations => {
  const read = code(source);
  const citations = read.flatMap((token, index): Citation[] => {
    const ids = token.kind === 'string' || token.kind === 'template' ? TITLE.exec(token.text)?.[1] : undefined;
    if (ids === undefined || read[index - 1]?.text !== '(') return [];
    const names = callee(read, index - 1);
    if (!TEST_CALLS.has(names.at(-1) ?? '')) return [];
    const skipped = names.some((name) => CONDITIONAL.has(name));
    return ids.split(/, ?/).map((rule) => ({ rule, kind: 'test', file, line: token.line, skipped }));
  });
  return { citations, findings: [] };
};

const reader = (path: string): ((file: string, source: string) => Citations) | undefined => {
  if (path.endsWith('.spec.ts')) return inTest;
  if (!path.endsWith('.ts')) return undefined;
  if (path.startsWith('model/')) return inModel;
  return path.startsWith('impl/') ? inImpl : undefined;
};

export const readCitations = (tree: Tree): Citations => {
  const all = [...tree].flatMap(([path, text]) => {
    const found = reader(path)?.(path, text);
    return found === undefined ? [] : [found];
  });
  return { citations: all.flatMap(({ citations }) => citations), findings: all.flatMap(({ findings }) => findings) };
};
