import { isDeepStrictEqual } from 'node:util';
import { factsOf, judgePair, judgeStep, type Safety } from '../../model/properties.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { SideEvent } from '../../model/side-state.ts';
import type { Action, State, System } from '../../model/system.ts';

/** One step of a run, with the states around it. */
export type Happening = { readonly action: Action; readonly before: State; readonly after: State };

/** A step that the model does not allow where it stands. */
export class ImpossibleStep extends Error {
  override readonly name = 'ImpossibleStep';
  /** Counted from 1. */
  readonly step: number;
  readonly possible: readonly Action[];

  constructor(step: number, possible: readonly Action[]) {
    super(`step ${step} is not possible here`);
    this.step = step;
    this.possible = possible;
  }
}

/** Takes the steps one by one, by the model itself and not by any table. @throws ImpossibleStep */
export const follow = (system: System, actions: readonly Action[]): readonly Happening[] => {
  const run: Happening[] = [];
  let before = system.initial;
  for (const [k, wanted] of actions.entries()) {
    const possible = system.actions(before);
    const action = possible.find((each) => isDeepStrictEqual(each, wanted));
    const after = action && system.apply(before, action);
    if (!action || !after)
      throw new ImpossibleStep(
        k + 1,
        possible.filter((each) => system.apply(before, each)),
      );
    run.push({ action, before, after });
    before = after;
  }
  return run;
};

const asSideEvent = (action: Action): { side: 'A' | 'B'; event: SideEvent } | undefined => {
  if (action.kind === 'side') return action;
  if (action.kind !== 'arrive' && action.kind !== 'duplicate') return undefined;
  const { side, to, from, packet } = action.packet;
  return { side, event: { kind: 'copy', host: to, event: { ...packet, from } } };
};

/** Safety properties that a step breaks, or that the state it leads to breaks. */
export const judgeRun = (system: System, scenario: Scenario) => {
  const facts = { A: factsOf(system, scenario, 'A'), B: factsOf(system, scenario, 'B') };
  const ofState = ({ sides }: State): readonly Safety[] => {
    const [a, b] = [facts.A(sides.A), facts.B(sides.B)];
    return [...a.broken, ...b.broken, ...judgePair(a, b)];
  };
  const ofStep = ({ action, before }: Happening): readonly Safety[] => {
    const taken = asSideEvent(action);
    if (!taken) return [];
    const { side, event } = taken;
    const state = before.sides[side];
    const step =
      action.kind === 'side' ? system.stepSide(side, state, event) : system.arrival(side, state, action.packet);
    return step ? judgeStep(system, side, state, event, step) : [];
  };
  const broken = (happening: Happening): readonly Safety[] => [
    ...new Set([...ofStep(happening), ...ofState(happening.after)]),
  ];
  return { facts, broken };
};
