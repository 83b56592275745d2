/** Whether it matters in which order the regions of a QP act on one event. */
import { isDeepStrictEqual } from 'node:util';
import { type AnyStateMachine, transition } from 'xstate';
import type { QpEvent } from '../../model/context.ts';
import type { Side } from '../../model/packet.ts';
import type { Copy } from '../../model/protocol.ts';
import { SIDES } from '../../model/system.ts';
import type { Compiled } from './compiled.ts';

/** A step that comes out otherwise where the regions act in this order. */
export type OrderMatters = { readonly copy: Copy; readonly event: QpEvent; readonly order: readonly string[] };

export type Orders = {
  /** Pairs of a state and an event on which at least two regions act, and the sets of regions that do. */
  readonly pairs: number;
  readonly together: ReadonlySet<string>;
  readonly matters: readonly OrderMatters[];
};

const permutations = <T>(list: readonly T[]): readonly (readonly T[])[] =>
  list.length === 0
    ? [[]]
    : list.flatMap((first, k) => permutations(list.toSpliced(k, 1)).map((rest) => [first, ...rest]));

type Step = { readonly value: object; readonly context: object; readonly out: readonly unknown[] };
type Acted = Step & { readonly regions: readonly string[] };

/** XState goes through the regions in the order in which the state value names them. */
const stepIn = (
  machine: AnyStateMachine,
  { value, context }: Copy,
  event: QpEvent,
  order: readonly string[],
): Acted => {
  const named: { readonly [region: string]: string } = value;
  const keys = [...order, ...Object.keys(named).filter((region) => !order.includes(region))];
  const ordered = Object.fromEntries(keys.map((region) => [region, named[region]]));
  const [after, actions] = transition(machine, machine.resolveState({ value: ordered, context } as never), event);
  const of = (type: string) =>
    actions.flatMap((action: { type: string; params?: unknown }) => (action.type === type ? [action.params] : []));
  const edges = of('taken').map((taken) => String(Reflect.get(taken as object, 'edge')));
  return {
    value: after.value as object,
    context: after.context as object,
    out: of('output'),
    regions: [...new Set(edges.map((edge) => edge.split('.')[0] ?? ''))],
  };
};

const plain = ({ value, context, out }: Step): Step => ({ value, context, out });

/** Orders in which a step comes out otherwise than in the first; undefined where fewer than two regions act. */
export const ordersThatMatter = (
  machine: AnyStateMachine,
  copy: Copy,
  event: QpEvent,
): { readonly regions: readonly string[]; readonly matter: readonly (readonly string[])[] } | undefined => {
  const first = stepIn(machine, copy, event, []);
  if (first.regions.length < 2) return undefined;
  const orders = permutations(first.regions);
  const differs = (order: readonly string[]) =>
    !isDeepStrictEqual(plain(stepIn(machine, copy, event, order)), plain(first));
  return { regions: first.regions, matter: orders.filter(differs) };
};

const COMMANDS: readonly QpEvent[] = [
  { type: 'stop' },
  { type: 'resume' },
  { type: 'destroy' },
  { type: 'retire' },
  { type: 'entomb', forwardTo: 2 },
  { type: 'activate', epoch: 1 },
  { type: 'unstop', epoch: 1 },
];

/** Every packet that was for a side, every local event that changed a copy of it, every command of a checkpointer. */
const eventsOf = (compiled: Compiled, side: Side): readonly QpEvent[] => {
  const table = compiled[side];
  const told = new Map<string, QpEvent>();
  const add = (event: QpEvent) => told.set(JSON.stringify(event), event);
  for (const { side: to, packet, from } of compiled.network.packets.values) if (to === side) add({ ...packet, from });
  for (let id = 0; id < table.size; id += 1)
    for (let record = 0; record < table.records; record += 1) {
      const steps = table.knownSteps(id, record)?.length ?? 0;
      for (let k = 0; k < steps; k += 1) {
        const event = table.event(id, record, k);
        if (event?.kind === 'copy' || event?.kind === 'consumer') add(event.event);
      }
    }
  return [...told.values(), ...COMMANDS];
};

/** Tells every copy that an exploration has met every event that it has met, in every order of the regions that act. */
export const regionOrders = (compiled: Compiled): Orders => {
  const matters: OrderMatters[] = [];
  const together = new Set<string>();
  let pairs = 0;
  for (const side of SIDES) {
    const { copies } = compiled.machines[side];
    const events = eventsOf(compiled, side);
    for (let local = 1; local <= copies.size; local += 1)
      for (const event of events) {
        const copy = copies.state(local);
        const found = ordersThatMatter(copies.machine, copy, event);
        if (!found) continue;
        pairs += 1;
        together.add(`${event.type}: ${found.regions.toSorted().join(', ')}`);
        matters.push(...found.matter.map((order) => ({ copy, event, order })));
      }
  }
  return { pairs, together, matters };
};
