import type { Protocol } from '../../model/protocol.ts';
import { type Coverage, CoverageOf, observe, observeSolo } from '../checker/coverage.ts';
import type { NamedScenario } from '../scenario/load.ts';
import { renderTable } from '../terminal/table.ts';

/** What the scenarios, and QPs by themselves, see of a protocol's machines. */
export const coverageOf = (protocol: Protocol, scenarios: readonly NamedScenario[], maxStates?: number): Coverage => {
  const coverage = new CoverageOf(protocol);
  coverage.add(observeSolo(protocol));
  for (const scenario of scenarios) coverage.add(observe(protocol, scenario, maxStates));
  return coverage.result();
};

/** States, edges and guard outcomes by region; below, the edges that nothing took, with the rules they carry. */
export const coverageTable = ({ regions, never }: Coverage): string => {
  const rows = Object.entries(regions).map(([region, { states, edges, guards }]) => [
    region,
    ...[states, edges, guards].map(({ hit, total }) => `${hit} of ${total}`),
  ]);
  const table = renderTable(['region', 'states', 'edges', 'guards, both ways'], rows);
  const list = never.map(({ edge, rules }) => `  ${edge} (${rules.join(', ')})`);
  return list.length === 0 ? table : `${table}\n\nedges never taken:\n${list.join('\n')}`;
};
