/** A campaign: many runs drawn from one seed, judged one after the other, until one is found wrong; that one is then made small. */
import * as fc from 'fast-check';
import { runs, type Shape, SMALL } from './arbitrary.ts';
import { type Judgement, type JudgeOptions, judge } from './judge.ts';
import type { Run } from './run.ts';
import type { Violation } from './violation.ts';
import { wildRuns } from './wild.ts';

export type Finding = Violation & {
  readonly seed: number;
  /** The smallest run found that shows it. */
  readonly run: Run;
  /** Everything that is wrong with that run. */
  readonly violations: readonly Violation[];
};

export type Tally = {
  runs: number;
  /** Runs each step of which was compared with the model. */
  refined: number;
  /** Inputs of QPs compared. */
  steps: number;
  migrations: number;
  packets: number;
  lost: number;
  retransmitted: number;
  /** How often what has been done. */
  happened: Record<string, number>;
  /** How often a run fell into which hole of the published protocol, as the model does: property and scenario. */
  known: Record<string, number>;
};

export type CampaignResult = {
  readonly tally: Tally;
  readonly edges: readonly string[];
  readonly states: readonly string[];
  readonly finding: Finding | undefined;
};

export type CampaignOptions = {
  readonly seed: number;
  readonly runs: number;
  readonly shape?: Shape;
  /** Anything may befall anyone: then the model is the only judge of much. */
  readonly wild?: boolean;
  /** Every how many runs one is compared with the model, step by step; 0: none. */
  readonly refineEvery: number;
  /** What judges a run, where it is not `judge`: for tests of the campaign itself. */
  readonly judge?: (run: Run, options: JudgeOptions) => Judgement;
};

export const noTally = (): Tally => ({
  runs: 0,
  refined: 0,
  steps: 0,
  migrations: 0,
  packets: 0,
  lost: 0,
  retransmitted: 0,
  happened: {},
  known: {},
});

const more = (total: Record<string, number>, name: string, times: number): void => {
  total[name] = (total[name] ?? 0) + times;
};

/** Adds what another campaign did. */
export const addTally = (total: Tally, part: Tally): void => {
  for (const name of ['runs', 'refined', 'steps', 'migrations', 'packets', 'lost', 'retransmitted'] as const)
    total[name] += part[name];
  for (const name of ['happened', 'known'] as const)
    for (const [what, times] of Object.entries(part[name])) more(total[name], what, times);
};

const count = (tally: Tally, judgement: Judgement): void => {
  tally.runs += 1;
  tally.refined += judgement.compared > 0 ? 1 : 0;
  tally.steps += judgement.compared;
  for (const name of ['migrations', 'packets', 'lost', 'retransmitted'] as const) tally[name] += judgement[name];
  for (const [what, times] of judgement.happened) more(tally.happened, what, times);
  for (const { property, scenario } of judgement.known) more(tally.known, `${property} ${scenario}`, 1);
};

/** Runs a campaign; equal options give equal results. */
export const campaign = (options: CampaignOptions): CampaignResult => {
  const { seed, refineEvery, shape = SMALL, wild = false, judge: judgeRun = judge } = options;
  const tally = noTally();
  const [edges, states] = [new Set<string>(), new Set<string>()];
  let drawn = 0;
  /** What is being made small is a violation that the model alone has seen. */
  let departed = false;
  let shrinking = false;
  const property = fc.property(wild ? wildRuns : runs(shape), (run) => {
    const refine = shrinking ? departed : refineEvery > 0 && drawn % refineEvery === 0;
    drawn += 1;
    const judgement = judgeRun(run, { refine, brief: true });
    if (!shrinking) count(tally, judgement);
    for (const edge of judgement.coverage.edges) edges.add(edge);
    for (const state of judgement.coverage.states) states.add(state);
    if (!shrinking && judgement.violations.length > 0) {
      shrinking = true;
      departed = judgement.violations.every(({ property }) => property === 'REFINES');
    }
    return judgement.violations.length === 0;
  });
  const { counterexample } = fc.check(property, { seed, numRuns: options.runs });
  const run = counterexample?.[0];
  return {
    tally,
    edges: [...edges],
    states: [...states],
    finding: run === undefined ? undefined : findingOf(run, seed, judgeRun),
  };
};

const findingOf = (run: Run, seed: number, judgeRun: typeof judge): Finding => {
  const { violations } = judgeRun(run, { refine: true });
  const [first = { property: 'REPLAY' as const, says: 'a violation that the same run does not show again' }] =
    violations.filter(({ property }) => property !== 'REFINES').concat(violations);
  return { ...first, seed, run, violations };
};
