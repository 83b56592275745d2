import { allScenarios } from '../scenario/load.ts';
import { PROTOCOL_NAMES } from '../scenario/schema.ts';
import { type Checked, checkScenario } from './report.ts';

/** Every quick scenario under every protocol and reading. */
export const checkAll = function* (): Generator<Checked> {
  for (const scenario of allScenarios())
    if (!scenario.deep) for (const name of PROTOCOL_NAMES) yield* checkScenario(scenario, { name }, {});
};
