import { expect, test } from 'vitest';
import { reportRows } from './report.ts';

const MACHINE = { processor: 'a processor', cores: 2, node: 'v20.19.0', platform: 'linux x64' };

const ROWS = [
  { name: 'icrc alone', value: 1234567.8, unit: 'packets/s' },
  { name: 'rnic send', value: 617283.9, unit: 'packets/s', baseline: 'icrc alone', ratio: 0.5 },
];

test('PERF-1: figures are printed with their unit and the machine', () => {
  const text = reportRows(ROWS, MACHINE);
  for (const part of ['a processor', '2 cores', 'Node v20.19.0', 'linux x64', '1,234,568', 'packets/s'])
    expect(text).toContain(part);
});

test('PERF-2: a figure with a bound is printed with its ratio to that bound', () => {
  expect(reportRows(ROWS, MACHINE).split('\n').at(-1)).toMatch(/rnic send +617,284 +packets\/s +0\.5 +icrc alone$/);
});

test('PERF-2: a ratio without its bound in the same run is refused', () => {
  expect(() => reportRows(ROWS.slice(1), MACHINE)).toThrow("rnic send: the bound 'icrc alone' is not in this run");
});
