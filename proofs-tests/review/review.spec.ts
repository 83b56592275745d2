import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
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

test('a figure that nobody finds is an error', () => {
  expect(() => draw('<!-- figure: godwit both-ends-migrate-at-once REC-1 -->')).toThrow(/does not fall/);
  expect(() => draw('<!-- figure: nothing -->')).toThrow(/not a figure/);
});
