import type { AnyStateMachine } from 'xstate';
import type { QpEvent, Whereabouts } from './context.ts';
import { machineOf } from './machine.ts';
import type { Host } from './packet.ts';
import type { Part, Region } from './part.ts';
import type { Party } from './scenario.ts';

/** Runs the migrations of one side: which hop of its route it is at, and the newest incarnation it decided. */
export type CoordinatorContext = {
  readonly route: readonly Host[];
  readonly hop: number;
  readonly epoch: number;
  /** The incarnation with which it came to each host of its route so far. */
  readonly since: readonly number[];
  /**
   * What the application has done through another connection since it was last stopped: `lost work` where the incarnation
   * that did it was given up. `none` where it has no other connection.
   */
  readonly elsewhere: 'none' | 'nothing' | 'work' | 'lost work';
};

/** A step, with what the coordinator can see of its hosts when it takes it. */
export type CoordinatorEvent = {
  readonly type:
    | 'dumpMemory'
    | 'stop'
    | 'halt'
    | 'dump'
    | 'restore'
    | 'resume'
    | 'commit'
    | 'start'
    | 'goOn'
    | 'abort'
    | 'crash'
    | 'return'
    | 'declareDead';
  readonly sourceAlive: boolean;
  /** The copy that counts after a decision runs: no resume of it is unanswered. */
  readonly answered: boolean;
  readonly targetAlive: boolean;
  readonly dumped: boolean;
  /** What is entered in the record takes effect later. */
  readonly later: boolean;
  readonly peerCapable: boolean;
};

/** What a step makes the hosts do. */
export type Command =
  | { readonly on: 'source' | 'target'; readonly event: QpEvent }
  | { readonly on: 'source'; readonly image: 'memory' | 'dump' }
  | { readonly on: 'target'; readonly image: 'restore' };

export type CoordinatorPart = Part<CoordinatorContext, CoordinatorEvent, Command>;

export type CoordinatorValue = {
  readonly move:
    | 'IDLE'
    | 'INTENDED'
    | 'MEMORY'
    | 'STOPPED'
    | 'DUMPED'
    | 'RESTORED'
    | 'DECIDED'
    | 'ACTIVATED'
    | 'ABORTED'
    | 'CRASHED'
    | 'DEAD';
};

const guards: CoordinatorPart['guards'] = {
  'hop.left': ({ context }) => context.hop + 1 < context.route.length,
  'source.alive': ({ event }) => event.sourceAlive,
  'target.alive': ({ event }) => event.targetAlive,
  'image.kept': ({ event }) => event.dumped,
  'peer.capable': ({ event }) => event.peerCapable,
  'resume.answered': ({ event }) => event.answered,
  later: ({ event }) => event.later,
  decided: ({ context }) => context.hop > 0 || context.epoch > 0,
  'elsewhere.idle': ({ context }) => context.elsewhere === 'nothing',
};
const updates: CoordinatorPart['updates'] = {
  arrive: ({ context: { hop, epoch, since } }) => ({ hop: hop + 1, since: [...since, epoch] }),
  decide: ({ context }) => ({ epoch: context.epoch + 1 }),
  /** The target is left out. Where the route then goes on to the host that the container is at, that move is too. */
  giveUp: ({ context: { route, hop } }) => {
    const rest = route.slice(hop + 2);
    return { route: [...route.slice(0, hop + 1), ...(rest[0] === route[hop] ? rest.slice(1) : rest)] };
  },
  freeze: ({ context }) => (context.elsewhere === 'none' ? {} : { elsewhere: 'nothing' }),
  workElsewhere: () => ({ elsewhere: 'work' }),
  loseWork: ({ context }) => (context.elsewhere === 'work' ? { elsewhere: 'lost work' } : {}),
};
const order = (on: 'source' | 'target', event: QpEvent) => () => [{ on, event }];
const sends: CoordinatorPart['sends'] = {
  'source.stop': ({ context: { epoch } }) => [{ on: 'source', event: { type: 'stop', epoch } }],
  'target.resume': order('target', { type: 'resume' }),
  'target.destroy': ({ context: { epoch }, event }) =>
    event.targetAlive ? [{ on: 'target', event: { type: 'destroy', epoch } }] : [],
  'target.activate': ({ context }) => [{ on: 'target', event: { type: 'activate', epoch: context.epoch } }],
  'source.activate': ({ context }) => [{ on: 'source', event: { type: 'activate', epoch: context.epoch } }],
  'source.unstop': ({ context }) => [{ on: 'source', event: { type: 'unstop', epoch: context.epoch } }],
  'image.memory': () => [{ on: 'source', image: 'memory' }],
  'image.dump': () => [{ on: 'source', image: 'dump' }],
  'image.restore': () => [{ on: 'target', image: 'restore' }],
};

/** What a protocol's coordinator does, in the words above. */
export const coordinator = (move: Region): CoordinatorPart => ({ regions: { move }, guards, updates, sends });

/** The application goes on and uses its other connection, when the restored QP runs or earlier. */
export const goOn = (rule: string, ...when: readonly string[]): Region['states'][string] => ({
  goOn: [{ when: ['elsewhere.idle', ...when], do: ['workElsewhere'], rule }],
});

/** A coordinator before its first migration. */
export const unmoved = ({ route, otherConnection }: Pick<Party, 'route' | 'otherConnection'>): CoordinatorContext => ({
  route,
  hop: 0,
  epoch: 0,
  since: [0],
  elsewhere: otherConnection ? 'nothing' : 'none',
});

export const coordinatorMachine = (part: CoordinatorPart, context: CoordinatorContext): AnyStateMachine =>
  machineOf<CoordinatorContext, CoordinatorEvent, Command>('coordinator', [part], context);

/**
 * What the durable record says: read by peers that would otherwise give up.
 * @param whenStarted a decision that has not taken effect is told as a migration that goes on.
 */
export const whereabouts = (
  value: CoordinatorValue,
  { route, hop, epoch }: CoordinatorContext,
  whenStarted: boolean,
): Whereabouts => {
  const decided = value.move === 'DECIDED';
  return {
    epoch: decided && whenStarted ? epoch - 1 : epoch,
    at: route[hop] ?? 0,
    moving: decided ? whenStarted : value.move !== 'IDLE' && value.move !== 'DEAD',
    dead: value.move === 'DEAD',
  };
};
