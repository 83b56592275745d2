/** Campaigns in worker threads, seed after seed, until the runs or the time are used up. */
import { availableParallelism } from 'node:os';
import Tinypool from 'tinypool';
import { EXTENDED_STATES } from '../../model/qp.ts';
import { type CoverageReport, EDGES } from '../refine/coverage.ts';
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

/** Runs of one task: enough to keep a worker busy, few enough to stop on time. */
const BATCH = 16;

/** The model's side of a step costs many times the implementation's: every so many runs one is compared. */
export const REFINE_EVERY = 16;

/** Violations after which a campaign gives up. */
const ENOUGH = 5;

const since = (start: bigint): number => Number(process.hrtime.bigint() - start) / 1e9;

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
  let planned = 0;
  const work = async (): Promise<void> => {
    while (planned < runs && since(start) < seconds && violations.length < ENOUGH) {
      const task: FuzzTask = {
        seed: (seed + planned) >>> 0,
        runs: Math.min(BATCH, runs - planned),
        refineEvery: REFINE_EVERY,
        wild: (planned / BATCH) % 2 === 1,
        canary,
      };
      planned += task.runs;
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
  const coverage = {
    states: { hit: states.size, total: EXTENDED_STATES.length },
    edges: { hit: edges.size, total: EDGES.length },
  };
  return { ...tally, seconds: since(start), seed, workers, refineEvery: REFINE_EVERY, violations, coverage };
};

/** A campaign of some seconds on every core. */
export const fuzzFor = (seconds: number, seed: number, onProgress?: FuzzOptions['onProgress']): Promise<FuzzReport> =>
  fuzz({ seconds, seed, ...(onProgress === undefined ? {} : { onProgress }) });
