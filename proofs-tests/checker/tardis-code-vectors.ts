/** What the public code does otherwise than part A of chapter 50 says (reference: holes H3, H5, H8, H9, H10, H17). */
import type { QpContext } from '../../model/context.ts';
import type { Packet } from '../../model/packet.ts';
import { PAUSED, REACHABLE, RESUMING, RUNNING, STOPPED } from './godwit-words.ts';
import { PEER, type Vector } from './vector.ts';

type Request = Extract<Packet, { type: 'rx.request' }>;

const CONTEXT: Partial<QpContext> = { una: 2, nxt: 4, sent: 4, expected: 3, epoch: 2, peerEpoch: 1 };
const READING: Partial<QpContext> = { ...CONTEXT, nxt: 6, sent: 6 };
const IDLE: Partial<QpContext> = { ...CONTEXT, una: 4 };
const KEPT: Partial<QpContext> = { ...CONTEXT, resources: [{ first: 1, psns: 2 }] };
const SPENT: Partial<QpContext> = { ...CONTEXT, retries: 2 };
const HUSHED: Partial<QpContext> = { ...CONTEXT, nakSent: 1 };
const MOVED = 5;

const request = (psn: number, more: Partial<Request> = {}) =>
  ({
    type: 'rx.request',
    psn,
    op: 'SEND',
    part: 'only',
    psns: 1,
    ackReq: true,
    message: 0,
    ...more,
    from: PEER,
  }) as const;
const read = request(1, { op: 'READ', psns: 2 });
const resume = { type: 'rx.resume', psn: 9, epoch: 3, origin: MOVED, signed: true, from: MOVED } as const;
const ack = (psn: number) => ({ type: 'rx.ack', psn, from: PEER }) as const;
const nak = (psn: number) => ({ type: 'rx.nak', psn, code: 'SEQUENCE', from: PEER }) as const;
const rnrNak = (psn: number) => ({ type: 'rx.rnrNak', psn, from: PEER }) as const;
const response = (psn: number) => ({ type: 'rx.response', psn, message: 2, from: PEER }) as const;
const ackTimeout = { type: 'ackTimeout' } as const;

const answer = { to: MOVED, packet: { type: 'rx.ack', psn: 9 } as const };
const learned = { peerHost: MOVED, peerEpoch: 3 };
const inErr = { ...STOPPED, verbs: 'ERR' } as const;
const inRtr = { verbs: 'RTR' } as const;

const stopped: readonly Vector[] = [
  {
    rule: 'RC-52',
    says: 'a STOPPED QP NAKs a gap',
    value: STOPPED,
    context: CONTEXT,
    event: request(5),
    changes: { context: { nakSent: 1 } },
    sends: [{ type: 'rx.nak', psn: 3, code: 'SEQUENCE' }],
  },
  { rule: 'RC-52', says: 'once', value: STOPPED, context: HUSHED, event: request(5) },
  { rule: 'RC-52', says: 'not in ERR', value: inErr, context: CONTEXT, event: request(5) },
  {
    rule: 'RC-55',
    says: 'a STOPPED QP answers a duplicate READ from what it kept',
    value: STOPPED,
    context: KEPT,
    event: read,
    sends: [
      { type: 'rx.response', psn: 1, message: 0 },
      { type: 'rx.response', psn: 2, message: 0 },
    ],
  },
  { rule: 'RC-55', says: 'not from nothing', value: STOPPED, context: CONTEXT, event: read },
  { rule: 'RC-55', says: 'not in ERR', value: inErr, context: KEPT, event: read },
  {
    rule: 'RC-54',
    says: 'a STOPPED QP acknowledges a duplicate',
    value: STOPPED,
    context: KEPT,
    event: request(1),
    sends: [{ type: 'rx.ack', psn: 2 }],
  },
  { rule: 'RC-54', says: 'that asks for it', value: STOPPED, context: CONTEXT, event: request(1, { ackReq: false }) },
  { rule: 'RC-54', says: 'not in ERR', value: inErr, context: CONTEXT, event: request(1) },
  {
    rule: 'MIG-17',
    says: 'a STOPPED QP believes a resume and acknowledges its PSN',
    value: STOPPED,
    context: HUSHED,
    event: resume,
    changes: { context: { ...learned, nakSent: 0 } },
    sends: [answer],
  },
  {
    rule: 'MIG-17',
    says: 'and stays PAUSED beneath',
    value: { ...STOPPED, ...PAUSED },
    context: CONTEXT,
    event: resume,
    changes: { context: learned },
    sends: [answer],
  },
  ...[inRtr, { ...inRtr, ...PAUSED }].map((value) => ({
    rule: 'MIG-17',
    says: 'in RTR too, where it fails no QP',
    value: { ...STOPPED, ...value },
    context: CONTEXT,
    event: resume,
    changes: { context: learned },
    sends: [answer],
  })),
];

const resuming: readonly Vector[] = [
  {
    rule: 'MIG-16',
    says: 'a resume is repeated while data is unacknowledged, and costs a retry',
    value: RESUMING,
    context: CONTEXT,
    event: ackTimeout,
    changes: { context: { retries: 1 } },
    sends: [{ type: 'rx.resume', psn: 2, epoch: 2, origin: 0, signed: true }],
  },
  {
    rule: 'MIG-16',
    says: 'the last retry fails the QP',
    value: RESUMING,
    context: SPENT,
    event: ackTimeout,
    changes: { value: { verbs: 'ERR', ...RUNNING } },
  },
  { rule: 'MIG-16', says: 'an idle QP repeats nothing', value: RESUMING, context: IDLE, event: ackTimeout },
  {
    rule: 'MIG-16',
    says: 'and does not fail',
    value: RESUMING,
    context: { ...IDLE, retries: 2 },
    event: ackTimeout,
  },
  ...[CONTEXT, SPENT].map((context) => ({
    rule: 'MIG-16',
    says: 'nothing is repeated while PAUSED',
    value: { ...RESUMING, ...PAUSED },
    context,
    event: ackTimeout,
  })),
  {
    rule: 'RC-20',
    says: 'an ACK that answers the resume completes what it acknowledges (H8)',
    value: RESUMING,
    context: CONTEXT,
    event: ack(2),
    changes: { value: RUNNING, context: { una: 3, nxt: 3 } },
  },
  {
    rule: 'RC-20',
    says: 'one beyond a READ acknowledges what lies before it and costs no retry',
    value: RESUMING,
    context: READING,
    event: ack(5),
    changes: { value: RUNNING, context: { una: 4, nxt: 4 } },
  },
  {
    rule: 'RC-30',
    says: 'a NAK acknowledges what lies before it',
    value: RESUMING,
    context: CONTEXT,
    event: nak(3),
    changes: { context: { una: 3 } },
  },
  { rule: 'RC-30', says: 'and nothing where it is for nothing sent', value: RESUMING, context: CONTEXT, event: nak(9) },
  {
    rule: 'RC-33',
    says: 'an RNR NAK too',
    value: RESUMING,
    context: CONTEXT,
    event: rnrNak(3),
    changes: { context: { una: 3 } },
  },
  { rule: 'RC-33', says: 'for nothing sent nothing', value: RESUMING, context: CONTEXT, event: rnrNak(9) },
  {
    rule: 'RC-26',
    says: 'a response that is not due acknowledges what lies before the READ',
    value: RESUMING,
    context: READING,
    event: response(5),
    changes: { context: { una: 4 } },
  },
  { rule: 'RC-26', says: 'for nothing sent nothing', value: RESUMING, context: READING, event: response(9) },
];

const peer: readonly Vector[] = [
  { rule: 'MIG-7', says: 'a PAUSED QP takes no ACK', value: PAUSED, context: CONTEXT, event: ack(2) },
  {
    rule: 'MIG-17',
    says: 'a resume is acknowledged with its own PSN',
    context: CONTEXT,
    event: resume,
    changes: { context: { ...learned, nxt: 2 } },
    sends: [answer],
  },
  {
    rule: 'MIG-17',
    says: 'it ends the pause',
    value: PAUSED,
    context: CONTEXT,
    event: resume,
    changes: { value: REACHABLE, context: { ...learned, nxt: 2 } },
    sends: [answer],
  },
  ...[inRtr, { ...inRtr, ...PAUSED }].map((value) => ({
    rule: 'MIG-17',
    says: 'in RTR it fails the QP',
    value,
    context: CONTEXT,
    event: resume,
    changes: { value: { verbs: 'ERR', ...REACHABLE } } as const,
  })),
];

export const TARDIS_CODE_VECTORS: readonly Vector[] = [...stopped, ...resuming, ...peer];
