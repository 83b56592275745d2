import type { EventObject } from 'xstate';
import type { Bounds } from '../../model/bounds.ts';
import type { Args, Edge, Part } from '../../model/part.ts';
import type { Protocol } from '../../model/protocol.ts';
import { mapEdges } from '../checker/probes.ts';
import type { Change, Mutation } from './mutation.ts';

type AnyPart<Context, Event extends EventObject, Output> = Part<Context, Event, Output>;

const without = <T>(list: readonly T[], place: number): readonly T[] => list.filter((_, k) => k !== place);
const negated = (guard: string): string => (guard.startsWith('!') ? guard.slice(1) : `!${guard}`);

/** Name of an action with its results changed. */
const bent = (action: string): string => `${action} off by one`;

/** The edge as the change leaves it; none where it is dropped. */
const changed = (edge: Edge, change: Change): readonly Edge[] => {
  const { when = [], do: actions = [] } = edge;
  switch (change.kind) {
    case 'drop edge':
      return [];
    case 'retarget':
      return [{ ...edge, target: change.target }];
    case 'drop guard':
      return [{ ...edge, when: without(when, change.place) }];
    case 'negate guard':
      return [{ ...edge, when: when.map((guard, k) => (k === change.place ? negated(guard) : guard)) }];
    case 'drop action':
      return [{ ...edge, do: without(actions, change.place) }];
    case 'swap actions': {
      const [first, second] = actions.slice(change.place, change.place + 2);
      if (first === undefined || second === undefined) throw new RangeError(`no two actions at ${change.place}`);
      return [{ ...edge, do: actions.toSpliced(change.place, 2, second, first) }];
    }
    case 'off by one':
      return [{ ...edge, do: actions.map((action, k) => (k === change.place ? bent(action) : action)) }];
    default:
      return change satisfies never;
  }
};

type Offset = Extract<Change, { kind: 'off by one' }>;

/** The value with its field changed, wherever in it the field is; PSNs on the wire wrap. */
const shifted = (value: unknown, { field, by }: Offset, modulus: number): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, inner]: [string, unknown]) => {
    if (name === field && typeof inner === 'number')
      return [name, name === 'psn' ? (inner + by + modulus) % modulus : inner + by];
    return [
      name,
      name === 'packet' || name === 'event'
        ? shifted(inner, { kind: 'off by one', place: 0, field, by }, modulus)
        : inner,
    ];
  });
  return Object.fromEntries(entries);
};

const mutatedParts = <Context, Event extends EventObject, Output>(
  parts: readonly AnyPart<Context, Event, Output>[],
  { edge: wanted, change }: Mutation,
  modulus: number,
): readonly AnyPart<Context, Event, Output>[] => {
  let action: string | undefined;
  const moved = parts.map((part) => ({
    ...part,
    regions: mapEdges(part.regions, (name, edge) => {
      if (name !== wanted) return [edge];
      if (change.kind === 'off by one') action = edge.do?.[change.place];
      return changed(edge, change);
    }),
  }));
  if (change.kind !== 'off by one' || action === undefined) return moved;
  const name = action;
  return moved.map((part) => {
    const [update, send] = [part.updates[name], part.sends[name]];
    const updates = update && {
      [bent(name)]: (args: Args<Context, Event>) => shifted(update(args), change, modulus) as Partial<Context>,
    };
    const sends = send && {
      [bent(name)]: (args: Args<Context, Event>) => send(args).map((out) => shifted(out, change, modulus) as Output),
    };
    return { ...part, updates: { ...part.updates, ...updates }, sends: { ...part.sends, ...sends } };
  });
};

/** The protocol with one edge changed, in the QP machine or in the coordinator. */
export const mutant = (protocol: Protocol, mutation: Mutation): Protocol => ({
  ...protocol,
  coordinator: mutatedParts([protocol.coordinator], mutation, Number.MAX_SAFE_INTEGER)[0] ?? protocol.coordinator,
  rewrite: (parts, bounds: Bounds) =>
    mutatedParts(protocol.rewrite?.(parts, bounds) ?? parts, mutation, bounds.psnModulus),
});
