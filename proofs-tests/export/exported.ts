/** A protocol and a scenario, explored to the end, ready to be written for another tool. */
import type { PropertyId } from '../../model/properties.ts';
import type { Protocol } from '../../model/protocol.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { Contract } from '../../model/service.ts';
import { Compiled } from '../checker/compiled.ts';
import { fallsWithoutMigration } from '../checker/control.ts';
import { explore } from '../checker/explore.ts';
import { nearestTrap } from '../checker/recovery.ts';
import { contractOf, firstUnserved } from '../checker/refinement.ts';
import { type Tables, tablesOf } from './tables.ts';

type OnProgress = (states: number) => void;

/** @throws RangeError when the states do not fit into memory. */
export const exported = (protocol: Protocol, scenario: Scenario, onProgress?: OnProgress): Tables => {
  const compiled = new Compiled(protocol, scenario);
  const found = explore(compiled, { keep: 'states', ...(onProgress && { onProgress }) });
  return tablesOf(compiled, scenario, found);
};

/** What is said of the graph beside its tables: the service of THM-1, and every property that falls in it but LIVE-1. */
export type Claim = { readonly contract: Contract; readonly falls: readonly PropertyId[] };

/** Verdicts are those of the graph alone: what falls without migration too is not left out. @throws RangeError as `exported` */
export const exportedWithClaim = (
  protocol: Protocol,
  scenario: Scenario,
  onProgress?: OnProgress,
): { readonly tables: Tables; readonly claim: Claim } => {
  const compiled = new Compiled(protocol, scenario);
  const found = explore(compiled, onProgress ? { onProgress } : {});
  const tables = tablesOf(compiled, scenario, found);
  const contract = contractOf(scenario, fallsWithoutMigration(scenario).has('SAFE-7'));
  const falls: readonly PropertyId[] = [
    ...found.falls.keys(),
    ...(nearestTrap(found) < 0 ? [] : (['REC-1'] as const)),
    ...(firstUnserved(compiled, found, contract) ? (['THM-1'] as const) : []),
  ];
  return { tables, claim: { contract, falls: falls.toSorted() } };
};
