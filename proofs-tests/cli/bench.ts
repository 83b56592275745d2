/** `godwit bench`: figures and ratios, with the machine they were measured on. PERF-1, PERF-2. */
import { availableParallelism, cpus } from 'node:os';
import { Argument, Command } from 'commander';
import { benchChecker } from '../bench/checker.ts';
import { benchFuzz } from '../bench/fuzz.ts';
import { benchMigrate } from '../bench/migrate.ts';
import { benchInOwnProcess } from '../bench/own-process.ts';
import { benchRnic } from '../bench/rnic.ts';
import { RNIC_UDP } from '../bench/rnic-udp.ts';
import type { BenchRow } from '../bench/row.ts';
import { benchUdp } from '../bench/udp.ts';
import { benchWire } from '../bench/wire.ts';
import { print, printJson } from './output.ts';
import { progress } from './progress.ts';
import { renderTable } from './table.ts';

const BENCHES: Readonly<Record<string, () => Promise<readonly BenchRow[]>>> = {
  checker: async () => benchChecker(),
  wire: () => benchWire(),
  udp: () => benchUdp(),
  rnic: async () => {
    const rows = [...(await benchRnic())];
    for (const part of Object.keys(RNIC_UDP)) rows.push(...(await benchInOwnProcess(part)));
    return rows;
  },
  fuzz: () => benchFuzz(),
  migrate: () => benchMigrate(),
};

const machine = () => ({
  processor: cpus()[0]?.model ?? 'unknown',
  cores: availableParallelism(),
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
});

const rounded = (value: number): string =>
  value.toLocaleString('en-US', value >= 100 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 });

const range = ([low, high]: readonly [number, number]): string => ` (${low.toFixed(3)} to ${high.toFixed(3)})`;

type Machine = ReturnType<typeof machine>;

/** Throws where a ratio's bound was not measured beside it. */
export const reportRows = (rows: readonly BenchRow[], { processor, cores, node, platform }: Machine): string => {
  const cells = rows.map(({ name, value, unit, interval, baseline, ratio }) => {
    if (baseline !== undefined && !rows.some((row) => row.name === baseline))
      throw new Error(`${name}: the bound '${baseline}' is not in this run`);
    const figure = rounded(value) + (interval === undefined ? '' : range(interval));
    return [name, figure, unit, ratio === undefined ? '' : rounded(ratio), baseline ?? ''];
  });
  return `${processor}, ${cores} cores, Node ${node}, ${platform}\n\n${renderTable(['what', 'value', 'unit', 'ratio', 'to'], cells)}`;
};

export const benchCommand = (): Command =>
  new Command('bench')
    .description('measure, and print figures with the bound of the same run')
    .addArgument(
      new Argument('[name]', 'one benchmark; all without it').choices(Object.keys({ ...BENCHES, ...RNIC_UDP })),
    )
    .option('--json', 'print one JSON document: the rows, each with the machine')
    .action(async (name: string | undefined, { json }: { json?: true }) => {
      const rows: BenchRow[] = [];
      const all = name === undefined ? BENCHES : { ...BENCHES, ...RNIC_UDP };
      for (const [each, bench] of Object.entries(all)) {
        if (name !== undefined && name !== each) continue;
        const shown = progress(`bench ${each}`);
        rows.push(...(await bench()));
        shown.stop();
      }
      if (json) printJson(rows.map((row) => ({ ...row, machine: machine() })));
      else print(reportRows(rows, machine()));
    });
