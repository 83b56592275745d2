/** Campaigns in worker threads, seed after seed, until the runs or the time are used up. */
import { availableParallelism } from 'node:os';
import Tinypool from 'tinypool';
import { type CoverageReport, coverageReport } from '../refine/coverage.ts';
import { addTally, type CampaignResult, type Finding, noTally, type Tally } from './campaign.ts';
import type { FuzzTask } from './fuzz-worker.ts';

export type FuzzOptions = {
  /** Stop after so many runs; without it only time stops. */
  readonly runs?: number;
  readonly seconds?: number;
  readonly workers?: number;
  readonly seed: number;
  readonly canary?: boolean;
  readonly onProgress?: (tally: Tally, violations: number) => void;
};

export type FuzzReport = Tally & {
  readonly seconds: number;
  readonly seed: number;
  readonly workers: number;
  readonly refineEvery: number;
  readonly violations: readonly Finding[];
  readonly coverage: CoverageReport;
};

/** Most runs of one task: enough for what is drawn to grow large, few enough to stop on time. */
const BATCH = 125;

/** Of the runs in which one end moves at a time, every so many one is compared with the model; of the others, each. */
export const REFINE_EVERY = 16;

/** Violations after which a campaign gives up. */
const ENOUGH = 5;

const since = (start: bigint): number => Number(process.hrtime.bigint() - start) / 1e9;

/** By name: in which order workers came back does not show. */
const inOrder = (counts: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));

export const fuzz = async (options: FuzzOptions): Promise<FuzzReport> => {
  const { runs = Number.POSITIVE_INFINITY, seconds = Number.POSITIVE_INFINITY, seed } = options;
  const { workers = availableParallelism(), canary = false, onProgress } = options;
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const filename = new URL(`./fuzz-worker.${extension}`, import.meta.url).href;
  const pool = new Tinypool({ filename, minThreads: workers, maxThreads: workers });
  const start = process.hrtime.bigint();
  const tally = noTally();
  const [edges, states] = [new Set<string>(), new Set<string>()];
  const violations: Finding[] = [];
  const batch = Math.min(BATCH, Math.ceil(runs / 2));
  let [planned, tasks] = [0, 0];
  const work = async (): Promise<void> => {
    while (planned < runs && since(start) < seconds && violations.length < ENOUGH) {
      const wild = tasks % 2 === 1;
      const task: FuzzTask = {
        seed: (seed + planned) >>> 0,
        runs: Math.min(batch, runs - planned),
        refineEvery: wild ? 1 : REFINE_EVERY,
        wild,
        canary,
      };
      planned += task.runs;
      tasks += 1;
      const result: CampaignResult = await pool.run(task);
      addTally(tally, result.tally);
      for (const edge of result.edges) edges.add(edge);
      for (const state of result.states) states.add(state);
      if (result.finding !== undefined) violations.push(result.finding);
      onProgress?.(tally, violations.length);
    }
  };
  try {
    await Promise.all(Array.from({ length: workers }, work));
  } finally {
    await pool.destroy();
  }
  violations.sort((a, b) => a.seed - b.seed);
  return {
    ...tally,
    happened: inOrder(tally.happened),
    known: inOrder(tally.known),
    seconds: since(start),
    seed,
    workers,
    refineEvery: REFINE_EVERY,
    violations,
    coverage: coverageReport(edges, states),
  };
};

/** A campaign of some seconds on every core. */
export const fuzzFor = (seconds: number, seed: number, onProgress?: FuzzOptions['onProgress']): Promise<FuzzReport> =>
  fuzz({ seconds, seed, ...(onProgress === undefined ? {} : { onProgress }) });
