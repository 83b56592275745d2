import type { TardisReading } from '../../model/migration/tardis.ts';
import type { PropertyId } from '../../model/properties.ts';
import type { Action } from '../../model/system.ts';
import { type Expectation, expectationsOf } from '../scenario/expectation.ts';
import type { NamedScenario } from '../scenario/load.ts';
import { type CheckOptions, check, type Verdict } from './check.ts';
import type { ProtocolChoice } from './named-protocol.ts';

/** A scenario explored under one protocol, beside what the scenario expects of it. */
export type Checked = {
  readonly scenario: NamedScenario;
  readonly choice: ProtocolChoice;
  readonly verdict: Verdict;
  readonly seconds: number;
  /** Properties that fall; LIVE-1 not where it only follows from REC-1. */
  readonly falls: readonly PropertyId[];
  /** null where nothing fell and the search was not complete. */
  readonly holds: boolean | null;
  /** Properties that the scenario expects to fall, where it has a say. */
  readonly expected: readonly PropertyId[] | undefined;
  readonly asExpected: boolean | undefined;
};

const isSame = (a: readonly PropertyId[], b: readonly PropertyId[]): boolean =>
  a.length === b.length && a.every((id) => b.includes(id));

const judge = (
  { complete, properties }: Verdict,
  expected: Expectation['falls'],
): Pick<Checked, 'falls' | 'holds' | 'asExpected'> => {
  const falls = properties.flatMap(({ id, holds, why }) => (holds === false && why === undefined ? [id] : []));
  const holds = falls.length > 0 ? false : complete ? true : null;
  const judged = expected?.filter((id) => properties.some((property) => property.id === id));
  const wanted = judged?.filter((id) => id !== 'LIVE-1' || !judged.includes('REC-1'));
  return { falls, holds, asExpected: wanted && isSame(falls, wanted) && (holds !== null || wanted.length > 0) };
};

/** Explores a scenario under a protocol, once for each reading that the scenario tells apart. */
export const checkScenario = function* (
  scenario: NamedScenario,
  choice: ProtocolChoice,
  options: CheckOptions,
): Generator<Checked> {
  for (const { reading, falls: expected } of expectationsOf(scenario.expected, choice.name)) {
    const variant: ProtocolChoice = reading === undefined ? choice : { ...choice, reading };
    const started = process.hrtime.bigint();
    const verdict = check(variant, scenario, options);
    const seconds = Number(process.hrtime.bigint() - started) / 1e9;
    const say = (choice.without ?? []).length > 0 ? undefined : expected;
    yield { scenario, choice: variant, verdict, seconds, expected: say, ...judge(verdict, say) };
  }
};

type PropertyJson = {
  readonly id: PropertyId;
  readonly holds: boolean | null;
  readonly why?: string;
  readonly steps?: number;
  readonly trace?: readonly Action[];
  /** Index of the step from which the rest of the trace repeats for ever. */
  readonly loop?: number;
};

export type ScenarioJson = {
  readonly name: string;
  readonly reading?: Partial<TardisReading>;
  readonly holds: boolean | null;
  readonly states: number;
  readonly transitions: number;
  readonly depth: number;
  readonly seconds: number;
  readonly complete: boolean;
  readonly expected?: readonly PropertyId[];
  readonly asExpected?: boolean;
  readonly properties: readonly PropertyJson[];
};

const propertyJson = ({ id, holds, why, counterexample }: Verdict['properties'][number]): PropertyJson => {
  const verdict = { id, holds, ...(why === undefined ? {} : { why }) };
  if (!counterexample) return verdict;
  const { steps, loop = [] } = counterexample;
  const repeats = loop.length > 0 ? { loop: steps.length } : {};
  return { ...verdict, steps: steps.length, trace: [...steps, ...loop], ...repeats };
};

/** One scenario as section 7 of the design has it, with the expectation beside. */
export const scenarioJson = ({
  scenario,
  choice,
  verdict,
  seconds,
  holds,
  expected,
  asExpected,
}: Checked): ScenarioJson => {
  const { states, transitions, depth, complete, properties } = verdict;
  return {
    name: scenario.name,
    ...(choice.reading === undefined ? {} : { reading: choice.reading }),
    holds,
    states,
    transitions,
    depth,
    seconds,
    complete,
    ...(expected === undefined ? {} : { expected }),
    ...(asExpected === undefined ? {} : { asExpected }),
    properties: properties.map(propertyJson),
  };
};

/** Whether all hold: false where anything falls, null where nothing does but not everything was explored. */
export const allHold = (checked: readonly Checked[]): boolean | null => {
  if (checked.some(({ holds }) => holds === false)) return false;
  return checked.some(({ holds }) => holds === null) ? null : true;
};
