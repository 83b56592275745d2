/** Owns how the rows of a benchmark are printed. PERF-1, PERF-2. */
import { availableParallelism, cpus } from 'node:os';
import { renderTable } from '../terminal/table.ts';
import type { BenchRow } from './row.ts';

/** What figures depend on: the machine they were measured on. PERF-1. */
export const machine = () => ({
  processor: cpus()[0]?.model ?? 'unknown',
  cores: availableParallelism(),
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
});

const rounded = (value: number): string =>
  value.toLocaleString('en-US', value >= 100 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 });

const range = ([low, high]: readonly [number, number]): string => ` (${low.toFixed(3)} to ${high.toFixed(3)})`;

type Machine = ReturnType<typeof machine>;

/** The rows as a table, below the machine. Throws where a ratio's bound was not measured beside it. */
export const reportRows = (rows: readonly BenchRow[], { processor, cores, node, platform }: Machine): string => {
  const cells = rows.map(({ name, value, unit, interval, baseline, ratio }) => {
    if (baseline !== undefined && !rows.some((row) => row.name === baseline))
      throw new Error(`${name}: the bound '${baseline}' is not in this run`);
    const figure = rounded(value) + (interval === undefined ? '' : range(interval));
    return [name, figure, unit, ratio === undefined ? '' : rounded(ratio), baseline ?? ''];
  });
  return `${processor}, ${cores} cores, Node ${node}, ${platform}\n\n${renderTable(['what', 'value', 'unit', 'ratio', 'to'], cells)}`;
};
