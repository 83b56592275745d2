import { expect, test } from 'vitest';
import { exploredRules } from '../checker/fired-rules.ts';
import { REPOSITORY, readTree } from '../source/tree.ts';
import { render } from './finding.ts';
import { idle } from './gaps.ts';
import { judge } from './judge.ts';
import { readRules } from './rules.ts';

const tree = readTree(REPOSITORY);

test('every rule of spec/ has its evidence, and every citation its rule', () => {
  expect(judge(tree).map(render)).toEqual([]);
});

test('every rule on a transition of the model fires in some scenario', () => {
  const explored = exploredRules();
  expect(explored.declared.size).toBeGreaterThan(0);
  expect(idle(readRules(tree).rules, explored).map(render)).toEqual([]);
});
