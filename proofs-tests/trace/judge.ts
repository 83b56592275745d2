import type { Tree } from '../source/tree.ts';
import { readCitations } from './citations.ts';
import type { Finding } from './finding.ts';
import { gaps } from './gaps.ts';
import { readRules } from './rules.ts';
import { SNAPSHOT, unread } from './snapshot.ts';

/** Everything wrong with a tree: the grammar of its rules, their evidence, and what was not reread. */
export const judge = (tree: Tree): readonly Finding[] => {
  const spec = readRules(tree);
  const found = readCitations(tree);
  return [
    ...spec.findings,
    ...found.findings,
    ...gaps(spec.rules, found.citations),
    ...unread(tree.get(SNAPSHOT) ?? '', spec.rules, found.citations),
  ];
};
