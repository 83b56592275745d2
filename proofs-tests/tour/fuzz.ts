import { fuzzFor } from '../campaigns/fuzz.ts';
import type { Step } from './step.ts';

const SECONDS = 10;
const SEED = 1;
/** Fewer than any machine manages: a floor, so that an empty campaign does not count. */
const MIGRATIONS = 20;

/** Migrations at random in the simulated world, as `godwit fuzz` runs them. */
export const fuzzStep: Step = {
  name: `${SECONDS} seconds of migrations at random`,
  expectation: 'no violation, every step the model has',
  run: async (progress) => {
    const { runs, migrations, lost, steps, violations, coverage } = await fuzzFor(SECONDS, SEED, (tally) =>
      progress.update(`${tally.migrations} migrations`),
    );
    const figures = `${runs} runs, ${migrations} migrations, ${lost} packets lost, ${steps} steps compared, ${coverage.edges.hit} edges of the model`;
    return {
      held: violations.length === 0 && migrations >= MIGRATIONS && steps > 0,
      found: figures,
      ...(violations.length === 0
        ? {}
        : { show: violations.map(({ property, says }) => `${property}: ${says}`).join('\n') }),
    };
  },
};
