import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scenarioNamed } from '../scenario/load.ts';
import { REPOSITORY } from '../source/tree.ts';
import { draw, figuresOf } from './figures.ts';

const page = readFileSync(join(REPOSITORY, 'spec', 'review.md'), 'utf8');

describe('every figure is what the search finds', () => {
  test.each(figuresOf(page).map(({ mark, drawn }) => [mark, drawn] as const))('%s', (mark, drawn) => {
    expect(drawn).toBe(draw(mark));
  });
});

test('every hole of the catalogue has its section, in order', () => {
  const sections = [...page.matchAll(/^## H(\d+) /gm)].map(([, number]) => Number(number));
  expect(sections).toEqual(Array.from({ length: sections.length }, (_, k) => k + 1));
  expect(sections.length).toBeGreaterThanOrEqual(18);
});

test('every scenario that answers a question exists, and holds under the revised protocol', () => {
  const [, answers = ''] = page.split('## Asked, and answered by a scenario');
  const named = [...(answers.split('\n## ')[0] ?? '').matchAll(/`([a-z]+(?:-[a-z]+)+)`/g)].map(([, name = '']) => name);
  expect(named.length).toBeGreaterThan(15);
  expect(named.filter((name) => scenarioNamed(name).expected.godwit !== 'holds')).toEqual([]);
});

test('a figure that nobody finds is an error', () => {
  expect(() => draw('<!-- figure: godwit both-ends-migrate-at-once REC-1 -->')).toThrow(/does not fall/);
  expect(() => draw('<!-- figure: nothing -->')).toThrow(/not a figure/);
});
