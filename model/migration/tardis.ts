import { type Bounds, distanceTo, wirePsn } from '../bounds.ts';
import type { QpArgs, QpContext, QpPart } from '../context.ts';
import type { Packet, Transmit } from '../packet.ts';
import type { Edge, Region } from '../part.ts';
import { onError, onReset } from '../verbs.ts';
import { BURIED } from './bury.ts';

/** Where the published text is silent or says more than the code does: one reading of it. */
export type TardisReading = {
  /** An unanswered resume: sent once, repeated at the cost of retry_cnt, repeated freely, or as the code does. */
  readonly resumeRepeats: 'never' | 'charged' | 'free' | 'charged while unacknowledged';
  /** PSN of the answer to resume: the responder's expected PSN - 1 (text) or that of the resume packet (code). */
  readonly answerPsn: 'expected - 1' | 'own';
  /** NAK_STOPPED counts only from the address of the peer, where RC checks sources. */
  readonly nakStoppedChecked: boolean;
  /** A PAUSED QP takes ACKs and responses. */
  readonly pausedCompletes: boolean;
  /** The ACK timer runs on while PAUSED. */
  readonly pausedTimer: boolean;
  /** A QP whose resume is unanswered executes requests. */
  readonly resumingServes: boolean;
  /** What a STOPPED QP does: answers every request with NAK_STOPPED, or what the code does (H3, H17). */
  readonly stopped: 'answers all' | 'as coded';
  /** A peer in RTR can take the new address. */
  readonly rtrTakesResume: boolean;
  /** What the image carries of responder resources, a WRITE in progress and the last answer (H11). */
  readonly image: 'whole' | 'as coded';
  /** Contexts of a container are stopped and dumped one after the other, and this QP is not in the first (H18). */
  readonly memoryFirst: boolean;
  /** The application goes on when every resume was sent, or when every one was answered (H18). */
  readonly goesOn: 'resumed' | 'answered';
};

/** TardiS manuscript 3.2-3.4 where it speaks, the milder reading where it does not. */
export const PUBLISHED: TardisReading = {
  resumeRepeats: 'free',
  answerPsn: 'expected - 1',
  nakStoppedChecked: true,
  pausedCompletes: true,
  pausedTimer: false,
  resumingServes: true,
  stopped: 'answers all',
  rtrTakesResume: true,
  image: 'whole',
  memoryFirst: false,
  goesOn: 'answered',
};

/** The public code (reference, section 2.2). */
export const CODED: TardisReading = {
  resumeRepeats: 'charged while unacknowledged',
  answerPsn: 'own',
  nakStoppedChecked: true,
  pausedCompletes: false,
  pausedTimer: true,
  resumingServes: false,
  stopped: 'as coded',
  rtrTakesResume: false,
  image: 'as coded',
  memoryFirst: false,
  goesOn: 'resumed',
};

const RUNS = ['self.RUNNING', 'self.RESUMING'];

/**
 * STOPPED, PAUSED, NAK_STOPPED and resume as TardiS/MigrOS has them (50-migration, part A).
 * @param theirs bounds of the peer's requester, where its PSNs start elsewhere.
 */
export const tardis = (bounds: Bounds, reading: TardisReading, theirs = bounds): QpPart => {
  const expectedPsn = (context: QpContext) => wirePsn(theirs, context.expected);
  const toPeer = (context: QpContext, packet: Packet): readonly Transmit[] => [
    { to: context.peerHost, side: 'peer', packet },
  ];
  const psnOf = ({ event }: QpArgs) => ('psn' in event ? event.psn : -1);
  const fromPeer: readonly string[] = reading.nakStoppedChecked ? ['from.peer'] : [];
  return {
    regions: { self: selfRegion(reading), peer: peerRegion(reading, fromPeer) },
    guards: {
      ...gates(reading),
      'verbs.takesResume': { any: ['verbs.RTR', 'verbs.RTS', 'verbs.SQD'] },
      'ack.answersResume': (args) => distanceTo(bounds, psnOf(args), args.context.una) >= -1,
      'nakStopped.current': (args) => distanceTo(bounds, psnOf(args), args.context.una) >= 0,
    },
    updates: {
      'peer.moved': ({ context, event }) =>
        event.type === 'rx.resume'
          ? { peerHost: event.from, peerEpoch: Math.max(context.peerEpoch, event.epoch), nakSent: 0 }
          : {},
      vanish: () => ({ ...BURIED, epoch: 0, peerEpoch: 0, peerHost: 0 }),
      'charge.resume': ({ context }) => ({ retries: bounds.retryCnt === null ? 0 : context.retries + 1 }),
    },
    sends: {
      'answer.nakStopped': (args) =>
        toPeer(args.context, {
          type: 'rx.nakStopped',
          psn: expectedPsn(args.context),
          epoch: args.context.epoch,
          signed: true,
        }),
      'send.resume': ({ context }) =>
        toPeer(context, {
          type: 'rx.resume',
          psn: wirePsn(bounds, context.una),
          epoch: context.epoch,
          origin: context.host,
          signed: true,
        }),
      'answer.resume': (args) => {
        const { context, event } = args;
        const psn = reading.answerPsn === 'own' ? psnOf(args) : wirePsn(theirs, context.expected - 1);
        return 'from' in event ? [{ to: event.from, side: 'peer', packet: { type: 'rx.ack', psn } }] : [];
      },
    },
  };
};

/** When a copy sends, completes, serves and lets its timers run: everything else follows from chapter 30. */
const gates = (reading: TardisReading): QpPart['guards'] => ({
  'verbs.consumer': { any: RUNS },
  running: { any: RUNS },
  sends: { all: ['self.RUNNING', 'peer.REACHABLE'] },
  serves: { all: [reading.resumingServes ? 'running' : 'self.RUNNING', 'verbs.responding', 'from.peerIfRunning'] },
  /** The public code checks no source while PAUSED. */
  'from.peerIfRunning': { any: reading.stopped === 'as coded' ? ['from.peer', 'peer.PAUSED'] : ['from.peer'] },
  completes: {
    all: ['running', 'verbs.sending', reading.pausedCompletes ? 'running' : 'peer.REACHABLE', 'from.peerIfRunning'],
  },
  'ackTimer.runs': { all: ['self.RUNNING', 'verbs.sending', 'outstanding', '!rnr.waits', 'timer.notFrozen'] },
  'timer.notFrozen': reading.pausedTimer ? { all: ['running'] } : { all: ['peer.REACHABLE'] },
  'peer.mayHaveMoved': () => false,
});

const stoppedEdges = (reading: TardisReading): { readonly [event: string]: readonly Edge[] } =>
  reading.stopped === 'answers all'
    ? {
        'rx.request': [{ when: ['verbs.responding'], do: ['answer.nakStopped'], rule: 'MIG-2', keeps: ['MIG-3'] }],
        'rx.resume': [{ when: ['verbs.responding'], do: ['answer.nakStopped'], rule: 'MIG-2' }],
      }
    : {
        'rx.request': [
          { when: ['verbs.responding', 'request.due'], do: ['answer.nakStopped'], rule: 'MIG-2' },
          { when: ['verbs.responding', 'request.ahead', '!nak.sent'], do: ['nak.sequence', 'hush'], rule: 'RC-52' },
          {
            when: ['verbs.responding', 'request.behind', 'request.hasResponse', 'resource.kept'],
            do: ['respond'],
            rule: 'RC-55',
          },
          {
            when: ['verbs.responding', 'request.behind', '!request.hasResponse', 'request.asksAck'],
            do: ['ack.again'],
            rule: 'RC-54',
          },
        ],
        'rx.resume': [{ when: ['verbs.responding'], do: ['peer.moved', 'answer.resume'], rule: 'MIG-17' }],
      };

const selfRegion = (reading: TardisReading): Region => {
  const repeat: readonly Edge[] = {
    never: [],
    free: [{ when: ['peer.REACHABLE'], do: ['send.resume'], rule: 'MIG-16' }],
    charged: [
      { when: ['peer.REACHABLE', 'retries.spent'], do: ['raise.send.error'], rule: 'MIG-16' },
      { when: ['peer.REACHABLE'], do: ['send.resume', 'charge.resume'], rule: 'MIG-16' },
    ],
    'charged while unacknowledged': [
      { when: ['peer.REACHABLE', 'outstanding', 'retries.spent'], do: ['raise.send.error'], rule: 'MIG-16' },
      { when: ['peer.REACHABLE', 'outstanding'], do: ['send.resume', 'charge.resume'], rule: 'MIG-16' },
    ],
  }[reading.resumeRepeats];
  return {
    initial: 'RUNNING',
    states: {
      RUNNING: { stop: [{ target: 'STOPPED', rule: 'MIG-1' }] },
      RESUMING: {
        stop: [{ target: 'STOPPED', rule: 'MIG-1' }],
        'rx.ack': [{ target: 'RUNNING', when: ['ack.answersResume'], do: ['rewind'], rule: 'MIG-19' }],
        ackTimeout: repeat,
        ...onReset('RUNNING', 'MIG-23'),
        ...onError('RUNNING', 'MIG-23'),
      },
      STOPPED: {
        ...stoppedEdges(reading),
        resume: [
          { target: 'RUNNING', when: ['!verbs.responding'], rule: 'MIG-14' },
          { target: 'RESUMING', do: ['send.resume'], rule: 'MIG-14' },
        ],
        destroy: [{ target: 'GONE', do: ['vanish'], rule: 'MIG-13' }],
      },
      GONE: {},
    },
  };
};

const peerRegion = (reading: TardisReading, fromPeer: readonly string[]): Region => {
  const take = (target: string): readonly Edge[] => [
    ...(reading.rtrTakesResume ? [] : [{ when: ['running', 'verbs.RTR'], do: ['raise.fatal'], rule: 'MIG-17' }]),
    {
      target,
      when: ['running', 'verbs.takesResume'],
      do: ['peer.moved', 'rewind', 'answer.resume'],
      rule: 'MIG-17',
      keeps: ['MIG-18'],
    },
  ];
  return {
    initial: 'REACHABLE',
    states: {
      REACHABLE: {
        'rx.resume': take('REACHABLE'),
        'rx.nakStopped': [
          {
            target: 'PAUSED',
            when: ['running', 'verbs.sending', 'nakStopped.current', ...fromPeer],
            rule: 'MIG-4',
            keeps: ['MIG-5'],
          },
        ],
      },
      PAUSED: {
        'rx.resume': take('REACHABLE'),
        ...onReset('REACHABLE', 'MIG-23', 'verbs.consumer'),
        ...onError('REACHABLE', 'MIG-23', 'verbs.consumer'),
      },
    },
  };
};
