/** Informal Trace Format (Apalache ADR-015): a run for trace viewers and model-based test drivers. */
import type { Side } from '../../model/packet.ts';
import type { Action, State, System } from '../../model/system.ts';

type Json = string | boolean | { readonly [key: string]: Json } | readonly Json[];

/** Integers are written as `#bigint`; there is no null. */
const encode = (value: unknown): Json => {
  if (typeof value === 'number') return { '#bigint': String(value) };
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map(encode);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, encode(inner)]));
  return { '#unserializable': String(value) };
};

const sideOf = (system: System, side: Side, { sides }: State) => {
  const { machines } = system.side[side];
  const { coordinator, copies, image, ...counts } = sides[side];
  const copy = (local: number) => {
    const { value, context } = machines.copy(local);
    return { value, context };
  };
  const { value, context } = machines.coordinator(coordinator);
  return {
    coordinator: { value, context },
    copies: copies.flatMap((local, host) => (local === 0 ? [] : [{ host, ...copy(local) }])),
    image: image === 0 ? [] : [copy(image)],
    ...counts,
  };
};

const nameOf = (action: Action): string => {
  if (action.kind !== 'side') return `${action.kind} ${action.packet.packet.type}`;
  const { event } = action;
  if (event.kind === 'coordinator') return `coordinator ${event.type}`;
  return event.kind === 'copy' || event.kind === 'consumer' ? `${event.kind} ${event.event.type}` : event.kind;
};

/** @param loop index of the state to which the last one returns. */
export const itf = (
  system: System,
  run: readonly { readonly action: Action; readonly after: State }[],
  about: string,
  loop: number | undefined,
) => {
  const taken = [{ after: system.initial, action: undefined }, ...run];
  return {
    '#meta': {
      format: 'ITF',
      'format-description': 'https://apalache-mc.org/docs/adr/015adr-trace.html',
      description: about,
    },
    vars: ['A', 'B', 'network', 'mbt::actionTaken', 'mbt::nondetPicks'],
    states: taken.map(({ after, action }, index) => ({
      '#meta': { index },
      A: encode(sideOf(system, 'A', after)),
      B: encode(sideOf(system, 'B', after)),
      network: encode(after.network),
      'mbt::actionTaken': action ? nameOf(action) : 'init',
      'mbt::nondetPicks': encode(action ?? {}),
    })),
    ...(loop === undefined ? {} : { loop }),
  };
};
