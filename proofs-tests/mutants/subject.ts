import type { Protocol } from '../../model/protocol.ts';
import { declaredEdges } from '../checker/coverage.ts';
import { partsOf } from '../checker/machines.ts';
import { protocolOf } from '../checker/named-protocol.ts';
import { BOUNDS } from '../checker/verbs-matrix.ts';
import type { ProtocolName } from '../scenario/schema.ts';
import type { Baseline } from './baseline.ts';
import { type Mutation, mutationsOf } from './mutation.ts';

export const subjectNamed = (name: ProtocolName): Protocol => protocolOf({ name });

const statesOf = (protocol: Protocol): ReadonlyMap<string, readonly string[]> =>
  new Map(
    [...partsOf(protocol, BOUNDS, [], true), protocol.coordinator].flatMap(({ regions }) =>
      Object.entries(regions).map(([name, { states }]) => [name, Object.keys(states)] as const),
    ),
  );

/** Every mutation of a protocol's machines; what can be off by one, its baselines have seen. */
export const mutationsOn = (protocol: Protocol, baselines: readonly Baseline[]): readonly Mutation[] => {
  const fields = new Map<string, Set<string>>();
  for (const baseline of baselines)
    for (const [action, names] of Object.entries(baseline.fields))
      fields.set(action, new Set([...(fields.get(action) ?? []), ...names]));
  return mutationsOf(declaredEdges(protocol), { fields, states: statesOf(protocol) });
};
