import { expect, test } from 'vitest';
import { spinMissing } from '../export/spin.ts';
import { benchChecker } from './checker.ts';
import { reportRows } from './report.ts';

const SMALL = { version: 1, says: 'One end migrates.', sides: { A: { route: [0, 2] } } };
const MACHINE = { processor: 'a processor', cores: 2, node: 'v20.19.0', platform: 'linux x64' };

test('PERF-1, PERF-2: the checker is measured in states, transitions and bytes, against Spin where Spin is installed', () => {
  const rows = benchChecker(SMALL, 1);
  expect(new Set(rows.map(({ unit }) => unit))).toEqual(
    new Set(['states', 'states/CPU s', 'transitions/CPU s', 'bytes/state']),
  );
  for (const { value } of rows) expect(value).toBeGreaterThan(0);
  expect(rows.filter(({ baseline }) => baseline !== undefined).length).toBe(spinMissing() === undefined ? 3 : 0);
  expect(reportRows(rows, MACHINE)).toContain('states/CPU s');
});
