import { type Bounds, wirePsn } from '../bounds.ts';
import type { QpArgs, QpContext, QpPart, Whereabouts } from '../context.ts';
import type { Control, Host, Transmit } from '../packet.ts';
import type { Edge, Region } from '../part.ts';
import { onReset } from '../verbs.ts';
import { BURIED } from './bury.ts';

/** What the revised protocol is made of. Each can be left out, to see which property then falls. */
export const INGREDIENTS = [
  'epochs',
  'signatures',
  'key of one connection',
  'frozen timers',
  'repeated resume',
  'resume repeated while paused',
  'expected PSN in the answer',
  'rewind',
  'retries spared',
  'tombstone answers',
  'tombstone forwards',
  'record before giving up',
  'record while waiting',
  'record of the dead',
  'late answers dropped',
  'told when started',
  'orders for one incarnation',
  'record before starting',
  'an abort starts who runs',
  'silent stop',
  'single decision',
  'one decision for all QPs',
  'born stopped',
  'whole image',
  'capability check',
  'quarantine',
] as const;
export type Ingredient = (typeof INGREDIENTS)[number];
export type Without = ReadonlySet<Ingredient>;

/** The revised protocol (50-migration, part B): incarnations numbered, resumes answered, one decision, a record to ask. */
export const godwit = (bounds: Bounds, without: Without): QpPart => {
  const has = (ingredient: Ingredient) => !without.has(ingredient);
  const control = (to: Host, packet: Control): readonly Transmit[] => [{ to, side: 'peer', packet }];
  /** What the record says, to a question that nothing has overtaken. */
  const record = ({ context: { una, asked }, event }: QpArgs): Whereabouts | undefined => {
    if (event.type === 'ackTimeout') return event.later ? undefined : event.peer;
    const [answer] = event.type === 'record.answer' ? asked : [];
    return answer && has('late answers dropped') && answer.una !== una ? undefined : answer;
  };
  /** Epoch that a control packet tells of its sender. */
  const told = ({ event }: QpArgs) => ('epoch' in event ? event.epoch : Number.NEGATIVE_INFINITY);
  const resume = (context: QpContext, to: Host): readonly Transmit[] => {
    const { una, epoch, host } = context;
    return control(to, { type: 'rx.resume', psn: wirePsn(bounds, una), epoch, origin: host, signed: true });
  };
  /** What was learned overtakes a question. */
  const drop = has('late answers dropped') ? { asked: [] } : {};
  /** Responses may have gone to a host that one of the two has left. */
  const spare = ({ una, sent }: QpContext): Partial<QpContext> =>
    has('retries spared') && bounds.retryCnt !== null && una < sent ? { spared: sent } : {};
  return {
    regions: { self: selfRegion(has), peer: peerRegion(has) },
    guards: {
      'verbs.consumer': { any: ['self.RUNNING', 'self.RESUMING'] },
      running: { any: ['self.RUNNING', 'self.RESUMING'] },
      sends: { all: ['self.RUNNING', 'peer.REACHABLE'] },
      serves: { all: ['runningOrEarly', 'verbs.responding', 'from.peer'] },
      runningOrEarly: { any: has('born stopped') ? ['running'] : ['running', 'self.STOPPED'] },
      completes: { all: ['running', 'verbs.sending', 'from.peer'] },
      'timer.notFrozen': has('frozen timers') ? { all: ['peer.REACHABLE'] } : { all: ['running'] },
      'ackTimer.runs': { all: ['self.RUNNING', 'verbs.sending', 'outstanding', '!rnr.waits', 'timer.notFrozen'] },
      'verbs.knowsPeer': { all: ['!verbs.RESET', '!verbs.INIT'] },
      'peer.capable': ({ context }) => context.peerCapable === 1 || !has('capability check'),
      genuine: ({ event }) => !has('signatures') || ('signed' in event && event.signed),
      'epoch.newer': (args) => !has('epochs') || told(args) > args.context.peerEpoch,
      'epoch.same': (args) => told(args) === args.context.peerEpoch,
      'epoch.current': (args) => !has('epochs') || told(args) >= args.context.peerEpoch,
      'answers.me': ({ context, event }) =>
        event.type === 'rx.resumed' && (!has('epochs') || event.answers === context.epoch),
      'record.newer': (args) => (record(args)?.epoch ?? 0) > args.context.peerEpoch,
      'record.moving': (args) => record(args)?.moving === true,
      'record.dead': (args) => record(args)?.dead === true,
      'order.forThis': ({ context, event }) =>
        !has('orders for one incarnation') || !('epoch' in event) || event.epoch === context.epoch,
      'order.newer': (args) => !has('orders for one incarnation') || told(args) > args.context.epoch,
      'record.answered': (args) => record(args) !== undefined,
      'record.later': ({ event }) => event.type === 'ackTimeout' && event.later === true,
      'record.asked': ({ context }) => context.asked.length > 0,
      'peer.mayHaveMoved': {
        any: has('record before giving up') ? ['record.newer', 'record.moving', 'record.later'] : ['never'],
      },
      never: () => false,
    },
    updates: {
      incarnate: ({ context, event }) =>
        event.type === 'activate' || event.type === 'unstop'
          ? {
              epoch: event.epoch,
              nxt: has('rewind') ? context.una : context.nxt,
              ...spare(context),
              retries: 0,
              rnrRetries: 0,
              rnrWait: 0,
              ...drop,
            }
          : {},
      'learn.peer': ({ context, event }) =>
        event.type === 'rx.resume' || event.type === 'rx.resumed'
          ? { peerHost: event.origin, peerEpoch: Math.max(context.peerEpoch, event.epoch) }
          : {},
      'learn.epoch': (args) => ({ peerEpoch: Math.max(args.context.peerEpoch, told(args)) }),
      'learn.record': (args) => {
        const { epoch, at } = record(args) ?? { epoch: args.context.peerEpoch, at: args.context.peerHost };
        return { peerHost: at, peerEpoch: epoch };
      },
      restart: ({ context }) => ({
        ...(has('rewind') ? { nxt: context.una } : {}),
        ...spare(context),
        retries: 0,
        rnrRetries: 0,
        rnrWait: 0,
        ...drop,
      }),
      ask: ({ context, event }) =>
        event.type === 'ackTimeout' && event.peer ? { asked: [{ una: context.una, ...event.peer }] } : {},
      hear: () => ({ asked: [] }),
      bury: ({ context, event }) => ({
        ...BURIED,
        expected: context.expected,
        forwardTo: event.type === 'entomb' ? event.forwardTo : -1,
      }),
      vanish: () => ({ ...BURIED, epoch: 0, peerEpoch: 0, peerHost: 0 }),
    },
    sends: {
      'answer.nakStopped': ({ context: { expected, epoch, peerHost } }) =>
        control(peerHost, { type: 'rx.nakStopped', psn: wirePsn(bounds, expected), epoch, signed: true }),
      'send.resume': ({ context }) => resume(context, context.peerHost),
      'answer.resume': ({ context, event }) => {
        if (event.type !== 'rx.resume') return [];
        const { expected, epoch, host } = context;
        const psn = has('expected PSN in the answer') ? wirePsn(bounds, expected - 1) : event.psn;
        const answer = { type: 'rx.resumed', psn, answers: event.epoch, epoch, origin: host, signed: true } as const;
        return control(event.origin, answer);
      },
      forward: ({ context, event }) => {
        if ((event.type !== 'rx.resume' && event.type !== 'rx.resumed') || context.forwardTo < 0) return [];
        const { from: _, ...packet } = event;
        return [{ to: context.forwardTo, side: 'own', packet }];
      },
    },
  };
};

type Has = (ingredient: Ingredient) => boolean;

/** Whether a QP that waits asks the record at all. */
const waits = (has: Has): boolean => has('record while waiting') || has('record of the dead');

const selfRegion = (has: Has): Region => {
  const starts: readonly Edge[] = [
    { target: 'RESUMING', when: ['order.newer', 'verbs.knowsPeer'], do: ['incarnate', 'send.resume'], rule: 'MIG-33' },
    { target: 'RUNNING', when: ['order.newer'], do: ['incarnate'], rule: 'MIG-33' },
  ];
  /** A migration was given up before it stopped anything. */
  const restarts = has('an abort starts who runs') ? starts.map((edge) => ({ ...edge, rule: 'MIG-34' })) : [];
  const stop: readonly Edge[] = [{ target: 'STOPPED', when: ['order.forThis'], rule: 'MIG-1', keeps: ['MIG-55'] }];
  const told: readonly Edge[] = [
    ...(has('record of the dead') ? [{ target: 'RUNNING', when: ['record.dead'], rule: 'MIG-46' }] : []),
    ...(has('record while waiting')
      ? [{ when: ['record.newer'], do: ['learn.record', 'send.resume'], rule: 'MIG-47' }]
      : []),
  ];
  const repeat: readonly Edge[] = [
    ...told,
    ...(has('repeated resume')
      ? [{ when: has('resume repeated while paused') ? [] : ['peer.REACHABLE'], do: ['send.resume'], rule: 'MIG-40' }]
      : []),
  ];
  const answersRequests: readonly Edge[] = [
    { when: ['verbs.responding', 'peer.capable'], do: ['answer.nakStopped'], rule: 'MIG-36' },
  ];
  const forwards: readonly Edge[] = has('tombstone forwards') ? [{ do: ['forward'], rule: 'MIG-44' }] : [];
  return {
    initial: 'RUNNING',
    states: {
      RUNNING: { stop, activate: restarts },
      RESUMING: {
        stop,
        activate: restarts,
        'rx.resumed': [
          { target: 'RUNNING', when: ['genuine', 'answers.me'], do: ['acknowledge', 'restart'], rule: 'MIG-43' },
        ],
        ackTimeout: repeat,
        'record.answer': told,
        ...onReset('RUNNING', 'MIG-54'),
      },
      STOPPED: {
        ...(has('born stopped') ? { 'rx.request': answersRequests } : {}),
        ...(has('silent stop')
          ? {}
          : {
              'rx.resume': [{ when: ['genuine', 'epoch.newer'], do: ['learn.peer', 'answer.resume'], rule: 'MIG-37' }],
            }),
        activate: starts,
        unstop: starts.map((edge) => ({ ...edge, rule: 'MIG-34' })),
        entomb: has('tombstone answers')
          ? [{ target: 'TOMBSTONE', do: ['bury'], rule: 'MIG-44' }]
          : [{ target: 'GONE', do: ['vanish'], rule: 'MIG-44' }],
        destroy: [{ target: 'GONE', when: ['order.forThis'], do: ['vanish'], rule: 'MIG-34', keeps: ['MIG-55'] }],
      },
      TOMBSTONE: {
        'rx.request': [{ when: ['verbs.responding'], do: ['answer.nakStopped'], rule: 'MIG-44' }],
        'rx.resume': forwards,
        'rx.resumed': forwards,
        retire: [{ target: 'GONE', do: ['vanish'], rule: 'MIG-45' }],
      },
      GONE: {},
    },
  };
};

const peerRegion = (has: Has): Region => {
  const newer = ['running', 'verbs.knowsPeer', 'genuine', 'epoch.newer'];
  const resume: readonly Edge[] = [
    {
      target: 'REACHABLE',
      when: newer,
      do: ['learn.peer', 'restart', 'answer.resume'],
      rule: 'MIG-41',
      keeps: ['MIG-48'],
    },
    { when: ['running', 'verbs.knowsPeer', 'genuine', 'epoch.same'], do: ['answer.resume'], rule: 'MIG-42' },
  ];
  const resumed: readonly Edge[] = [
    { target: 'REACHABLE', when: [...newer, 'answers.me'], do: ['learn.peer', 'restart'], rule: 'MIG-43' },
  ];
  const spent = ['ackTimer.runs', 'retries.spent'];
  const ask = (...when: readonly string[]): Edge => ({
    when: [...when, 'record.later', '!record.asked'],
    do: ['ask'],
    rule: 'MIG-47',
  });
  const heard: Edge = { when: ['running'], do: ['hear'], rule: 'MIG-52' };
  const consult: readonly Edge[] = has('record before giving up')
    ? [
        { when: [...spent, 'record.newer'], do: ['learn.record', 'restart'], rule: 'MIG-47' },
        { target: 'PAUSED', when: [...spent, 'record.moving'], do: ['restart'], rule: 'MIG-47' },
      ]
    : [];
  const wait: readonly Edge[] = [
    ...(has('record of the dead')
      ? [{ target: 'REACHABLE', when: ['running', 'record.dead'], do: ['restart'], rule: 'MIG-46' }]
      : []),
    ...(has('record while waiting')
      ? [{ target: 'REACHABLE', when: ['running', 'record.newer'], do: ['learn.record', 'restart'], rule: 'MIG-47' }]
      : []),
  ];
  return {
    initial: 'REACHABLE',
    states: {
      REACHABLE: {
        'rx.nakStopped': [
          {
            target: 'PAUSED',
            when: ['running', 'verbs.sending', 'genuine', 'epoch.current'],
            do: ['learn.epoch'],
            rule: 'MIG-38',
            keeps: ['MIG-48'],
          },
        ],
        'rx.resume': resume,
        'rx.resumed': resumed,
        ackTimeout: [
          ...consult,
          ...(has('record before giving up') ? [ask(...spent)] : []),
          ...(waits(has) ? [ask('self.RESUMING')] : []),
        ],
        'record.answer': [
          ...consult,
          { when: [...spent, 'record.answered'], do: ['hear', 'raise.send.error'], rule: 'RC-31' },
          heard,
        ],
      },
      PAUSED: {
        'rx.resume': resume,
        'rx.resumed': resumed,
        ackTimeout: [...wait, ...(waits(has) ? [ask('running')] : [])],
        'record.answer': [...wait, heard],
        ...onReset('REACHABLE', 'MIG-54', 'verbs.consumer'),
      },
    },
  };
};
