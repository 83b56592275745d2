/** Part A of chapter 50 as steps of one QP. */
import type { QpContext } from '../../model/context.ts';
import { nakStopped, PAUSED, REACHABLE, RESUMING, RUNNING, request, STOPPED } from './godwit-words.ts';
import { PEER, type Vector } from './vector.ts';

/** Two packets acknowledged, two on their way, three requests of the peer executed; incarnation 2 of this end. */
const CONTEXT: Partial<QpContext> = { una: 2, nxt: 4, sent: 4, expected: 3, epoch: 2, peerEpoch: 1 };
const MOVED = 5;
const resume = { type: 'rx.resume', psn: 9, epoch: 3, origin: MOVED, signed: true, from: MOVED } as const;
const ack = (psn: number) => ({ type: 'rx.ack', psn, from: PEER }) as const;
const saysStopped = { type: 'rx.nakStopped', psn: 3, epoch: 2, signed: true } as const;
const saysResume = { type: 'rx.resume', psn: 2, epoch: 2, origin: 0, signed: true } as const;
const answer = { to: MOVED, packet: { type: 'rx.ack', psn: 2 } as const };
const learned = { peerHost: MOVED, peerEpoch: 3, nxt: 2 };

const stopped: readonly Vector[] = [
  {
    rule: 'MIG-2',
    says: 'a STOPPED QP answers a request with its expected PSN',
    value: STOPPED,
    context: CONTEXT,
    event: request,
    sends: [saysStopped],
  },
  {
    rule: 'MIG-2',
    says: 'a resume too',
    value: STOPPED,
    context: CONTEXT,
    event: resume,
    sends: [saysStopped],
  },
  {
    rule: 'MIG-2',
    says: 'no resume in ERR',
    value: { ...STOPPED, verbs: 'ERR' },
    context: CONTEXT,
    event: resume,
  },
  {
    rule: 'MIG-14',
    says: 'the resume carries the first unacknowledged PSN',
    value: STOPPED,
    context: CONTEXT,
    event: { type: 'resume' },
    changes: { value: RESUMING },
    sends: [saysResume],
  },
  {
    rule: 'MIG-14',
    says: 'a QP that no peer knows sends none',
    value: { ...STOPPED, verbs: 'INIT' },
    context: CONTEXT,
    event: { type: 'resume' },
    changes: { value: RUNNING },
  },
];

const resuming: readonly Vector[] = [
  {
    rule: 'MIG-16',
    says: 'an unanswered resume is repeated',
    value: RESUMING,
    context: CONTEXT,
    event: { type: 'ackTimeout' },
    sends: [saysResume],
  },
  {
    rule: 'MIG-16',
    says: 'not while PAUSED: the peer is on its way too',
    value: { ...RESUMING, ...PAUSED },
    context: CONTEXT,
    event: { type: 'ackTimeout' },
  },
  {
    rule: 'MIG-19',
    says: 'an ACK of what came before answers the resume, and all behind it is sent again',
    value: RESUMING,
    context: CONTEXT,
    event: ack(1),
    changes: { value: RUNNING, context: { nxt: 2 } },
  },
  { rule: 'MIG-19', says: 'an older one does not', value: RESUMING, context: CONTEXT, event: ack(0) },
];

const peer: readonly Vector[] = [
  {
    rule: 'MIG-4',
    says: 'NAK_STOPPED pauses',
    context: { ...CONTEXT, una: 0 },
    event: nakStopped(0),
    changes: { value: PAUSED },
  },
  { rule: 'MIG-4', says: 'not where its PSN was acknowledged long since', context: CONTEXT, event: nakStopped(0) },
  {
    rule: 'MIG-17',
    says: 'a resume is believed and answered with what was executed last',
    context: CONTEXT,
    event: resume,
    changes: { context: learned },
    sends: [answer],
  },
  {
    rule: 'MIG-17',
    says: 'it ends the pause',
    value: PAUSED,
    context: CONTEXT,
    event: resume,
    changes: { value: REACHABLE, context: learned },
    sends: [answer],
  },
  { rule: 'MIG-17', says: 'not in ERR', value: { verbs: 'ERR' }, context: CONTEXT, event: resume },
];

const ERR = { verbs: 'ERR' } as const;
const cleared = { una: 0, nxt: 0, sent: 0, expected: 0, receives: 0 } as const;

const ending: readonly Vector[] = [
  ...(['modify.err', 'send.error', 'fatal'] as const).flatMap((type): readonly Vector[] => [
    {
      rule: 'MIG-23',
      says: `a QP that ends waits for no answer (${type})`,
      value: RESUMING,
      context: CONTEXT,
      event: { type },
      changes: { value: { ...ERR, ...RUNNING } },
    },
    {
      rule: 'MIG-23',
      says: `nor for a resume (${type})`,
      value: PAUSED,
      context: CONTEXT,
      event: { type },
      changes: { value: { ...ERR, ...REACHABLE } },
    },
  ]),
  {
    rule: 'MIG-23',
    says: 'nor does one in RESET',
    value: { ...RESUMING, ...PAUSED },
    context: CONTEXT,
    event: { type: 'modify.reset' },
    changes: { value: { verbs: 'RESET', ...RUNNING, ...REACHABLE }, context: cleared },
  },
  ...(['modify.err', 'modify.reset'] as const).map((type) => ({
    rule: 'MIG-1',
    says: `no consumer ends what is STOPPED (${type})`,
    value: { ...PAUSED, ...STOPPED },
    context: CONTEXT,
    event: { type },
  })),
  ...([RESUMING, PAUSED] as const).flatMap((value): readonly Vector[] => [
    {
      rule: 'QP-9',
      says: 'no send fails in RTR',
      value: { ...value, verbs: 'RTR' },
      context: CONTEXT,
      event: { type: 'send.error' },
    },
    {
      rule: 'QP-11',
      says: 'nothing is fatal in SQE',
      value: { ...value, verbs: 'SQE' },
      context: CONTEXT,
      event: { type: 'fatal' },
    },
  ]),
];

export const TARDIS_VECTORS: readonly Vector[] = [...stopped, ...resuming, ...peer, ...ending];
