// Bench of the campaigns: whole migrations per second of one core, with and without the model beside them.
import * as fc from 'fast-check';
import { runs } from '../campaigns/arbitrary.ts';
import { judge } from '../campaigns/judge.ts';
import type { Run } from '../campaigns/run.ts';
import { wildRuns } from '../campaigns/wild.ts';
import type { BenchRow } from './row.ts';

/** Two connections, eight messages on each in each direction, one move, up to six faults. */
const SHAPE = { connections: 2, messages: 8, full: true, moves: { min: 1, max: 1 } } as const;
const SEED = 1;

/** Nanoseconds of measuring. */
const LONG = 3e9;

/** `seconds` of processor time, collecting garbage included: what a core does, however many share it. */
type Measured = {
  readonly runs: number;
  readonly migrations: number;
  readonly packets: number;
  readonly seconds: number;
};

const measure = (list: readonly Run[], refine: boolean): Measured => {
  let [runs, migrations, packets] = [0, 0, 0];
  const start = process.hrtime.bigint();
  const before = process.cpuUsage();
  const elapsed = (): number => Number(process.hrtime.bigint() - start);
  for (let k = 0; elapsed() < LONG; k += 1) {
    const run = list[k % list.length];
    if (run === undefined) break;
    const judgement = judge(run, { refine });
    if (judgement.violations.length > 0) throw new Error(JSON.stringify(judgement.violations[0]));
    runs += 1;
    migrations += judgement.migrations;
    packets += judgement.packets;
  }
  const { user, system } = process.cpuUsage(before);
  return { runs, migrations, packets, seconds: (user + system) / 1e6 };
};

export const benchFuzz = async (): Promise<readonly BenchRow[]> => {
  const list = fc.sample(runs(SHAPE), { numRuns: 200, seed: SEED });
  measure(list, false);
  const plain = measure(list, false);
  measure(list, true);
  const refined = measure(list, true);
  const wild = measure(fc.sample(wildRuns, { numRuns: 200, seed: SEED }), true);
  const rate = ({ migrations, seconds }: Measured): number => migrations / seconds;
  const baseline = 'fuzz, 2 connections, 32 messages, one core';
  return [
    { name: baseline, value: rate(plain), unit: 'migrations/s' },
    { name: 'fuzz, packets of the same', value: plain.packets / plain.seconds, unit: 'packets/s' },
    {
      name: 'fuzz, every step compared with the model',
      value: rate(refined),
      unit: 'migrations/s',
      baseline,
      ratio: rate(refined) / rate(plain),
    },
    { name: 'fuzz, anything befalls anyone, every step compared', value: wild.runs / wild.seconds, unit: 'runs/s' },
  ];
};
