import { describe, expect, test } from 'vitest';
import { INGREDIENTS, type Ingredient } from '../../model/migration/godwit.ts';
import { scenarioNamed } from '../scenario/load.ts';
import { cell, numberCell, type Row, specTable } from '../trace/tables.ts';
import { fallsWithout } from './ablate.ts';
import { PAIRS, SAVES } from './plan.ts';

const table = specTable('spec/ablations.md', 'ablations');
const ingredientsOf = (row: Row): readonly Ingredient[] =>
  cell(table, row, 'without')
    .split(' + ')
    .map((name) => {
      const known = INGREDIENTS.find((each) => each === name);
      if (!known) throw new Error(`no ingredient ${name}`);
      return known;
    });

describe('every row of the table is explored again', () => {
  test.each(table.rows.map((row) => [ingredientsOf(row).join(' + '), cell(table, row, 'property'), row] as const))(
    'without %s %s falls',
    (_without, property, row) => {
      const found = fallsWithout(ingredientsOf(row), scenarioNamed(cell(table, row, 'scenario')));
      expect(found.find((each) => each.property === property)?.steps).toBe(numberCell(table, row, 'steps'));
    },
  );
});

test('every ingredient is needed, or named as an optimisation that stands in for another', () => {
  const needed = new Set(table.rows.map(ingredientsOf).flatMap((names) => (names.length === 1 ? names : [])));
  const spared = INGREDIENTS.filter((each) => !needed.has(each));
  expect(spared).toEqual(INGREDIENTS.filter((each) => each in SAVES));
  const paired = new Set(table.rows.map(ingredientsOf).flatMap((names) => (names.length === 2 ? names : [])));
  expect(spared.filter((each) => !paired.has(each))).toEqual([]);
  expect(PAIRS.length).toBeGreaterThan(0);
});

test('with every ingredient nothing falls in the scenarios of the table', () => {
  const names = new Set(table.rows.map((row) => cell(table, row, 'scenario')));
  expect([...names].flatMap((name) => fallsWithout([], scenarioNamed(name)))).toEqual([]);
});
