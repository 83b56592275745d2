import type { Protocol } from '../../model/protocol.ts';
import type { Scenario } from '../../model/scenario.ts';
import { observe } from '../checker/coverage.ts';
import type { Outcomes } from '../checker/probes.ts';
import { type Fields, fieldsWatched } from './fields.ts';
import type { Mutation } from './mutation.ts';
import { type Verdict, verdictOf } from './verdict.ts';

export type Named = Scenario & { readonly name: string };

/** What a scenario shows of the protocol as it is. Plain data: it travels to workers. */
export type Baseline = {
  readonly scenario: string;
  readonly verdict: Verdict;
  readonly taken: readonly string[];
  /** By edge and place, as the probes have them. */
  readonly guards: { readonly [guard: string]: Outcomes };
  readonly fields: { readonly [action: string]: readonly string[] };
};

/** States beyond which a scenario is too large to be searched for every mutant. */
export const MOST_STATES = 150_000;

export const baselineOf = (protocol: Protocol, scenario: Named): Baseline => {
  const fields: Fields = new Map();
  const { taken, outcomes } = observe(fieldsWatched(protocol, fields), scenario, MOST_STATES);
  return {
    scenario: scenario.name,
    verdict: verdictOf(protocol, scenario, MOST_STATES),
    taken: [...taken],
    guards: Object.fromEntries(outcomes),
    fields: Object.fromEntries([...fields].map(([action, names]) => [action, [...names]])),
  };
};

/** Whether the mutation can change anything in a scenario: it took the edge, or asked the guard and heard what is changed. */
export const concerns = ({ edge, change }: Mutation, { taken, guards }: Baseline): boolean => {
  if (change.kind !== 'drop guard' && change.kind !== 'negate guard') return taken.includes(edge);
  const { asked, held } = guards[`${edge}:${change.place}`] ?? { asked: 0, held: 0 };
  return change.kind === 'negate guard' ? asked > 0 : asked > held;
};
