/**
 * The snapshot of what was read: per rule a hash of its words and the files that cite it. When the words change, the line's
 * files are the places to reread; `npm run trace:accept` then records that it was done.
 */
import { createHash } from 'node:crypto';
import type { Citation } from './citations.ts';
import type { Finding } from './finding.ts';
import type { Rule } from './rules.ts';

export const SNAPSHOT = 'proofs-tests/trace/snapshot.txt';

type Line = { readonly hash: string; readonly sites: string };

const hash = ({ state, evidence, text }: Rule): string =>
  createHash('sha256')
    .update(JSON.stringify([state, evidence, text]))
    .digest('hex')
    .slice(0, 10);

const sites = (id: string, citations: readonly Citation[]): string => {
  const counts = new Map<string, number>();
  for (const { rule, file } of citations) if (rule === id) counts.set(file, (counts.get(file) ?? 0) + 1);
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([file, count]) => `${file}:${count}`)
    .join(' ');
};

const lines = (rules: readonly Rule[], citations: readonly Citation[]): ReadonlyMap<string, Line> =>
  new Map(rules.map((rule) => [rule.id, { hash: hash(rule), sites: sites(rule.id, citations) }]));

/** The file's text, one line per rule in the order of the chapters. */
export const snapshot = (rules: readonly Rule[], citations: readonly Citation[]): string =>
  [...lines(rules, citations)]
    .map(([id, line]) => `${id} ${line.hash} ${line.sites}`.trimEnd())
    .join('\n')
    .concat('\n');

const parse = (text: string): ReadonlyMap<string, Line> =>
  new Map(
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [id = '', digest = '', ...rest] = line.split(' ');
        return [id, { hash: digest, sites: rest.join(' ') }];
      }),
  );

/** Differences between the recorded snapshot and the tree. */
export const unread = (
  recorded: string,
  rules: readonly Rule[],
  citations: readonly Citation[],
): readonly Finding[] => {
  const before = parse(recorded);
  const now = lines(rules, citations);
  const gone = [...before.keys()].filter((id) => !now.has(id));
  return [
    ...gone.map(
      (rule): Finding => ({
        kind: 'stale snapshot',
        rule,
        place: SNAPSHOT,
        message: 'the rule is gone; it has to stay as (retired)',
      }),
    ),
    ...rules.flatMap(({ id, place }): Finding[] => {
      const [old, own] = [before.get(id), now.get(id)];
      if (old === undefined)
        return [{ kind: 'stale snapshot', rule: id, place, message: 'new rule: run npm run trace:accept' }];
      if (old.hash !== own?.hash)
        return [
          { kind: 'changed words', rule: id, place, message: `reread ${own?.sites}, then run npm run trace:accept` },
        ];
      if (old.sites !== own.sites)
        return [
          { kind: 'stale snapshot', rule: id, place, message: `citing places changed: run npm run trace:accept` },
        ];
      return [];
    }),
  ];
};
