import type { AnyStateMachine } from 'xstate';
import type { QpEvent, Whereabouts } from './context.ts';
import { machineOf } from './machine.ts';
import type { Host } from './packet.ts';
import type { Edge, Part, Region } from './part.ts';
import type { Party } from './scenario.ts';

/** Runs the migrations of one side: which hop of its route it is at, and the newest incarnation it decided. */
export type CoordinatorContext = {
  readonly route: readonly Host[];
  readonly hop: number;
  readonly epoch: number;
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
  /** A decision takes effect later than it is entered. */
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
  arrive: ({ context }) => ({ hop: context.hop + 1 }),
  decide: ({ context }) => ({ epoch: context.epoch + 1 }),
  giveUp: ({ context }) => ({ route: context.route.slice(0, context.hop + 1) }),
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

const coordinator = (move: Region): CoordinatorPart => ({ regions: { move }, guards, updates, sends });

const stays = { abort: [{ target: 'ABORTED', rule: 'MIG-13' }], crash: [{ target: 'ABORTED', rule: 'MIG-13' }] };

/** The application goes on and uses its other connection, when the restored QP runs or earlier. */
const goOn = (rule: string, ...when: readonly string[]): Region['states'][string] => ({
  goOn: [{ when: ['elsewhere.idle', ...when], do: ['workElsewhere'], rule }],
});

/**
 * Stop, dump, restore, resume; who fails on the way leaves things as they are (H14).
 * @param memoryFirst the container's memory is dumped with another context, before this QP is stopped (H18).
 * @param goesOn when the application goes on: as soon as every resume was sent, or answered (H18).
 */
export const publishedCoordinator = ({
  memoryFirst,
  goesOn,
}: {
  readonly memoryFirst: boolean;
  readonly goesOn: 'resumed' | 'answered';
}): CoordinatorPart => {
  const stop = [{ target: 'STOPPED', when: ['hop.left'], do: ['freeze', 'source.stop'], rule: 'MIG-1' }];
  const whenAnswered = goesOn === 'answered' ? ['resume.answered'] : [];
  const dumpMemory = [{ target: 'MEMORY', when: ['hop.left'], do: ['image.memory'], rule: 'MIG-10' }];
  return coordinator({
    initial: 'IDLE',
    states: {
      IDLE: {
        ...(memoryFirst ? { dumpMemory } : { stop }),
        ...goOn('MIG-21', 'decided', 'source.alive', ...whenAnswered),
      },
      ...(memoryFirst ? { MEMORY: { stop, ...stays } } : {}),
      STOPPED: { dump: [{ target: 'DUMPED', do: ['image.dump'], rule: 'MIG-10' }], ...stays },
      DUMPED: { restore: [{ target: 'RESTORED', do: ['image.restore'], rule: 'MIG-11' }], ...stays },
      RESTORED: {
        resume: [{ target: 'IDLE', when: ['target.alive'], do: ['target.resume', 'arrive'], rule: 'MIG-14' }],
        ...stays,
      },
      ABORTED: {},
    },
  });
};

type Decision = Edge & { readonly when: readonly string[]; readonly do: readonly string[] };

const ABORT: Decision = {
  target: 'IDLE',
  when: ['source.alive'],
  do: ['decide', 'source.unstop', 'giveUp'],
  rule: 'MIG-34',
};
const FENCED: Decision = { ...ABORT, do: ['target.destroy', 'decide', 'source.unstop', 'giveUp'] };
const COMMIT: Decision = {
  target: 'IDLE',
  when: ['target.alive'],
  do: ['decide', 'target.activate', 'arrive'],
  rule: 'MIG-33',
};

/** The decision with its effect, or the decision alone: who is to run then hears of it later. */
const atOnceOrLater = (decision: Decision): readonly Edge[] => [
  { ...decision, when: ['!later', ...decision.when] },
  {
    ...decision,
    target: 'DECIDED',
    do: decision.do.filter((action) => action !== 'source.unstop' && action !== 'target.activate'),
  },
];
/** The source is gone: another attempt from the image. */
const AGAIN: Decision = { target: 'DUMPED', when: ['image.kept'], do: ['target.destroy'], rule: 'MIG-35' };
/** What the application has done at the target is lost: only where it may go on before the decision is final. */
const losing = (edge: Decision): Decision => ({ ...edge, do: ['loseWork', ...edge.do] });
const crash = [{ target: 'CRASHED', rule: 'MIG-35' }];

/** Without a decision that is final, an abort may still come when the target runs: what the rule forbids. */
const undecided: Region['states'] = {
  RESTORED: {
    commit: [{ target: 'ACTIVATED', when: ['target.alive'], do: ['decide', 'target.activate'], rule: 'MIG-33' }],
    abort: [FENCED],
    crash,
  },
  ACTIVATED: {
    commit: [{ target: 'IDLE', do: ['arrive'], rule: 'MIG-33' }],
    abort: [losing(ABORT)],
    ...goOn('MIG-51', 'decided'),
  },
};

/**
 * One durable decision, commit or abort; whichever wins starts the next incarnation, so that two never run.
 * @param asks does not stop a QP whose peer lacks the extension. @param final a commit cannot be aborted.
 * @param whole the decision is one for all QPs of the container; otherwise another of them may run already (H18).
 */
export const decidingCoordinator = ({
  asks,
  final,
  whole,
}: {
  readonly asks: boolean;
  readonly final: boolean;
  readonly whole: boolean;
}): CoordinatorPart =>
  coordinator({
    initial: 'IDLE',
    states: {
      IDLE: {
        stop: [
          {
            target: 'STOPPED',
            when: asks ? ['hop.left', 'peer.capable'] : ['hop.left'],
            do: ['freeze', 'source.stop'],
            rule: 'MIG-30',
          },
        ],
        ...goOn('MIG-51', 'decided', 'source.alive'),
        declareDead: [{ target: 'DEAD', when: ['!source.alive'], rule: 'MIG-46' }],
      },
      STOPPED: {
        dump: [{ target: 'DUMPED', do: ['image.dump'], rule: 'MIG-31' }],
        abort: atOnceOrLater(ABORT),
        crash,
      },
      DUMPED: {
        restore: [{ target: 'RESTORED', do: ['image.restore'], rule: 'MIG-32' }],
        abort: atOnceOrLater(ABORT),
        crash,
      },
      RESTORED: {
        commit: atOnceOrLater(COMMIT),
        abort: atOnceOrLater(whole ? FENCED : losing(FENCED)),
        crash,
        ...(whole ? {} : goOn('MIG-50', 'target.alive')),
        restore: [{ when: ['!target.alive', '!source.alive'], do: ['image.restore'], rule: 'MIG-35' }],
      },
      ...(final ? {} : undecided),
      /** The decision stands in the record; the host where the next incarnation is to run has not heard of it. */
      DECIDED: {
        start: [{ target: 'IDLE', when: ['source.alive'], do: ['source.activate'], rule: 'MIG-33', keeps: ['MIG-53'] }],
        declareDead: [{ target: 'DEAD', when: ['!source.alive'], rule: 'MIG-46' }],
      },
      CRASHED: {
        // The target decides, and needs nobody for that.
        commit: atOnceOrLater(COMMIT),
        return: [{ ...FENCED, rule: 'MIG-35' }, AGAIN]
          .map((edge) => (whole ? edge : losing(edge)))
          .flatMap((edge) => (edge.target === 'IDLE' ? atOnceOrLater(edge) : [edge])),
      },
      DEAD: {},
    },
  });

/** A coordinator before its first migration. */
export const unmoved = ({ route, otherConnection }: Pick<Party, 'route' | 'otherConnection'>): CoordinatorContext => ({
  route,
  hop: 0,
  epoch: 0,
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
