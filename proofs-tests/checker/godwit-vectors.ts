import type { QpContext } from '../../model/context.ts';
import {
  at,
  busy,
  calmed,
  GONE,
  KNOWN,
  learned,
  MINE,
  nakStopped,
  PAUSED,
  RESUMING,
  RUNNING,
  request,
  resume,
  resumed,
  STOPPED,
  saysResume,
  saysStopped,
  TOMBSTONE,
  timeout,
} from './godwit-words.ts';
import type { Vector } from './vector.ts';

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
    event: { type, epoch: 3 },
    changes: { value: RESUMING, context: { ...calmed, epoch: 3, rnrWait: 0, rnrRetries: 0 } },
    sends: [saysResume(3)],
  },
  {
    rule: type === 'activate' ? 'MIG-33' : 'MIG-34',
    says: `${type} of a QP that knows no peer says nothing`,
    value: { ...STOPPED, verbs: 'INIT' },
    context: at(),
    event: { type, epoch: 3 },
    changes: { value: RUNNING, context: { epoch: 3 } },
  },
]);

/** A migration was given up before it stopped anything. */
const restarting: readonly Vector[] = [RUNNING, RESUMING].flatMap((value): readonly Vector[] => [
  {
    rule: 'MIG-34',
    says: `a QP that runs starts the next incarnation, ${value.self}`,
    value,
    context: at({ ...busy, rnrWait: 1, rnrRetries: 1 }),
    event: { type: 'activate', epoch: 3 },
    changes: { value: RESUMING, context: { ...calmed, epoch: 3, rnrWait: 0, rnrRetries: 0 } },
    sends: [saysResume(3)],
  },
  {
    rule: 'MIG-34',
    says: `and says nothing to a peer that it does not know, ${value.self}`,
    value: { ...value, verbs: 'INIT' },
    context: at(),
    event: { type: 'activate', epoch: 3 },
    changes: { value: RUNNING, context: { epoch: 3 } },
  },
  ...(['RTS', 'INIT'] as const).map((verbs) => ({
    rule: 'MIG-55',
    says: `what has started starts once, ${value.self} ${verbs}`,
    value: { ...value, verbs },
    context: at({ rnrRetries: 1 }),
    event: { type: 'activate', epoch: MINE } as const,
  })),
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
    changes: { value: RUNNING, context: { una: 2, nxt: 2, retries: 0, spared: 3, rnrRetries: 0, rnrWait: 0 } },
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

/** Orders for an incarnation that is over, or not yet. */
const ordered: readonly Vector[] = [
  ...[MINE - 1, MINE + 1].flatMap((epoch): readonly Vector[] => [
    { rule: 'MIG-55', says: 'a stop of another incarnation', context: at(), event: { type: 'stop', epoch } },
    {
      rule: 'MIG-55',
      says: 'also while its resume is unanswered',
      value: RESUMING,
      context: at(),
      event: { type: 'stop', epoch },
    },
    {
      rule: 'MIG-55',
      says: 'an order to destroy another',
      value: STOPPED,
      context: at(),
      event: { type: 'destroy', epoch },
    },
  ]),
  ...(['activate', 'unstop'] as const).flatMap((type): readonly Vector[] =>
    (['RTS', 'INIT'] as const).flatMap((verbs) =>
      [MINE, MINE - 1].map((epoch) => ({
        rule: 'MIG-55',
        says: `to start what has started (${type}, ${verbs})`,
        value: { ...STOPPED, verbs },
        context: at(),
        event: { type, epoch },
      })),
    ),
  ),
];

const ending: readonly Vector[] = [
  {
    rule: 'MIG-54',
    says: 'a QP in RESET waits for nobody',
    value: { ...RESUMING, peer: 'PAUSED' },
    context: at(busy),
    event: { type: 'modify.reset' },
    changes: {
      value: { verbs: 'RESET', ...RUNNING, peer: 'REACHABLE' },
      context: { nxt: 0, sent: 0, retries: 0, receives: 0 },
    },
  },
  {
    rule: 'MIG-1',
    says: 'no consumer resets what is STOPPED',
    value: { ...STOPPED, peer: 'PAUSED' },
    context: at(busy),
    event: { type: 'modify.reset' },
  },
  {
    rule: 'MIG-54',
    says: 'one in ERR still tells its peer where it is',
    value: RESUMING,
    context: at(busy),
    event: { type: 'modify.err' },
    changes: { value: { verbs: 'ERR' } },
  },
];

/** Chapter 50, part B, sentence by sentence: what a QP does about itself. */
export const GODWIT_VECTORS: readonly Vector[] = [
  ...stopping,
  ...starting,
  ...restarting,
  ...leaving,
  ...resuming,
  ...ordered,
  ...ending,
];
