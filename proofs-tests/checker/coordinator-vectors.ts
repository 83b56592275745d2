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

const START: CoordinatorContext = { route: [0, 2, 3], hop: 0, epoch: 4, elsewhere: 'none' };
const SEEN = { sourceAlive: true, answered: true, targetAlive: true, dumped: true, later: false, peerCapable: true };

const unstop: Command = { on: 'source', event: { type: 'unstop', epoch: 5 } };
const destroy: Command = { on: 'target', event: { type: 'destroy', epoch: 4 } };
const restore: Command = { on: 'target', image: 'restore' };
const aborted = { move: 'IDLE', context: { epoch: 5, route: [0] } } as const;
const noSource = { sourceAlive: false };
const noTarget = { targetAlive: false };

const LATER = { later: true } as const;

const aborting = (move: Move, orders: readonly Command[]): readonly CoordinatorVector[] => [
  {
    rule: 'MIG-34',
    says: `an abort in ${move} starts the source again`,
    move,
    event: 'abort',
    changes: aborted,
    orders,
  },
  { rule: 'MIG-34', says: `not where the source is gone, in ${move}`, move, event: 'abort', sees: noSource },
  {
    rule: 'MIG-34',
    says: `the decision stands before the source has heard of it, in ${move}`,
    move,
    event: 'abort',
    sees: LATER,
    changes: { ...aborted, move: 'DECIDED' },
    orders: orders.filter((order) => order !== unstop),
  },
  {
    rule: 'MIG-34',
    says: `nor is it made where the source is gone, in ${move}`,
    move,
    event: 'abort',
    sees: { ...LATER, ...noSource },
  },
  { rule: 'MIG-35', says: `a coordinator may crash in ${move}`, move, event: 'crash', changes: { move: 'CRASHED' } },
];

export const COORDINATOR_VECTORS: readonly CoordinatorVector[] = [
  {
    rule: 'MIG-30',
    says: 'a migration begins with stop',
    move: 'IDLE',
    event: 'stop',
    changes: { move: 'STOPPED' },
    orders: [{ on: 'source', event: { type: 'stop', epoch: 4 } }],
  },
  { rule: 'MIG-30', says: 'not towards a stock endpoint', move: 'IDLE', event: 'stop', sees: { peerCapable: false } },
  { rule: 'MIG-30', says: 'not without a target', move: 'IDLE', context: { hop: 2 }, event: 'stop' },
  {
    rule: 'MIG-46',
    says: 'an end that is lost is declared dead',
    move: 'IDLE',
    event: 'declareDead',
    sees: noSource,
    changes: { move: 'DEAD' },
  },
  { rule: 'MIG-46', says: 'one that lives is not', move: 'IDLE', event: 'declareDead' },
  {
    rule: 'MIG-31',
    says: 'what is STOPPED is dumped',
    move: 'STOPPED',
    event: 'dump',
    changes: { move: 'DUMPED' },
    orders: [{ on: 'source', image: 'dump' }],
  },
  {
    rule: 'MIG-32',
    says: 'what is dumped is restored',
    move: 'DUMPED',
    event: 'restore',
    changes: { move: 'RESTORED' },
    orders: [restore],
  },
  {
    rule: 'MIG-33',
    says: 'a commit starts the next epoch at the target',
    move: 'RESTORED',
    event: 'commit',
    changes: { move: 'IDLE', context: { epoch: 5, hop: 1 } },
    orders: [{ on: 'target', event: { type: 'activate', epoch: 5 } }],
  },
  { rule: 'MIG-33', says: 'not at a target that is gone', move: 'RESTORED', event: 'commit', sees: noTarget },
  {
    rule: 'MIG-33',
    says: 'the decision stands before the target has heard of it',
    move: 'RESTORED',
    event: 'commit',
    sees: LATER,
    changes: { move: 'DECIDED', context: { epoch: 5, hop: 1 } },
  },
  {
    rule: 'MIG-33',
    says: 'nor is it made for a target that is gone',
    move: 'RESTORED',
    event: 'commit',
    sees: { ...LATER, ...noTarget },
  },
  {
    rule: 'MIG-33',
    says: 'who hears of the decision starts',
    move: 'DECIDED',
    event: 'start',
    changes: { move: 'IDLE' },
    orders: [{ on: 'source', event: { type: 'activate', epoch: 4 } }],
  },
  { rule: 'MIG-46', says: 'who is gone hears of nothing', move: 'DECIDED', event: 'start', sees: noSource },
  {
    rule: 'MIG-46',
    says: 'and is lost',
    move: 'DECIDED',
    event: 'declareDead',
    sees: noSource,
    changes: { move: 'DEAD' },
  },
  { rule: 'MIG-46', says: 'who lives is not', move: 'DECIDED', event: 'declareDead' },
  ...aborting('STOPPED', [unstop]),
  ...aborting('DUMPED', [unstop]),
  ...aborting('RESTORED', [destroy, unstop]),
  {
    rule: 'MIG-35',
    says: 'source and target gone, the image is restored again',
    move: 'RESTORED',
    event: 'restore',
    sees: { ...noSource, ...noTarget },
    orders: [restore],
  },
  { rule: 'MIG-35', says: 'not while the source lives', move: 'RESTORED', event: 'restore', sees: noTarget },
  { rule: 'MIG-35', says: 'not while the target lives', move: 'RESTORED', event: 'restore', sees: noSource },
  {
    rule: 'MIG-33',
    says: 'the target decides while the coordinator is away',
    move: 'CRASHED',
    event: 'commit',
    changes: { move: 'IDLE', context: { epoch: 5, hop: 1 } },
    orders: [{ on: 'target', event: { type: 'activate', epoch: 5 } }],
  },
  {
    rule: 'MIG-33',
    says: 'that decision too may stand before it has heard of it',
    move: 'CRASHED',
    event: 'commit',
    sees: LATER,
    changes: { move: 'DECIDED', context: { epoch: 5, hop: 1 } },
  },
  ...[noTarget, { ...LATER, ...noTarget }].map(
    (sees) =>
      ({
        rule: 'MIG-33',
        says: 'a target that is gone decides nothing',
        move: 'CRASHED',
        event: 'commit',
        sees,
      }) as const,
  ),
  {
    rule: 'MIG-35',
    says: 'who returns after a crash aborts',
    move: 'CRASHED',
    event: 'return',
    changes: aborted,
    orders: [destroy, unstop],
  },
  {
    rule: 'MIG-35',
    says: 'its decision stands before the source has heard of it',
    move: 'CRASHED',
    event: 'return',
    sees: LATER,
    changes: { ...aborted, move: 'DECIDED' },
    orders: [destroy],
  },
  {
    rule: 'MIG-35',
    says: 'without a source it restores again, later or not',
    move: 'CRASHED',
    event: 'return',
    sees: { ...LATER, ...noSource },
    changes: { move: 'DUMPED' },
    orders: [destroy],
  },
  {
    rule: 'MIG-35',
    says: 'or restores again when the source is gone',
    move: 'CRASHED',
    event: 'return',
    sees: noSource,
    changes: { move: 'DUMPED' },
    orders: [destroy],
  },
  {
    rule: 'MIG-35',
    says: 'which takes an image',
    move: 'CRASHED',
    event: 'return',
    sees: { ...noSource, dumped: false },
  },
  {
    rule: 'MIG-51',
    says: 'an application may go on after a decision, whether or not its resumes were answered',
    move: 'IDLE',
    context: { elsewhere: 'nothing' },
    event: 'goOn',
    sees: { answered: false },
    changes: { context: { elsewhere: 'work' } },
  },
  {
    rule: 'MIG-51',
    says: 'to go on is one step',
    move: 'IDLE',
    context: { elsewhere: 'work' },
    event: 'goOn',
  },
  {
    rule: 'MIG-51',
    says: 'where its copy is gone no application goes on',
    move: 'IDLE',
    context: { elsewhere: 'nothing' },
    event: 'goOn',
    sees: noSource,
  },
  {
    rule: 'MIG-51',
    says: 'before the first decision nothing goes on, for nothing was stopped',
    move: 'IDLE',
    context: { elsewhere: 'nothing', epoch: 0 },
    event: 'goOn',
  },
  {
    rule: 'MIG-50',
    says: 'what is restored waits for the decision',
    move: 'RESTORED',
    context: { elsewhere: 'nothing' },
    event: 'goOn',
  },
  {
    rule: 'MIG-30',
    says: 'a stop stops the application on all its connections',
    move: 'IDLE',
    context: { elsewhere: 'work' },
    event: 'stop',
    changes: { move: 'STOPPED', context: { elsewhere: 'nothing' } },
    orders: [{ on: 'source', event: { type: 'stop', epoch: 4 } }],
  },
];

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
