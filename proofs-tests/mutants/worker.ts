/** What a worker of the pool does: one scenario's baseline, or the trials of a few mutants. */
import { scenarioNamed } from '../scenario/load.ts';
import type { ProtocolName } from '../scenario/schema.ts';
import { type Baseline, baselineOf } from './baseline.ts';
import type { Mutation } from './mutation.ts';
import { subjectNamed } from './subject.ts';
import { type Fate, trial } from './trial.ts';
import { keptVectors } from './vectors.ts';

export type Trials = {
  readonly protocol: ProtocolName;
  readonly mutations: readonly Mutation[];
  /** Leaves vectors and tables out: only scenarios may notice. */
  readonly scenariosOnly: boolean;
  readonly baselines: readonly Baseline[];
};
export type Tried = { readonly mutation: Mutation; readonly fate: Fate };
export type Task =
  | { readonly task: 'baseline'; readonly protocol: ProtocolName; readonly scenario: string }
  | ({ readonly task: 'trials' } & Trials);

export const tried = ({ protocol: name, mutations, baselines, scenariosOnly }: Trials): readonly Tried[] => {
  const protocol = subjectNamed(name);
  const scenarios = baselines.map((baseline) => ({ scenario: scenarioNamed(baseline.scenario), baseline }));
  const kept = scenariosOnly ? undefined : keptVectors(protocol);
  return mutations.map((mutation) => ({ mutation, fate: trial(protocol, mutation, scenarios, kept) }));
};

export default (task: Task): Baseline | readonly Tried[] =>
  task.task === 'baseline' ? baselineOf(subjectNamed(task.protocol), scenarioNamed(task.scenario)) : tried(task);
