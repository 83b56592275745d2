import {
  type AnyStateMachine,
  and,
  assign,
  createMachine,
  type EventObject,
  enqueueActions,
  type MachineContext,
  not,
  or,
  raise,
  stateIn,
} from 'xstate';
import type { Edge, Guard, Part, Region } from './part.ts';

type GuardOf = ReturnType<typeof stateIn<MachineContext, EventObject, unknown>>;

const STATE_PATH = /^(\w+)\.([A-Z_]+)$/;

/** The name of a guard, or a state path, as XState takes it. */
const condition = (name: string): GuardOf => {
  if (name.startsWith('!')) return not(condition(name.slice(1))) as GuardOf;
  const [, region, state] = STATE_PATH.exec(name) ?? [];
  return region && state ? stateIn({ [region]: state }) : (and([name as never]) as GuardOf);
};

/** Says in the outputs of a step which edge was taken: region, state, event, place among its edges. */
export type Taken = { readonly edge: string; readonly rules: readonly string[] };

const edgesOf = (place: string, edges: readonly Edge[]) =>
  edges.map(({ target, when = [], do: actions = [], rule, keeps = [] }, k) => ({
    ...(target === undefined ? {} : { target }),
    ...(when.length === 0 ? {} : { guard: and(when.map(condition)) }),
    actions: [
      ...actions,
      { type: 'taken', params: { edge: `${place}.${k}`, rules: [rule, ...keeps] } satisfies Taken },
    ],
    meta: { rule },
  }));

const stateNode = (region: string, { initial, states }: Region) => ({
  initial,
  states: Object.fromEntries(
    Object.entries(states).map(([name, on]) => [
      name,
      {
        on: Object.fromEntries(
          Object.entries(on).map(([event, edges]) => [event, edgesOf(`${region}.${name}.${event}`, edges)]),
        ),
      },
    ]),
  ),
});

const named = <T, U>(records: readonly { readonly [name: string]: T }[], f: (value: T) => U) =>
  Object.fromEntries(records.flatMap((record) => Object.entries(record).map(([name, value]) => [name, f(value)])));

/**
 * Puts parts together as one parallel XState machine. Whatever the parts' sends return leaves as actions of type
 * `output`; `raise.NAME` on an edge raises the event NAME in the same step.
 */
export const machineOf = <Context extends object, Event extends EventObject, Output extends object>(
  id: string,
  parts: readonly Part<Context, Event, Output>[],
  context: Context,
  raises: readonly string[] = [],
): AnyStateMachine => {
  const regions = parts.flatMap((part) => Object.entries(part.regions));
  const guard = (definition: Guard<Context, Event>) => {
    if (typeof definition === 'function') return definition;
    return 'any' in definition ? or(definition.any.map(condition)) : and(definition.all.map(condition));
  };
  const update = (f: Part<Context, Event, Output>['updates'][string]) => assign(f as never);
  const send = (f: Part<Context, Event, Output>['sends'][string]) =>
    enqueueActions(({ context: before, event, enqueue }) => {
      for (const output of f({ context: before as never, event: event as never }))
        enqueue({ type: 'output', params: output });
    });
  const implementations = {
    guards: named(
      parts.map((part) => part.guards),
      guard,
    ),
    actions: {
      ...named(
        parts.map((part) => part.updates),
        update,
      ),
      ...named(
        parts.map((part) => part.sends),
        send,
      ),
      ...Object.fromEntries(raises.map((type) => [`raise.${type}`, raise({ type })])),
      output: () => {},
      taken: () => {},
    },
  };
  const config = {
    id,
    type: 'parallel' as const,
    context,
    states: Object.fromEntries(regions.map(([name, region]) => [name, stateNode(name, region)])),
  };
  return createMachine(config as never, implementations as never);
};
