// Bench of the campaigns: whole migrations per second of one core, with and without the model beside them.
import * as fc from 'fast-check';
import { runs } from '../campaigns/arbitrary.ts';
import { campaign } from '../campaigns/campaign.ts';
import { judge } from '../campaigns/judge.ts';
import type { Run } from '../campaigns/run.ts';
import { wildRuns } from '../campaigns/wild.ts';
import type { BenchRow } from './row.ts';

/** Two connections, eight messages on each in each direction, one move, up to six faults. */
const SHAPE = { connections: 2, messages: 8, full: true, moves: { min: 1, max: 1 } } as const;
const SEED = 1;
const RUNS = 200;

/** Milliseconds until code is compiled, and of measuring: a campaign lasts for minutes. */
const WARM = 8_000;
const LONG = 6_000;

/** One round, in microseconds of processor time, collecting garbage and compiling included: what a core does, however many share it. */
type Round = { readonly migrations: number; readonly packets: number; readonly micros: number };

const timed = (round: () => Omit<Round, 'micros'>): Round => {
  const before = process.cpuUsage();
  const { migrations, packets } = round();
  const { user, system } = process.cpuUsage(before);
  return { migrations, packets, micros: user + system };
};

/** Each has one migration, that gets as far as the resume. */
const checkWhole = (list: readonly Run[]): void => {
  for (const run of list) {
    const { migrations, happened } = judge(run, { refine: false });
    if (migrations !== 1 || happened.get('migration') !== 1) throw new Error('a run has no whole migration');
  }
};

/** Every run once; nothing is wrong with any: all its messages have completed, and are what was sent. */
const judgeAll = (list: readonly Run[], refine: boolean): Omit<Round, 'micros'> => {
  let [migrations, packets] = [0, 0];
  for (const run of list) {
    const judgement = judge(run, { refine });
    if (judgement.violations.length > 0) throw new Error(JSON.stringify(judgement.violations[0]));
    migrations += judgement.migrations;
    packets += judgement.packets;
  }
  return { migrations, packets };
};

/** The round in the middle of all after the first seconds. */
const measure = (round: () => Omit<Round, 'micros'>): Round => {
  const rounds: Round[] = [];
  const start = process.hrtime.bigint();
  const millis = (): number => Number(process.hrtime.bigint() - start) / 1e6;
  while (millis() < WARM) round();
  do rounds.push(timed(round));
  while (millis() < WARM + LONG);
  rounds.sort((a, b) => a.micros - b.micros);
  const [middle] = rounds.slice(rounds.length >> 1);
  if (middle === undefined) throw new Error('no round was measured');
  return middle;
};

const perSecond = (count: number, { micros }: Round): number => (count / micros) * 1e6;

export const benchFuzz = async (): Promise<readonly BenchRow[]> => {
  const list = fc.sample(runs(SHAPE), { numRuns: RUNS, seed: SEED });
  checkWhole(list);
  const anything = fc.sample(wildRuns, { numRuns: RUNS, seed: SEED });
  const plain = measure(() => judgeAll(list, false));
  const drawn = measure(() => campaign({ seed: SEED, runs: RUNS, shape: SHAPE, refineEvery: 0 }).tally);
  const refined = measure(() => judgeAll(list, true));
  const wild = measure(() => judgeAll(anything, true));
  const baseline = 'fuzz, 2 connections, 32 messages, one core';
  const rate = perSecond(plain.migrations, plain);
  const beside = (name: string, round: Round): BenchRow => {
    const value = perSecond(round.migrations, round);
    return { name, value, unit: 'migrations/s', baseline, ratio: value / rate };
  };
  return [
    { name: baseline, value: rate, unit: 'migrations/s' },
    { name: 'fuzz, packets of the same', value: perSecond(plain.packets, plain), unit: 'packets/s' },
    beside('fuzz, the same, drawn and counted by a campaign', drawn),
    beside('fuzz, every step compared with the model', refined),
    { name: 'fuzz, anything befalls anyone, every step compared', value: perSecond(RUNS, wild), unit: 'runs/s' },
  ];
};
