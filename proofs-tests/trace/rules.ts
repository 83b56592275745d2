/** Reads rules and deviations out of the chapters of `spec/`, by the grammar of 00-conventions. */
import type { Tree } from '../source/tree.ts';
import type { Finding } from './finding.ts';
import { isOneSentence, keywords, withoutCode } from './sentence.ts';

export const EVIDENCE = ['model', 'impl', 'test'] as const;
export type Evidence = (typeof EVIDENCE)[number];

/** Prefix of an ID and the chapter its rules stand in. */
export const PREFIXES: Readonly<Record<string, string>> = {
  WIRE: '10-wire',
  QP: '20-qp',
  RC: '30-rc',
  UC: '32-uc',
  UD: '34-ud',
  VRB: '40-verbs',
  MIG: '50-migration',
  IMG: '60-image',
  SAFE: '70-properties',
  REC: '70-properties',
  LIVE: '70-properties',
  THM: '70-properties',
  PERF: '80-performance',
  DEV: 'deviations',
};

export type Rule = {
  readonly id: string;
  readonly state: 'alive' | 'retired' | 'deviation';
  readonly evidence: readonly Evidence[];
  /** The sentence that binds, on one line. */
  readonly text: string;
  readonly place: string;
  /** Of a deviation: the rules that carry it. */
  readonly carriedBy: readonly string[];
};

export type Chapters = { readonly rules: readonly Rule[]; readonly findings: readonly Finding[] };

export const ID = new RegExp(`^(?:${Object.keys(PREFIXES).join('|')})-[1-9]\\d*$`);

const BULLET = /^- \*\*([A-Z]+-\w+)\*\*/;
const RULE = /^- \*\*([A-Z]+-\d+)\*\* \(([^)]*)\) (\S.*)$/;

type Item = { readonly place: string; readonly first: string; readonly text: string };

const isContinuation = (line: string): boolean => /^ {2,}\S/.test(line) && !/^\s+(\*Why|[-*] )/.test(line);

/** Splits a chapter into rule items and the prose around them; fenced code belongs to neither. */
const split = (file: string, text: string): { items: Item[]; prose: { place: string; line: string }[] } => {
  const items: Item[] = [];
  const prose: { place: string; line: string }[] = [];
  let open: string[] | undefined;
  let fenced = false;
  const lines = text.split('\n');
  const close = (until: number): void => {
    if (open !== undefined)
      items.push({
        place: `${file}:${until - open.length + 1}`,
        first: open[0] ?? '',
        text: open.join(' ').replace(/\s+/g, ' '),
      });
    open = undefined;
  };
  for (const [index, line] of lines.entries()) {
    if (/^\s*```/.test(line)) fenced = !fenced;
    if (fenced || /^\s*```/.test(line)) continue;
    if (open !== undefined && isContinuation(line)) {
      open.push(line.trim());
      continue;
    }
    close(index);
    if (BULLET.test(line)) open = [line];
    else prose.push({ place: `${file}:${index + 1}`, line });
  }
  close(lines.length);
  return { items, prose };
};

const wordFindings = (id: string, place: string, text: string): Finding[] => {
  const found: Finding[] = [];
  const used = keywords(text);
  if (used.length !== 1)
    found.push({ kind: 'not one keyword', rule: id, place, message: used.length === 0 ? 'none' : used.join(', ') });
  if (!isOneSentence(text)) found.push({ kind: 'not one sentence', rule: id, place, message: text });
  return found;
};

const listed = (text: string): string[] => text.split(',').map((word) => word.trim());

const read = (file: string, { place, text }: Item): { rule?: Rule; findings: Finding[] } => {
  const [, id, due, words] = RULE.exec(text) ?? [];
  if (id === undefined || due === undefined || words === undefined)
    return { findings: [{ kind: 'malformed rule', place, message: text.slice(0, 80) }] };
  const findings: Finding[] = [];
  if (!ID.test(id) || PREFIXES[id.replace(/-.*/, '')] !== file.replace(/^.*\/|\.md$/g, ''))
    findings.push({ kind: 'unknown prefix', rule: id, place, message: 'the prefix does not belong to this chapter' });
  const base = { id, text: words, place, carriedBy: [], evidence: [] };
  if (due === 'retired') return { rule: { ...base, state: 'retired' }, findings };
  if (id.startsWith('DEV-')) return { rule: { ...base, state: 'deviation', carriedBy: listed(due) }, findings };
  const evidence = EVIDENCE.filter((word) => listed(due).includes(word));
  const unknown = listed(due).filter((word) => !evidence.some((known) => known === word));
  if (unknown.length > 0)
    findings.push({ kind: 'unknown evidence word', rule: id, place, message: unknown.join(', ') || '(none)' });
  findings.push(...wordFindings(id, place, words));
  return { rule: { ...base, state: 'alive', evidence }, findings };
};

/** Rules of one chapter, and what is wrong with its text. */
export const readChapter = (file: string, text: string): Chapters => {
  const { items, prose } = split(file, text);
  const results = items.map((item) => read(file, item));
  const stray = prose.flatMap(({ place, line }): Finding[] =>
    keywords(withoutCode(line)).map((keyword) => ({ kind: 'keyword outside a rule', place, message: keyword })),
  );
  return {
    rules: results.flatMap(({ rule }) => (rule === undefined ? [] : [rule])),
    findings: [...frameFindings(file, text, CHAPTER), ...results.flatMap(({ findings }) => findings), ...stray],
  };
};

type Frame = readonly (readonly [part: string, pattern: RegExp])[];

/** What every chapter has besides rules. */
const CHAPTER: Frame = [
  ['a version line', /^Version [\d.]+\b/m],
  ['a section of open questions', /^## Open$/m],
  ['a section of changes', /^## Changes$/m],
];

const DECISION: Frame = ['Context', 'Choice', 'Rejected', 'Consequence'].map((part) => [
  part,
  new RegExp(`^## ${part}$`, 'm'),
]);

const frameFindings = (file: string, text: string, frame: Frame): Finding[] =>
  frame
    .filter(([, pattern]) => !pattern.test(text))
    .map(([part]) => ({ kind: 'incomplete chapter', place: file, message: `without ${part}` }));

/** All chapters of a tree, and the frame of its decisions, which hold no rules. */
export const readRules = (tree: Tree): Chapters => {
  const files = [...tree];
  const chapters = files
    .filter(([path]) => /^spec\/[^/]+\.md$/.test(path))
    .map(([path, text]) => readChapter(path, text));
  const decisions = files.filter(([path]) => /^spec\/decisions\/[^/]+\.md$/.test(path));
  return {
    rules: chapters.flatMap(({ rules }) => rules),
    findings: [
      ...chapters.flatMap(({ findings }) => findings),
      ...decisions.flatMap(([path, text]) => frameFindings(path, text, DECISION)),
    ],
  };
};
