import type { QpContext, Whereabouts } from '../../model/context.ts';
import type { Packet } from '../../model/packet.ts';
import { ELSEWHERE, HERE, PEER, type Vector } from './vector.ts';

/** This end is in its incarnation 2, the newest of the peer that it knows is 3. */
const MINE = 2;
const KNOWN = 3;
const at = (more: Partial<QpContext> = {}): Partial<QpContext> => ({ epoch: MINE, peerEpoch: KNOWN, ...more });
/** Two packets sent, both unanswered, budgets touched. */
const busy = { nxt: 2, sent: 2, retries: 1 } as const;
const calmed = { nxt: 0, retries: 0 } as const;

type Resume = Extract<Packet, { type: 'rx.resume' }>;
type Resumed = Extract<Packet, { type: 'rx.resumed' }>;
const resume = (epoch: number, more: Partial<Resume> = {}) =>
  ({ type: 'rx.resume', psn: 0, epoch, origin: 5, signed: true, ...more, from: 5 }) as const;
const resumed = (epoch: number, more: Partial<Resumed> = {}) =>
  ({ type: 'rx.resumed', psn: 15, answers: MINE, epoch, origin: 5, signed: true, ...more, from: 5 }) as const;
const nakStopped = (epoch: number, signed = true) =>
  ({ type: 'rx.nakStopped', psn: 0, epoch, signed, from: PEER }) as const;
const request = {
  type: 'rx.request',
  psn: 0,
  op: 'SEND',
  part: 'only',
  psns: 1,
  ackReq: true,
  message: 0,
  from: PEER,
} as const;
const timeout = (peer: Partial<Whereabouts>) =>
  ({ type: 'ackTimeout', peer: { epoch: KNOWN, at: PEER, moving: false, dead: false, ...peer } }) as const;

const saysStopped = { type: 'rx.nakStopped', psn: 0, epoch: MINE, signed: true } as const;
const saysResume = (epoch = MINE) => ({ type: 'rx.resume', psn: 0, epoch, origin: HERE, signed: true }) as const;
const saysResumed = (answers: number) => ({
  to: 5,
  packet: { type: 'rx.resumed', psn: 15, answers, epoch: MINE, origin: HERE, signed: true } as const,
});

const STOPPED = { self: 'STOPPED' } as const;
const RESUMING = { self: 'RESUMING' } as const;
const TOMBSTONE = { self: 'TOMBSTONE' } as const;
const GONE = { value: { self: 'GONE' } } as const;
const PAUSED = { peer: 'PAUSED' } as const;
const REACHABLE = { peer: 'REACHABLE' } as const;
const RUNNING = { self: 'RUNNING' } as const;
const learned = { peerHost: 5, peerEpoch: 4 } as const;

const stopping: readonly Vector[] = [
  { rule: 'MIG-1', says: 'a running QP stops', event: { type: 'stop' }, changes: { value: STOPPED } },
  { rule: 'MIG-1', says: 'a resuming QP stops', value: RESUMING, event: { type: 'stop' }, changes: { value: STOPPED } },
  {
    rule: 'MIG-36',
    says: 'a STOPPED QP answers a request',
    value: STOPPED,
    context: at(),
    event: request,
    sends: [saysStopped],
  },
  { rule: 'MIG-36', says: 'not in ERR', value: { ...STOPPED, verbs: 'ERR' }, context: at(), event: request },
  { rule: 'MIG-36', says: 'not a stock endpoint', value: STOPPED, context: at({ peerCapable: 0 }), event: request },
  { rule: 'MIG-37', says: 'a STOPPED QP hears no resume', value: STOPPED, context: at(), event: resume(4) },
  { rule: 'MIG-37', says: 'nor an answer to one', value: STOPPED, context: at(), event: resumed(4) },
  { rule: 'MIG-37', says: 'nor a NAK_STOPPED', value: STOPPED, context: at(), event: nakStopped(4) },
];

const starting: readonly Vector[] = (['activate', 'unstop'] as const).flatMap((type): readonly Vector[] => [
  {
    rule: type === 'activate' ? 'MIG-33' : 'MIG-34',
    says: `${type} starts the incarnation decided, from una, and says so`,
    value: STOPPED,
    context: at({ ...busy, rnrWait: 1, rnrRetries: 1 }),
    event: { type, epoch: 6 },
    changes: { value: RESUMING, context: { ...calmed, epoch: 6, rnrWait: 0, rnrRetries: 0 } },
    sends: [saysResume(6)],
  },
  {
    rule: type === 'activate' ? 'MIG-33' : 'MIG-34',
    says: `${type} of a QP that knows no peer says nothing`,
    value: { ...STOPPED, verbs: 'INIT' },
    context: at(),
    event: { type, epoch: 6 },
    changes: { value: RUNNING, context: { epoch: 6 } },
  },
]);

const BURIED: Partial<QpContext> = { nxt: 0, sent: 0, retries: 0, receives: 0 };
const VANISHED: Partial<QpContext> = { ...BURIED, expected: 0, epoch: 0, peerEpoch: 0, peerHost: 0, forwardTo: -1 };

const leaving: readonly Vector[] = [
  {
    rule: 'MIG-44',
    says: 'a tombstone keeps what its answers need',
    value: STOPPED,
    context: at({ ...busy, expected: 3 }),
    event: { type: 'entomb', forwardTo: 4 },
    changes: { value: TOMBSTONE, context: { ...BURIED, forwardTo: 4 } },
  },
  {
    rule: 'MIG-34',
    says: 'a destroyed copy keeps nothing',
    value: STOPPED,
    context: at({ ...busy, expected: 3 }),
    event: { type: 'destroy' },
    changes: { ...GONE, context: VANISHED },
  },
  {
    rule: 'MIG-45',
    says: 'nor does a tombstone that retires',
    value: TOMBSTONE,
    context: at({ expected: 3, forwardTo: 4 }),
    event: { type: 'retire' },
    changes: { ...GONE, context: VANISHED },
  },
  {
    rule: 'MIG-44',
    says: 'a tombstone answers a request',
    value: TOMBSTONE,
    context: at(),
    event: request,
    sends: [saysStopped],
  },
  { rule: 'MIG-44', says: 'not of a QP in ERR', value: { ...TOMBSTONE, verbs: 'ERR' }, context: at(), event: request },
  ...[resume(4), resumed(4)].map((event): Vector => {
    const { from, ...packet } = event;
    return {
      rule: 'MIG-44',
      says: `a tombstone forwards ${event.type}`,
      value: TOMBSTONE,
      context: at({ forwardTo: 4 }),
      event,
      sends: [{ to: 4, packet }],
    };
  }),
];

const resuming: readonly Vector[] = [
  {
    rule: 'MIG-43',
    says: 'the answer to its resume lets a QP run, acknowledges, and starts it at una',
    value: RESUMING,
    context: at({ nxt: 3, sent: 3, retries: 2, rnrRetries: 1, rnrWait: 1 }),
    event: resumed(KNOWN, { psn: 1 }),
    changes: { value: RUNNING, context: { una: 2, nxt: 2, retries: 0, rnrRetries: 0, rnrWait: 0 } },
  },
  {
    rule: 'MIG-43',
    says: 'one that acknowledges nothing starts it there too',
    value: RESUMING,
    context: at(busy),
    event: resumed(KNOWN),
    changes: { value: RUNNING, context: calmed },
  },
  {
    rule: 'MIG-43',
    says: 'not the answer to another',
    value: RESUMING,
    context: at(busy),
    event: resumed(4, { answers: 1 }),
  },
  {
    rule: 'MIG-48',
    says: 'not a forged one',
    value: RESUMING,
    context: at(busy),
    event: resumed(4, { signed: false }),
  },
  {
    rule: 'MIG-43',
    says: 'an answer from a newer peer tells where it is',
    value: RESUMING,
    context: at(busy),
    event: resumed(4),
    changes: { value: RUNNING, context: { ...calmed, ...learned } },
  },
  {
    rule: 'MIG-40',
    says: 'a resume is repeated',
    value: RESUMING,
    context: at(),
    event: timeout({}),
    sends: [saysResume()],
  },
  {
    rule: 'MIG-40',
    says: 'also while PAUSED',
    value: { ...RESUMING, ...PAUSED },
    context: at(busy),
    event: timeout({}),
    sends: [saysResume()],
  },
  {
    rule: 'MIG-47',
    says: 'to where the record says',
    value: RESUMING,
    context: at(busy),
    event: timeout({ epoch: 4, at: 5 }),
    changes: { context: learned },
    sends: [{ to: 5, packet: saysResume() }],
  },
  {
    rule: 'MIG-46',
    says: 'not to a peer that is dead',
    value: RESUMING,
    context: at(),
    event: timeout({ dead: true }),
    changes: { value: RUNNING },
  },
];

const hearing: readonly Vector[] = [
  { rule: 'MIG-38', says: 'NAK_STOPPED pauses', context: at(), event: nakStopped(KNOWN), changes: { value: PAUSED } },
  {
    rule: 'MIG-38',
    says: 'a newer one is remembered',
    context: at(),
    event: nakStopped(4),
    changes: { value: PAUSED, context: { peerEpoch: 4 } },
  },
  { rule: 'MIG-48', says: 'an older one is nothing', context: at(), event: nakStopped(2) },
  { rule: 'MIG-48', says: 'nor is a forged one', context: at(), event: nakStopped(KNOWN, false) },
  { rule: 'MIG-38', says: 'nor any in RTR', value: { verbs: 'RTR' }, context: at(), event: nakStopped(KNOWN) },
  ...([REACHABLE, PAUSED] as const).flatMap((value): readonly Vector[] => [
    {
      rule: 'MIG-41',
      says: `a newer resume is believed and answered (${value.peer})`,
      value,
      context: at({ ...busy, rnrRetries: 1, rnrWait: 1 }),
      event: resume(4),
      changes: { value: REACHABLE, context: { ...calmed, ...learned, rnrRetries: 0, rnrWait: 0 } },
      sends: [saysResumed(4)],
    },
    {
      rule: 'MIG-42',
      says: `one that is known is answered (${value.peer})`,
      value,
      context: at(busy),
      event: resume(KNOWN),
      sends: [saysResumed(KNOWN)],
    },
    { rule: 'MIG-48', says: `an older one is nothing (${value.peer})`, value, context: at(busy), event: resume(2) },
    {
      rule: 'MIG-48',
      says: `nor is a forged one (${value.peer})`,
      value,
      context: at(busy),
      event: resume(4, { signed: false }),
    },
    {
      rule: 'MIG-48',
      says: `nor a forged one of the known epoch (${value.peer})`,
      value,
      context: at(busy),
      event: resume(KNOWN, { signed: false }),
    },
    {
      rule: 'MIG-41',
      says: `nor any in INIT (${value.peer})`,
      value: { ...value, verbs: 'INIT' },
      context: at(),
      event: resume(4),
    },
    {
      rule: 'MIG-42',
      says: `nor a known one in INIT (${value.peer})`,
      value: { ...value, verbs: 'INIT' },
      context: at(),
      event: resume(KNOWN),
    },
    {
      rule: 'MIG-37',
      says: `nor any while STOPPED (${value.peer})`,
      value: { ...value, ...STOPPED },
      context: at(busy),
      event: resume(4),
    },
    {
      rule: 'MIG-37',
      says: `nor a known one while STOPPED (${value.peer})`,
      value: { ...value, ...STOPPED },
      context: at(busy),
      event: resume(KNOWN),
    },
    {
      rule: 'MIG-43',
      says: `a newer answer tells where the peer is (${value.peer})`,
      value,
      context: at(busy),
      event: resumed(4),
      changes: { value: REACHABLE, context: { ...calmed, ...learned } },
    },
    {
      rule: 'MIG-43',
      says: `not one to another resume (${value.peer})`,
      value,
      context: at(busy),
      event: resumed(4, { answers: 1 }),
    },
    {
      rule: 'MIG-43',
      says: `not one of a known peer (${value.peer})`,
      value,
      context: at(busy),
      event: resumed(KNOWN),
    },
    {
      rule: 'MIG-48',
      says: `not a forged one (${value.peer})`,
      value,
      context: at(busy),
      event: resumed(4, { signed: false }),
    },
    {
      rule: 'MIG-43',
      says: `not in INIT (${value.peer})`,
      value: { ...value, verbs: 'INIT' },
      context: at(),
      event: resumed(4),
    },
    {
      rule: 'MIG-37',
      says: `not while STOPPED (${value.peer})`,
      value: { ...value, ...STOPPED },
      context: at(busy),
      event: resumed(4),
    },
  ]),
];

const asking: readonly Vector[] = [
  {
    rule: 'MIG-47',
    says: 'a spent budget asks the record, and goes where it says',
    context: at({ ...busy, retries: 2, rnrRetries: 1 }),
    event: timeout({ epoch: 4, at: 5 }),
    changes: { context: { ...calmed, ...learned, rnrRetries: 0 } },
  },
  {
    rule: 'MIG-47',
    says: 'or waits while the peer moves',
    context: at({ ...busy, retries: 2 }),
    event: timeout({ moving: true }),
    changes: { value: PAUSED, context: calmed },
  },
  {
    rule: 'RC-31',
    says: 'or gives up',
    context: at({ ...busy, retries: 2 }),
    event: timeout({ dead: true }),
    changes: { value: { verbs: 'ERR' } },
  },
  {
    rule: 'MIG-47',
    says: 'a budget that is not spent asks nobody',
    context: at(busy),
    event: timeout({ epoch: 4, at: 5, moving: true }),
    changes: { context: { nxt: 0, retries: 2 } },
  },
  {
    rule: 'RC-40',
    says: 'nor does a QP without a timer',
    context: at({ retries: 2 }),
    event: timeout({ epoch: 4, moving: true }),
  },
  { rule: 'RC-40', says: 'also where the peer moves', context: at({ retries: 2 }), event: timeout({ moving: true }) },
  { rule: 'MIG-39', says: 'a PAUSED QP waits', value: PAUSED, context: at(busy), event: timeout({ moving: true }) },
  {
    rule: 'MIG-47',
    says: 'a PAUSED QP goes where the record says',
    value: PAUSED,
    context: at(busy),
    event: timeout({ epoch: 4, at: 5 }),
    changes: { value: REACHABLE, context: { ...calmed, ...learned } },
  },
  {
    rule: 'MIG-46',
    says: 'a PAUSED QP whose peer is dead goes on, to fail as RC does',
    value: PAUSED,
    context: at(busy),
    event: timeout({ dead: true }),
    changes: { value: REACHABLE, context: calmed },
  },
  {
    rule: 'MIG-3',
    says: 'a STOPPED QP asks nobody',
    value: { ...PAUSED, ...STOPPED },
    context: at(busy),
    event: timeout({ epoch: 4, at: 5 }),
  },
  {
    rule: 'MIG-3',
    says: 'also where the peer is dead',
    value: { ...PAUSED, ...STOPPED },
    context: at(busy),
    event: timeout({ dead: true }),
  },
  {
    rule: 'RC-80',
    says: 'a NAK_STOPPED for another host is believed by its signature',
    context: at({ peerHost: ELSEWHERE }),
    event: nakStopped(KNOWN),
    changes: { value: PAUSED },
  },
];

/** Chapter 50, part B, sentence by sentence: what one QP does. */
export const GODWIT_VECTORS: readonly Vector[] = [
  ...stopping,
  ...starting,
  ...leaving,
  ...resuming,
  ...hearing,
  ...asking,
];
