import type { PropertyId } from '../../model/properties.ts';
import type { Service } from '../../model/service.ts';
import type { NamedScenario } from '../scenario/load.ts';
import { Compiled, SETTLED } from './compiled.ts';
import { fallsWithoutMigration } from './control.ts';
import { futureOf } from './future.ts';
import { type ProtocolChoice, protocolOf } from './named-protocol.ts';
import { contractOf, endOf, reaches } from './refinement.ts';
import { follow, type Happening, judgeRun } from './run.ts';

/** A property that a run violates, and after how many steps. */
export type Violation = { readonly property: PropertyId; readonly step: number };

export type Replayed = {
  readonly compiled: Compiled;
  readonly run: readonly Happening[];
  readonly violations: readonly Violation[];
};

const safetyIn = (compiled: Compiled, scenario: NamedScenario, run: readonly Happening[]): readonly Violation[] => {
  const { broken } = judgeRun(compiled.system, scenario);
  const control = fallsWithoutMigration(scenario);
  const first = new Map<PropertyId, number>();
  for (const [k, happening] of run.entries())
    for (const property of broken(happening))
      if (!first.has(property) && !control.has(property)) first.set(property, k + 1);
  return [...first].map(([property, step]) => ({ property, step }));
};

/** THM-1 of this run: the first step that is none, one or several of the service. */
const unservedIn = (compiled: Compiled, scenario: NamedScenario, run: readonly Happening[]): readonly Violation[] => {
  const control = fallsWithoutMigration(scenario);
  if (control.has('THM-1')) return [];
  const contract = contractOf(scenario, control.has('SAFE-7'));
  const { facts } = judgeRun(compiled.system, scenario);
  const seen = ({ sides }: Happening['after']): Service | undefined => {
    const [A, B] = [endOf(facts.A(sides.A)), endOf(facts.B(sides.B))];
    return A && B && { A, B };
  };
  let before = seen(compiled.system.initial);
  for (const [k, { after }] of run.entries()) {
    const now = seen(after);
    if (before === undefined) return [];
    if (now === undefined || !reaches(contract, before, now)) return [{ property: 'THM-1', step: k + 1 }];
    before = now;
  }
  return [];
};

/** The first state of the run from which nothing recovers: every later one does not either. */
const trapIn = (compiled: Compiled, run: readonly Happening[]): readonly Violation[] => {
  const lost = (step: number): boolean => {
    const future = futureOf(compiled, run[step - 1]?.after ?? compiled.system.initial);
    return future.complete && !future.recovers;
  };
  if (!lost(run.length)) return [];
  let [low, high] = [0, run.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (lost(middle)) high = middle;
    else low = middle + 1;
  }
  return [{ property: 'REC-1', step: low }];
};

/** A run whose rest repeats, without a settled state in it. That the loop is fair is the explorer's word. */
const lassoIn = (compiled: Compiled, run: readonly Happening[], loop: number | undefined): readonly Violation[] => {
  const end = run.at(-1);
  if (loop === undefined || loop >= run.length || !end) return [];
  const numbers = (state: Happening['after']) => compiled.intern(state).join();
  const entry = run[loop]?.before;
  if (!entry || numbers(entry) !== numbers(end.after)) return [];
  const settled = run.slice(loop).some(({ before }) => {
    const [a, b] = compiled.intern(before);
    return (compiled.verdict(a, b) & SETTLED) !== 0;
  });
  return settled ? [] : [{ property: 'LIVE-1', step: loop }];
};

/**
 * Takes the steps of a scenario file through the model, one by one, and judges the run by itself: what it breaks, not what
 * it was recorded to break.
 * @throws ImpossibleStep
 */
export const replay = (scenario: NamedScenario, choice: ProtocolChoice): Replayed => {
  const compiled = new Compiled(protocolOf(choice), scenario);
  const run = follow(compiled.system, scenario.steps ?? []);
  const trap = trapIn(compiled, run);
  const lasso = trap.length > 0 ? [] : lassoIn(compiled, run, scenario.loop);
  return {
    compiled,
    run,
    violations: [...safetyIn(compiled, scenario, run), ...unservedIn(compiled, scenario, run), ...trap, ...lasso],
  };
};
