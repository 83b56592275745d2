/** A run of the model that chance chose. */
import type { Action, System } from '../../model/system.ts';
import type { Happening } from '../checker/run.ts';

/** @param chance integers below its argument. Ends early where nothing more can happen. */
export const randomRun = (system: System, steps: number, chance: (below: number) => number): readonly Happening[] => {
  const run: Happening[] = [];
  let before = system.initial;
  for (let k = 0; k < steps; k += 1) {
    const possible = system.actions(before).flatMap((action: Action) => {
      const after = system.apply(before, action);
      return after ? [{ action, before, after }] : [];
    });
    const taken = possible[chance(Math.max(1, possible.length))];
    if (!taken) break;
    run.push(taken);
    before = taken.after;
  }
  return run;
};
