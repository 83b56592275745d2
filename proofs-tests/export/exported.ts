/** A protocol and a scenario, explored to the end, ready to be written for another tool. */
import type { Protocol } from '../../model/protocol.ts';
import type { Scenario } from '../../model/scenario.ts';
import { Compiled } from '../checker/compiled.ts';
import { explore } from '../checker/explore.ts';
import { type Tables, tablesOf } from './tables.ts';

/** @throws RangeError when the states do not fit into memory. */
export const exported = (protocol: Protocol, scenario: Scenario, onProgress?: (states: number) => void): Tables => {
  const compiled = new Compiled(protocol, scenario);
  const found = explore(compiled, { keep: 'states', ...(onProgress && { onProgress }) });
  return tablesOf(compiled, scenario, found);
};
