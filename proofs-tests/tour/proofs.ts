import { check, type Verdict } from '../checker/check.ts';
import { scenarioNamed } from '../scenario/load.ts';
import type { Progress } from '../terminal/progress.ts';
import { renderTale, taleOf } from '../view/counterexample.ts';
import type { Step } from './step.ts';

const ONE_END = ['one-end-migrates', 'one-end-migrates-under-loss-and-duplication'];
const HOLE = 'both-ends-migrate-at-once';

const explored = (name: 'tardis' | 'godwit', scenario: string, progress: Progress): Verdict =>
  check({ name }, scenarioNamed(scenario), {
    onProgress: (states) => progress.update(`${scenario}, ${states} states`),
  });

const holds = ({ complete, properties }: Verdict): boolean =>
  complete && properties.every((each) => each.holds === true);

const size = (verdicts: readonly Verdict[]): string => {
  const [states, transitions] = [
    verdicts.reduce((sum, each) => sum + each.states, 0),
    verdicts.reduce((sum, each) => sum + each.transitions, 0),
  ];
  const whole = verdicts.every(({ complete }) => complete) ? 'all of them' : 'NOT all of them';
  return `${states.toLocaleString('en-US')} states, ${transitions.toLocaleString('en-US')} transitions, ${whole} looked at`;
};

const fallen = (verdicts: readonly Verdict[]): string => {
  const names = verdicts.flatMap(({ properties }) =>
    properties.filter((each) => each.holds !== true).map(({ id }) => id),
  );
  return names.length === 0 ? 'every property holds' : `${[...new Set(names)].join(', ')} do not hold`;
};

/** The published protocol where it is at its best: one end, with and without loss and duplication. */
export const oneEndStep: Step = {
  name: 'published protocol, one end migrates',
  expectation: 'every property holds, also under loss',
  run: async (progress) => {
    const verdicts = ONE_END.map((scenario) => explored('tardis', scenario, progress));
    return { held: verdicts.every(holds), found: `${fallen(verdicts)}; ${size(verdicts)}` };
  },
};

/** One of its published holes, as a message sequence. */
export const holeStep: Step = {
  name: 'published protocol, both ends at once',
  expectation: 'the hole is found: a trap (REC-1)',
  run: async (progress) => {
    const verdict = explored('tardis', HOLE, progress);
    const counterexample = verdict.properties.find(
      ({ id, holds: held }) => id === 'REC-1' && held === false,
    )?.counterexample;
    if (counterexample === undefined) return { held: false, found: `${fallen([verdict])}; ${size([verdict])}` };
    const tale = taleOf(scenarioNamed(HOLE), { name: 'tardis' }, 'REC-1', counterexample);
    return {
      held: true,
      found: `a trap after ${counterexample.steps.length} steps; ${size([verdict])}`,
      show: renderTale(tale),
    };
  },
};

/** The revised protocol in the same scenario. */
export const closedStep: Step = {
  name: 'revised protocol, both ends at once',
  expectation: 'every property holds',
  run: async (progress) => {
    const verdict = explored('godwit', HOLE, progress);
    return { held: holds(verdict), found: `${fallen([verdict])}; ${size([verdict])}` };
  },
};
