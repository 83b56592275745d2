import type { QpContext } from '../../model/context.ts';
import type { Packet } from '../../model/packet.ts';
import { ELSEWHERE, PEER, type Vector } from './vector.ts';

type Request = Extract<Packet, { type: 'rx.request' }>;

const on = (una: number, nxt: number, more: Partial<QpContext> = {}): Partial<QpContext> => ({
  una,
  nxt,
  sent: nxt,
  ...more,
});
const ack = (psn: number, from = PEER) => ({ type: 'rx.ack', psn, from }) as const;
const nak = (psn: number, code: 'SEQUENCE' | 'INVALID_REQUEST' = 'SEQUENCE', from = PEER) =>
  ({ type: 'rx.nak', psn, code, from }) as const;
const rnrNak = (psn: number, from = PEER) => ({ type: 'rx.rnrNak', psn, from }) as const;
const response = (psn: number, message: number, from = PEER) => ({ type: 'rx.response', psn, message, from }) as const;
const write = (part: Request['part'], psn: number, ackReq: boolean): Request => ({
  type: 'rx.request',
  psn,
  op: 'WRITE',
  part,
  psns: 1,
  ackReq,
  message: 1,
});
const first: Request = { type: 'rx.request', psn: 0, op: 'SEND', part: 'only', psns: 1, ackReq: true, message: 0 };
const transmit = { type: 'transmit' } as const;
const ackTimeout = { type: 'ackTimeout' } as const;
const PAUSED = { peer: 'PAUSED' } as const;
const SQD = { verbs: 'SQD' } as const;
const ERR = { value: { verbs: 'ERR' } } as const;

const sending: readonly Vector[] = [
  {
    rule: 'RC-1',
    says: 'the first WQE takes the first PSN',
    event: transmit,
    changes: { context: { nxt: 1, sent: 1 } },
    sends: [first],
  },
  {
    rule: 'RC-1',
    says: 'the next packet takes the next PSN',
    context: on(1, 2),
    event: transmit,
    changes: { context: { nxt: 3, sent: 3 } },
    sends: [write('middle', 2, false)],
  },
  {
    rule: 'RC-4',
    says: 'a retransmission is the same packet and asks for an answer',
    context: on(1, 1, { sent: 3 }),
    event: transmit,
    changes: { context: { nxt: 2 } },
    sends: [write('first', 1, true)],
  },
  { rule: 'RC-7', says: 'a full window sends nothing', context: on(0, 4), event: transmit },
  { rule: 'RC-8', says: 'an atomic waits for the READ before it', context: on(4, 6), event: transmit },
  {
    rule: 'RC-42',
    says: 'nothing is sent while the RNR timer runs',
    context: on(0, 0, { rnrWait: 1 }),
    event: transmit,
  },
  { rule: 'MIG-6', says: 'a PAUSED QP sends nothing', value: PAUSED, event: transmit },
  { rule: 'MIG-3', says: 'a STOPPED QP sends nothing', value: { self: 'STOPPED' }, event: transmit },
  {
    rule: 'QP-35',
    says: 'SQD goes on with what it has begun',
    value: SQD,
    context: on(1, 2),
    event: transmit,
    changes: { context: { nxt: 3, sent: 3 } },
    sends: [write('middle', 2, false)],
  },
  {
    rule: 'QP-35',
    says: 'SQD sends again what it has sent',
    value: SQD,
    context: on(1, 1, { sent: 2 }),
    event: transmit,
    changes: { context: { nxt: 2 } },
    sends: [write('first', 1, true)],
  },
  { rule: 'QP-35', says: 'SQD begins nothing', value: SQD, context: on(1, 1), event: transmit },
  {
    rule: 'RC-7',
    says: 'a full window sends nothing in SQD',
    value: SQD,
    context: on(0, 4, { sent: 6 }),
    event: transmit,
  },
  { rule: 'RC-8', says: 'an atomic waits in SQD too', value: SQD, context: on(4, 6, { sent: 7 }), event: transmit },
  {
    rule: 'RC-42',
    says: 'nor does SQD while the RNR timer runs',
    value: SQD,
    context: on(1, 2, { rnrWait: 1 }),
    event: transmit,
  },
  {
    rule: 'MIG-6',
    says: 'nor does SQD while PAUSED',
    value: { ...SQD, ...PAUSED },
    context: on(1, 2),
    event: transmit,
  },
];

const timers: readonly Vector[] = [
  {
    rule: 'RC-4',
    says: 'a timeout starts again at una and costs a retry',
    context: on(1, 3),
    event: ackTimeout,
    changes: { context: { nxt: 1, retries: 1 } },
  },
  { rule: 'RC-40', says: 'no timer runs with nothing unanswered', context: on(1, 1, { sent: 3 }), event: ackTimeout },
  {
    rule: 'RC-31',
    says: 'a spent budget ends in ERR',
    context: on(0, 2, { retries: 2 }),
    event: ackTimeout,
    changes: ERR,
  },
  { rule: 'RC-31', says: 'nothing unanswered spends nothing', context: on(1, 1, { retries: 2 }), event: ackTimeout },
  {
    rule: 'RC-42',
    says: 'no ACK timer beside the RNR timer',
    context: on(0, 2, { rnrWait: 1, retries: 2 }),
    event: ackTimeout,
  },
  {
    rule: 'RC-42',
    says: 'the RNR wait ends',
    context: on(0, 0, { rnrWait: 1 }),
    event: { type: 'rnrTimeout' },
    changes: { context: { rnrWait: 0 } },
  },
];

const acks: readonly Vector[] = [
  {
    rule: 'RC-20',
    says: 'an ACK acknowledges up to its PSN and reloads the counters',
    context: on(0, 3, { retries: 2, rnrRetries: 1 }),
    event: ack(1),
    changes: { context: { una: 2, retries: 0, rnrRetries: 0 } },
  },
  {
    rule: 'RC-20',
    says: 'an ACK of what was sent before a retry moves the retry on',
    context: on(0, 0, { sent: 3 }),
    event: ack(1),
    changes: { context: { una: 2, nxt: 2 } },
  },
  { rule: 'RC-21', says: 'an ACK ahead is nothing', context: on(0, 2), event: ack(2) },
  { rule: 'RC-21', says: 'an ACK behind is nothing', context: on(2, 3), event: ack(1) },
  { rule: 'RC-80', says: 'an ACK from elsewhere is nothing', context: on(0, 3), event: ack(1, ELSEWHERE) },
  { rule: 'QP-33', says: 'an ACK in SQE is nothing', value: { verbs: 'SQE' }, context: on(0, 3), event: ack(1) },
  {
    rule: 'RC-29',
    says: 'an ACK does not complete a READ, which is asked for again',
    context: on(3, 6, { retries: 2 }),
    event: ack(4),
    changes: { context: { una: 4, nxt: 4, retries: 1 } },
  },
  {
    rule: 'RC-26',
    says: 'an implied NAK with a spent budget ends in ERR',
    context: on(4, 6, { retries: 2 }),
    event: ack(4),
    changes: ERR,
  },
  {
    rule: 'RC-80',
    says: 'an implied NAK from elsewhere is nothing',
    context: on(4, 6, { retries: 2 }),
    event: ack(4, ELSEWHERE),
  },
  {
    rule: 'RC-80',
    says: 'nor is it while something is left of the budget',
    context: on(4, 6),
    event: ack(4, ELSEWHERE),
  },
  {
    rule: 'RC-21',
    says: 'an implied NAK from outside the window is nothing',
    context: on(4, 6, { retries: 2 }),
    event: ack(9),
  },
  { rule: 'RC-21', says: 'nor is it with a budget', context: on(4, 6), event: ack(9) },
  {
    rule: 'MIG-8',
    says: 'a PAUSED QP takes an ACK',
    value: PAUSED,
    context: on(0, 3, { retries: 1 }),
    event: ack(1),
    changes: { context: { una: 2, retries: 0 } },
  },
  {
    rule: 'MIG-7',
    says: 'an implied NAK costs a PAUSED QP nothing',
    value: PAUSED,
    context: on(4, 6, { retries: 2 }),
    event: ack(4),
  },
  { rule: 'RC-21', says: 'an ACK ahead is nothing to a PAUSED QP', value: PAUSED, context: on(0, 2), event: ack(2) },
  { rule: 'RC-80', says: 'nor is one from elsewhere', value: PAUSED, context: on(0, 2), event: ack(1, ELSEWHERE) },
];

const naks: readonly Vector[] = [
  {
    rule: 'RC-30',
    says: 'a sequence NAK acknowledges what is before it and retries from there',
    context: on(0, 3, { retries: 2 }),
    event: nak(1),
    changes: { context: { una: 1, nxt: 1, retries: 1 } },
  },
  {
    rule: 'RC-31',
    says: 'a sequence NAK with a spent budget ends in ERR',
    context: on(0, 3, { retries: 2 }),
    event: nak(0),
    changes: ERR,
  },
  { rule: 'RC-21', says: 'a NAK ahead is nothing', context: on(0, 2), event: nak(2) },
  { rule: 'RC-21', says: 'nor with a spent budget', context: on(0, 2, { retries: 2, sent: 2 }), event: nak(15) },
  { rule: 'RC-80', says: 'a NAK from elsewhere is nothing', context: on(0, 3), event: nak(1, 'SEQUENCE', ELSEWHERE) },
  {
    rule: 'RC-80',
    says: 'nor with a spent budget',
    context: on(0, 3, { retries: 2 }),
    event: nak(0, 'SEQUENCE', ELSEWHERE),
  },
  {
    rule: 'MIG-7',
    says: 'a sequence NAK acknowledges for a PAUSED QP and costs nothing',
    value: PAUSED,
    context: on(0, 3, { retries: 1 }),
    event: nak(1),
    changes: { context: { una: 1, retries: 0 } },
  },
  {
    rule: 'MIG-7',
    says: 'nor does it end a PAUSED QP',
    value: PAUSED,
    context: on(0, 3, { retries: 2 }),
    event: nak(0),
  },
  { rule: 'RC-21', says: 'a NAK ahead is nothing to a PAUSED QP', value: PAUSED, context: on(0, 2), event: nak(2) },
  {
    rule: 'RC-80',
    says: 'nor is one from elsewhere',
    value: PAUSED,
    context: on(0, 3),
    event: nak(1, 'SEQUENCE', ELSEWHERE),
  },
  {
    rule: 'QP-9',
    says: 'a NAK of invalid request acknowledges what is before it and ends in ERR',
    context: on(0, 3),
    event: nak(1, 'INVALID_REQUEST'),
    changes: { ...ERR, context: { una: 1 } },
  },
  {
    rule: 'RC-21',
    says: 'a NAK of invalid request ahead is nothing',
    context: on(0, 2),
    event: nak(2, 'INVALID_REQUEST'),
  },
  { rule: 'RC-80', says: 'nor is one from elsewhere', context: on(0, 3), event: nak(1, 'INVALID_REQUEST', ELSEWHERE) },
  {
    rule: 'QP-9',
    says: 'a NAK of invalid request ends a PAUSED QP too',
    value: PAUSED,
    context: on(0, 3),
    event: nak(1, 'INVALID_REQUEST'),
    changes: { ...ERR, context: { una: 1 } },
  },
];

const waits: readonly Vector[] = [
  {
    rule: 'RC-33',
    says: 'an RNR NAK acknowledges what is before it and begins a wait',
    context: on(0, 3, { rnrRetries: 1 }),
    event: rnrNak(1),
    changes: { context: { una: 1, nxt: 1, rnrWait: 1, rnrRetries: 1 } },
  },
  {
    rule: 'RC-34',
    says: 'a spent RNR budget ends in ERR',
    context: on(0, 3, { rnrRetries: 1 }),
    event: rnrNak(0),
    changes: ERR,
  },
  {
    rule: 'RC-34',
    says: 'an RNR NAK during the wait costs nothing',
    context: on(0, 0, { sent: 3, rnrWait: 1, rnrRetries: 1 }),
    event: rnrNak(0),
  },
  {
    rule: 'RC-34',
    says: 'nor does it while something is left of the budget',
    context: on(0, 0, { sent: 3, rnrWait: 1 }),
    event: rnrNak(0),
  },
  {
    rule: 'RC-33',
    says: 'an RNR NAK of a later PSN during the wait begins a new one',
    context: on(0, 0, { sent: 3, rnrWait: 1, rnrRetries: 1 }),
    event: rnrNak(1),
    changes: { context: { una: 1, nxt: 1, rnrRetries: 1 } },
  },
  { rule: 'RC-21', says: 'an RNR NAK ahead is nothing', context: on(0, 2), event: rnrNak(2) },
  { rule: 'RC-21', says: 'nor behind, with a spent budget', context: on(1, 2, { rnrRetries: 1 }), event: rnrNak(0) },
  { rule: 'RC-80', says: 'an RNR NAK from elsewhere is nothing', context: on(0, 3), event: rnrNak(1, ELSEWHERE) },
  { rule: 'RC-80', says: 'nor with a spent budget', context: on(0, 3, { rnrRetries: 1 }), event: rnrNak(0, ELSEWHERE) },
  {
    rule: 'MIG-7',
    says: 'an RNR NAK acknowledges for a PAUSED QP and begins no wait',
    value: PAUSED,
    context: on(0, 3),
    event: rnrNak(1),
    changes: { context: { una: 1 } },
  },
  {
    rule: 'MIG-7',
    says: 'nor does it end a PAUSED QP',
    value: PAUSED,
    context: on(0, 3, { rnrRetries: 1 }),
    event: rnrNak(0),
  },
  {
    rule: 'RC-21',
    says: 'an RNR NAK ahead is nothing to a PAUSED QP',
    value: PAUSED,
    context: on(0, 2),
    event: rnrNak(2),
  },
  { rule: 'RC-80', says: 'nor is one from elsewhere', value: PAUSED, context: on(0, 3), event: rnrNak(1, ELSEWHERE) },
];

const responses: readonly Vector[] = [
  {
    rule: 'RC-27',
    says: 'the next response of a READ is placed and reloads the counters',
    context: on(4, 6, { retries: 1, rnrRetries: 1 }),
    event: response(4, 2),
    changes: { context: { una: 5, retries: 0, rnrRetries: 0 } },
  },
  {
    rule: 'RC-27',
    says: 'it acknowledges what is before it',
    context: on(3, 3, { sent: 6 }),
    event: response(4, 2),
    changes: { context: { una: 5, nxt: 5 } },
  },
  {
    rule: 'RC-26',
    says: 'a response beyond the next is an implied NAK',
    context: on(3, 6),
    event: response(5, 2),
    changes: { context: { una: 4, nxt: 4, retries: 1 } },
  },
  {
    rule: 'RC-26',
    says: 'a response where none is due is an implied NAK',
    context: on(0, 3),
    event: response(1, 2),
    changes: { context: { una: 2, nxt: 2, retries: 1 } },
  },
  {
    rule: 'RC-26',
    says: 'an implied NAK with a spent budget ends in ERR',
    context: on(4, 6, { retries: 2 }),
    event: response(5, 2),
    changes: ERR,
  },
  { rule: 'RC-21', says: 'a response outside the window is nothing', context: on(4, 6), event: response(6, 3) },
  { rule: 'RC-21', says: 'nor with a spent budget', context: on(4, 6, { retries: 2 }), event: response(9, 3) },
  { rule: 'RC-80', says: 'a response from elsewhere is nothing', context: on(4, 6), event: response(4, 2, ELSEWHERE) },
  { rule: 'RC-80', says: 'nor is one beyond the next', context: on(4, 6), event: response(5, 2, ELSEWHERE) },
  {
    rule: 'RC-80',
    says: 'nor with a spent budget',
    context: on(4, 6, { retries: 2 }),
    event: response(5, 2, ELSEWHERE),
  },
  {
    rule: 'MIG-8',
    says: 'a PAUSED QP takes a response',
    value: PAUSED,
    context: on(4, 6),
    event: response(4, 2),
    changes: { context: { una: 5 } },
  },
  {
    rule: 'MIG-7',
    says: 'an implied NAK acknowledges for a PAUSED QP and costs nothing',
    value: PAUSED,
    context: on(3, 6),
    event: response(5, 2),
    changes: { context: { una: 4 } },
  },
  {
    rule: 'MIG-7',
    says: 'nor does it end a PAUSED QP',
    value: PAUSED,
    context: on(4, 6, { retries: 2 }),
    event: response(5, 2),
  },
  {
    rule: 'RC-21',
    says: 'a response ahead is nothing to a PAUSED QP',
    value: PAUSED,
    context: on(2, 4),
    event: response(4, 2),
  },
  {
    rule: 'RC-80',
    says: 'nor is one from elsewhere',
    value: PAUSED,
    context: on(3, 6),
    event: response(5, 2, ELSEWHERE),
  },
];

/** Chapter 30, requester and completer, sentence by sentence. */
export const REQUESTER_VECTORS: readonly Vector[] = [...sending, ...timers, ...acks, ...naks, ...waits, ...responses];
