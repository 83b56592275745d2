/** `godwit bench`: figures and ratios, with the machine they were measured on. PERF-1, PERF-2. */
import { Argument, Command } from 'commander';
import { benchChecker } from '../bench/checker.ts';
import { benchFuzz } from '../bench/fuzz.ts';
import { benchMigrate } from '../bench/migrate.ts';
import { benchInOwnProcess } from '../bench/own-process.ts';
import { machine, reportRows } from '../bench/report.ts';
import { benchRnic } from '../bench/rnic.ts';
import { RNIC_UDP } from '../bench/rnic-udp.ts';
import type { BenchRow } from '../bench/row.ts';
import { benchUdp } from '../bench/udp.ts';
import { benchWire } from '../bench/wire.ts';
import { print, printJson } from '../terminal/output.ts';
import { progress } from '../terminal/progress.ts';

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
