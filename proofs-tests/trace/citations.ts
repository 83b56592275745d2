/** Where rules are cited: as data in `model/`, as `//= ID` in `impl/`, as the beginning of a test's title. */
import { titles } from '../source/calls.ts';
import { code, tokens } from '../source/tokens.ts';
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

const TITLE = /^([A-Z]+-\d+(?:, ?[A-Z]+-\d+)*):/;

const inTest = (file: string, source: string): Citations => ({
  citations: titles(source).flatMap(({ text, line, skipped }): Citation[] => {
    const ids = TITLE.exec(text)?.[1]?.split(/, ?/) ?? [];
    return ids.map((rule) => ({ rule, kind: 'test', file, line, skipped }));
  }),
  findings: [],
});

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
