import { expect, test } from 'vitest';
import { REPOSITORY, readTree } from '../source/tree.ts';
import { render } from './finding.ts';
import { judge } from './judge.ts';

test('every rule of spec/ has its evidence, and every citation its rule', () => {
  expect(judge(readTree(REPOSITORY)).map(render)).toEqual([]);
});
