import type { Protocol } from '../../model/protocol.ts';
import { Compiled } from '../checker/compiled.ts';
import { differencesOfAllTypes } from '../checker/verbs-table.ts';
import { type Baseline, concerns, type Named } from './baseline.ts';
import { mutant } from './mutant.ts';
import type { Mutation } from './mutation.ts';
import { brokenVector, type Kept } from './vectors.ts';
import { firstFalls, type Verdict, verdictOn } from './verdict.ts';

/** What became of a mutant. */
export type Fate =
  /** `by` says who noticed, and what. */
  | { readonly is: 'killed'; readonly by: string }
  /** `tried` counts the scenarios that reach the changed place; `grew` names those that the mutant made too large. */
  | { readonly is: 'survived'; readonly tried: number; readonly grew: readonly string[] };

/** Most falls show in the first states of a search. */
const FIRST_LOOK = 1_500;

/** States of the scenarios tried after which a mutant has survived. */
const ENOUGH_STATES = 100_000;

const difference = (was: Verdict, is: Verdict): string | undefined => {
  const falls = is.falls.filter((property) => !was.falls.includes(property));
  if (falls.length > 0) return `${falls.join(', ')} fell`;
  if (!is.complete) return undefined;
  const stands = was.falls.filter((property) => !is.falls.includes(property));
  if (stands.length > 0) return `${stands.join(', ')} no longer fell`;
  const gone = was.outcomes.find((outcome) => !is.outcomes.includes(outcome));
  if (gone !== undefined) return `lost the outcome "${gone}"`;
  const come = is.outcomes.find((outcome) => !was.outcomes.includes(outcome));
  return come === undefined ? undefined : `gained the outcome "${come}"`;
};

const attempt = (protocol: Protocol, scenario: Named, { verdict }: Baseline): string | undefined | 'grew' => {
  const compiled = new Compiled(protocol, scenario);
  const early = firstFalls(compiled, FIRST_LOOK).filter((property) => !verdict.falls.includes(property));
  if (early.length > 0) return `${early.join(', ')} fell`;
  const whole = verdictOn(compiled, scenario, 2 * verdict.states + 5_000, verdict.falls.includes('SAFE-7'));
  return difference(verdict, whole) ?? (whole.complete ? undefined : 'grew');
};

const orThrows = <T>(look: () => T): T | string => {
  try {
    return look();
  } catch (error) {
    return `the machine failed: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`;
  }
};

/** What shows without a peer or a network: vectors of the machine that was changed, and the tables of its states. */
const noticedAlone = (broken: Protocol, { edge }: Mutation, kept: Kept): string | undefined => {
  const vector = brokenVector(broken, edge, kept);
  if (vector !== undefined) return vector;
  const table = edge.startsWith('verbs.') ? differencesOfAllTypes(broken)[0] : undefined;
  return table === undefined ? undefined : `chapter 20: ${table}`;
};

/** Tries a mutant on the vectors of chapters 20, 30 and 50, on the tables of chapter 20, then on each scenario that reaches the
 * change, small ones first. @param kept undefined leaves the former out. */
export const trial = (
  protocol: Protocol,
  mutation: Mutation,
  scenarios: readonly { readonly scenario: Named; readonly baseline: Baseline }[],
  kept: Kept | undefined,
): Fate => {
  const broken = mutant(protocol, mutation);
  const alone = kept && orThrows(() => noticedAlone(broken, mutation, kept));
  if (alone !== undefined) return { is: 'killed', by: alone };
  const reached = scenarios
    .filter(({ baseline }) => baseline.verdict.complete && concerns(mutation, baseline))
    .toSorted((a, b) => a.baseline.verdict.states - b.baseline.verdict.states);
  const grew: string[] = [];
  let [tried, states] = [0, 0];
  for (const { scenario, baseline } of reached) {
    if (states > ENOUGH_STATES) break;
    tried += 1;
    states += baseline.verdict.states;
    const by = orThrows(() => attempt(broken, scenario, baseline));
    if (by === 'grew') grew.push(scenario.name);
    else if (by !== undefined) return { is: 'killed', by: `${scenario.name}: ${by}` };
  }
  return { is: 'survived', tried, grew };
};
