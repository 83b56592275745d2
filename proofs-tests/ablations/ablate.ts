/** What each ingredient of the revised protocol is for: leave it out and see which property falls, where, and how soon. */
import type { Ingredient } from '../../model/migration/godwit.ts';
import { type PropertyId, SAFETY } from '../../model/properties.ts';
import { check } from '../checker/check.ts';
import type { NamedScenario } from '../scenario/load.ts';

/** A property that falls without some ingredients, in the scenario that shows it in the fewest steps. */
export type Ablation = {
  readonly without: readonly Ingredient[];
  readonly property: PropertyId;
  readonly scenario: string;
  readonly steps: number;
};

/** LIVE-1 and THM-1 fall with what they rest on; the table names the cause. */
const CAUSES: readonly PropertyId[] = [...SAFETY, 'REC-1'];

const MAX_STATES = 1_000_000;

/** What falls in one scenario without these ingredients. */
export const fallsWithout = (without: readonly Ingredient[], scenario: NamedScenario): readonly Ablation[] => {
  const { properties } = check({ name: 'godwit', without }, scenario, { maxStates: MAX_STATES });
  return properties.flatMap(({ id, holds, counterexample }) =>
    holds === false && counterexample && CAUSES.includes(id)
      ? [{ without, property: id, scenario: scenario.name, steps: counterexample.steps.length }]
      : [],
  );
};

/** What falls without these ingredients together and without any one of them does not. */
const fallsTogether = (without: readonly Ingredient[], scenario: NamedScenario): readonly Ablation[] => {
  const together = fallsWithout(without, scenario);
  if (without.length === 1 || together.length === 0) return together;
  const alone = new Set(without.flatMap((each) => fallsWithout([each], scenario)).map(({ property }) => property));
  return together.filter(({ property }) => !alone.has(property));
};

/** For each property that falls anywhere, the scenario with the fewest steps; in order of the properties. */
export const ablate = (without: readonly Ingredient[], scenarios: readonly NamedScenario[]): readonly Ablation[] => {
  const best = new Map<PropertyId, Ablation>();
  for (const found of scenarios.flatMap((scenario) => fallsTogether(without, scenario))) {
    const known = best.get(found.property);
    if (!known || found.steps < known.steps) best.set(found.property, found);
  }
  return CAUSES.flatMap((property) => best.get(property) ?? []);
};
