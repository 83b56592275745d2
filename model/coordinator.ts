import type { AnyStateMachine } from 'xstate';
import type { QpEvent, Whereabouts } from './context.ts';
import { machineOf } from './machine.ts';
import type { Host } from './packet.ts';
import type { Part, Region } from './part.ts';

/** Runs the migrations of one side: which hop of its route it is at, and the newest incarnation it decided. */
export type CoordinatorContext = { readonly route: readonly Host[]; readonly hop: number; readonly epoch: number };

/** A step, with what the coordinator can see of its hosts when it takes it. */
export type CoordinatorEvent = {
  readonly type: 'stop' | 'dump' | 'restore' | 'resume' | 'commit' | 'abort' | 'crash' | 'return' | 'declareDead';
  readonly sourceAlive: boolean;
  readonly targetAlive: boolean;
  readonly dumped: boolean;
  readonly peerCapable: boolean;
};

/** What a step makes the hosts do. */
export type Command =
  | { readonly on: 'source' | 'target'; readonly event: QpEvent }
  | { readonly on: 'source'; readonly image: 'dump' }
  | { readonly on: 'target'; readonly image: 'restore' };

export type CoordinatorPart = Part<CoordinatorContext, CoordinatorEvent, Command>;

export type CoordinatorValue = {
  readonly move: 'IDLE' | 'STOPPED' | 'DUMPED' | 'RESTORED' | 'ABORTED' | 'CRASHED' | 'DEAD';
};

const guards: CoordinatorPart['guards'] = {
  'hop.left': ({ context }) => context.hop + 1 < context.route.length,
  'source.alive': ({ event }) => event.sourceAlive,
  'target.alive': ({ event }) => event.targetAlive,
  'image.kept': ({ event }) => event.dumped,
  'peer.capable': ({ event }) => event.peerCapable,
};
const updates: CoordinatorPart['updates'] = {
  arrive: ({ context }) => ({ hop: context.hop + 1 }),
  decide: ({ context }) => ({ epoch: context.epoch + 1 }),
  giveUp: ({ context }) => ({ route: context.route.slice(0, context.hop + 1) }),
};
const order = (on: 'source' | 'target', event: QpEvent) => () => [{ on, event }];
const sends: CoordinatorPart['sends'] = {
  'source.stop': order('source', { type: 'stop' }),
  'target.resume': order('target', { type: 'resume' }),
  'target.destroy': ({ event }) => (event.targetAlive ? [{ on: 'target', event: { type: 'destroy' } }] : []),
  'target.activate': ({ context }) => [{ on: 'target', event: { type: 'activate', epoch: context.epoch } }],
  'source.unstop': ({ context }) => [{ on: 'source', event: { type: 'unstop', epoch: context.epoch } }],
  'image.dump': () => [{ on: 'source', image: 'dump' }],
  'image.restore': () => [{ on: 'target', image: 'restore' }],
};

const coordinator = (move: Region): CoordinatorPart => ({ regions: { move }, guards, updates, sends });

/** Stop, dump, restore, resume; who fails on the way leaves things as they are (H14). */
export const publishedCoordinator = coordinator({
  initial: 'IDLE',
  states: {
    IDLE: { stop: [{ target: 'STOPPED', when: ['hop.left'], do: ['source.stop'], rule: 'MIG-1' }] },
    STOPPED: {
      dump: [{ target: 'DUMPED', do: ['image.dump'], rule: 'MIG-10' }],
      abort: [{ target: 'ABORTED', rule: 'MIG-13' }],
      crash: [{ target: 'ABORTED', rule: 'MIG-13' }],
    },
    DUMPED: {
      restore: [{ target: 'RESTORED', do: ['image.restore'], rule: 'MIG-11' }],
      abort: [{ target: 'ABORTED', rule: 'MIG-13' }],
      crash: [{ target: 'ABORTED', rule: 'MIG-13' }],
    },
    RESTORED: {
      resume: [{ target: 'IDLE', when: ['target.alive'], do: ['target.resume', 'arrive'], rule: 'MIG-14' }],
      abort: [{ target: 'ABORTED', rule: 'MIG-13' }],
      crash: [{ target: 'ABORTED', rule: 'MIG-13' }],
    },
    ABORTED: {},
  },
});

/** One durable decision, commit or abort; whichever wins starts the next incarnation, so that two never run. */
export const decidingCoordinator = coordinator({
  initial: 'IDLE',
  states: {
    IDLE: {
      stop: [{ target: 'STOPPED', when: ['hop.left', 'peer.capable'], do: ['source.stop'], rule: 'MIG-30' }],
      declareDead: [{ target: 'DEAD', when: ['!source.alive'], rule: 'MIG-46' }],
    },
    STOPPED: {
      dump: [{ target: 'DUMPED', do: ['image.dump'], rule: 'MIG-31' }],
      abort: [{ target: 'IDLE', when: ['source.alive'], do: ['decide', 'source.unstop', 'giveUp'], rule: 'MIG-34' }],
      crash: [{ target: 'CRASHED', rule: 'MIG-35' }],
    },
    DUMPED: {
      restore: [{ target: 'RESTORED', do: ['image.restore'], rule: 'MIG-32' }],
      abort: [{ target: 'IDLE', when: ['source.alive'], do: ['decide', 'source.unstop', 'giveUp'], rule: 'MIG-34' }],
      crash: [{ target: 'CRASHED', rule: 'MIG-35' }],
    },
    RESTORED: {
      commit: [{ target: 'IDLE', when: ['target.alive'], do: ['decide', 'target.activate', 'arrive'], rule: 'MIG-33' }],
      abort: [
        {
          target: 'IDLE',
          when: ['source.alive'],
          do: ['decide', 'target.destroy', 'source.unstop', 'giveUp'],
          rule: 'MIG-34',
        },
      ],
      crash: [{ target: 'CRASHED', rule: 'MIG-35' }],
      declareDead: [{ target: 'DEAD', when: ['!source.alive', '!target.alive'], rule: 'MIG-46' }],
    },
    CRASHED: {
      return: [
        {
          target: 'IDLE',
          when: ['source.alive'],
          do: ['decide', 'target.destroy', 'source.unstop', 'giveUp'],
          rule: 'MIG-35',
        },
        { target: 'DUMPED', when: ['image.kept'], do: ['target.destroy'], rule: 'MIG-35' },
      ],
    },
    DEAD: {},
  },
});

export const coordinatorMachine = (part: CoordinatorPart, route: readonly Host[]): AnyStateMachine =>
  machineOf<CoordinatorContext, CoordinatorEvent, Command>('coordinator', [part], { route, hop: 0, epoch: 0 });

/** What the durable record says: read by peers that would otherwise give up. */
export const whereabouts = (value: CoordinatorValue, { route, hop, epoch }: CoordinatorContext): Whereabouts => ({
  epoch,
  at: route[hop] ?? 0,
  moving: value.move !== 'IDLE' && value.move !== 'DEAD',
  dead: value.move === 'DEAD',
});
