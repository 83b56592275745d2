// How two things that differ by little are compared.
import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { benchMigratable } from './migratable.ts';
import { bootstrap, compare, median } from './paired.ts';
import { reportRows } from './report.ts';

test('PERF-2: the median is the middle one, or between the two in the middle', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([7])).toBe(7);
});

property.prop([fc.array(fc.double({ min: 0.5, max: 2, noNaN: true }), { minLength: 1, maxLength: 40 })])(
  'PERF-2: the interval holds the median, lies within the numbers, and is the same each time',
  (numbers) => {
    const { value, low, high } = bootstrap(numbers);
    expect(low).toBeLessThanOrEqual(value);
    expect(high).toBeGreaterThanOrEqual(value);
    expect(low).toBeGreaterThanOrEqual(Math.min(...numbers));
    expect(high).toBeLessThanOrEqual(Math.max(...numbers));
    expect(bootstrap(numbers)).toEqual({ value, low, high });
  },
);

test('PERF-2: what is done twice as often for the same work counts as twice as fast', () => {
  const work = (): void => {
    for (let i = 0, x = 0; i < 200_000; i++) x += Math.sqrt(i + x);
  };
  const claiming = (things: number) => () => (): number => {
    work();
    return things;
  };
  const { value, low, high } = compare(claiming(1000), claiming(2000), 10, 5);
  expect(value).toBeGreaterThan(1);
  expect(low).toBeLessThanOrEqual(value);
  expect(high).toBeGreaterThanOrEqual(value);
});

test('PERF-1, PERF-2: migratable is compared with not migratable, and that with itself, each with its interval', () => {
  const rows = benchMigratable(2);
  expect(rows.map(({ name }) => name)).toEqual([
    'rnic SEND 1024 bytes, not migratable against itself',
    'rnic SEND 1024 bytes, migratable against not',
  ]);
  const machine = { processor: 'a processor', cores: 2, node: 'v20.19.0', platform: 'linux x64' };
  expect(reportRows(rows, machine)).toMatch(/migratable against not +\d\S* \(\d\.\d{3} to \d\.\d{3}\)/);
});
