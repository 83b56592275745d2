import type { QpContext } from '../../model/context.ts';
import { ELSEWHERE, PEER, type Vector } from './vector.ts';

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
const PAUSED = { peer: 'PAUSED' } as const;
const ERR = { value: { verbs: 'ERR' } } as const;

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
    says: 'a NAK of invalid request ends a QP in SQD too',
    value: { verbs: 'SQD' },
    context: on(0, 3),
    event: nak(1, 'INVALID_REQUEST'),
    changes: { ...ERR, context: { una: 1 } },
  },
];

const waits: readonly Vector[] = [
  {
    rule: 'RC-26',
    says: 'an RNR NAK behind a READ without its response is an implied NAK, and no wait',
    context: on(4, 6, { retries: 1 }),
    event: rnrNak(5),
    changes: { context: { nxt: 4, retries: 2, rnrWait: 0 } },
  },
  {
    rule: 'RC-26',
    says: 'with a spent budget it ends in ERR',
    context: on(4, 6, { retries: 2 }),
    event: rnrNak(5),
    changes: ERR,
  },
  {
    rule: 'RC-26',
    says: 'an RNR NAK of the first unacknowledged PSN implies nothing, whatever is left of retry_cnt',
    context: on(0, 3, { retries: 2 }),
    event: rnrNak(0),
    changes: { context: { nxt: 0, rnrWait: 1, rnrRetries: 1 } },
  },
  {
    rule: 'RC-80',
    says: 'an RNR NAK from elsewhere implies nothing',
    context: on(4, 6, { retries: 1 }),
    event: rnrNak(5, ELSEWHERE),
  },
  {
    rule: 'RC-80',
    says: 'nor does it with a spent budget',
    context: on(4, 6, { retries: 2 }),
    event: rnrNak(5, ELSEWHERE),
  },
  {
    rule: 'RC-21',
    says: 'an RNR NAK ahead implies nothing',
    context: on(4, 6, { retries: 1 }),
    event: rnrNak(6),
  },
  {
    rule: 'RC-21',
    says: 'nor does it with a spent budget',
    context: on(4, 6, { retries: 2 }),
    event: rnrNak(6),
  },
  {
    rule: 'RC-26',
    says: 'a fatal NAK behind a READ without its response is an implied NAK',
    context: on(4, 6, { retries: 1 }),
    event: nak(5, 'INVALID_REQUEST'),
    changes: { context: { nxt: 4, retries: 2 } },
  },
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
  {
    rule: 'RC-33',
    says: 'a sequence NAK that settles nothing does not end the wait',
    context: on(0, 0, { sent: 3, rnrWait: 1 }),
    event: nak(0),
    changes: { context: { retries: 1 } },
  },
  {
    rule: 'RC-33',
    says: 'one that settles something does',
    context: on(0, 0, { sent: 3, rnrWait: 1 }),
    event: nak(1),
    changes: { context: { una: 1, nxt: 1, retries: 1, rnrWait: 0 } },
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

/** Chapter 30, ACKs and NAKs, sentence by sentence. */
export const COMPLETER_VECTORS: readonly Vector[] = [...acks, ...naks, ...waits];
