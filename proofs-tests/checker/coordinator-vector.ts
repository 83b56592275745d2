import { isDeepStrictEqual } from 'node:util';
import { transition } from 'xstate';
import {
  type Command,
  type CoordinatorContext,
  type CoordinatorEvent,
  type CoordinatorValue,
  coordinatorMachine,
} from '../../model/coordinator.ts';
import type { Protocol } from '../../model/protocol.ts';
import { absent } from './vector.ts';

type Move = CoordinatorValue['move'];

/** One sentence of chapter 50 as a step of one coordinator: at hop 0 of three hosts, epoch 4, all it can see alive. */
export type CoordinatorVector = {
  readonly rule: string;
  readonly says: string;
  readonly move: Move;
  readonly context?: Partial<CoordinatorContext>;
  readonly event: CoordinatorEvent['type'];
  readonly sees?: Partial<Omit<CoordinatorEvent, 'type'>>;
  /** Everything that is different afterwards. */
  readonly changes?: { readonly move?: Move; readonly context?: Partial<CoordinatorContext> };
  readonly orders?: readonly Command[];
};

const START: CoordinatorContext = { route: [0, 2, 3], hop: 0, epoch: 4, since: [4], elsewhere: 'none' };
const SEEN = { sourceAlive: true, answered: true, targetAlive: true, dumped: true, later: false, peerCapable: true };

export const unstop: Command = { on: 'source', event: { type: 'unstop', epoch: 5 } };
export const destroy: Command = { on: 'target', event: { type: 'destroy', epoch: 4 } };
export const restore: Command = { on: 'target', image: 'restore' };
export const aborted = { move: 'IDLE', context: { epoch: 5, route: [0, 3] } } as const;
export const noSource = { sourceAlive: false };
export const noTarget = { targetAlive: false };

export const LATER = { later: true } as const;

/** Tells vectors from what a protocol's coordinator does; undefined where all is as it says. */
export const coordinatorVectorsOf = (protocol: Protocol) => {
  const machine = coordinatorMachine(protocol.coordinator, START);
  return ({ move, context, event, sees, changes = {}, orders = [] }: CoordinatorVector): string | undefined => {
    const before: CoordinatorContext = { ...START, ...context };
    const missing = absent(machine, { move });
    if (missing !== undefined) return missing;
    const from = machine.resolveState({ value: { move } as never, context: before });
    const [after, actions] = transition(machine, from, { type: event, ...SEEN, ...sees });
    const given = actions.flatMap(({ type, params }: { type: string; params?: unknown }) =>
      type === 'output' ? [params] : [],
    );
    const found = { move: after.value.move, context: after.context, orders: given };
    const due = { move: changes.move ?? move, context: { ...before, ...changes.context }, orders };
    return isDeepStrictEqual(found, due) ? undefined : JSON.stringify(found);
  };
};
