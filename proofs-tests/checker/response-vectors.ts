import type { QpContext } from '../../model/context.ts';
import { ELSEWHERE, PEER, type Vector } from './vector.ts';

const on = (una: number, nxt: number, more: Partial<QpContext> = {}): Partial<QpContext> => ({
  una,
  nxt,
  sent: nxt,
  ...more,
});
const response = (psn: number, message: number, from = PEER) => ({ type: 'rx.response', psn, message, from }) as const;
const PAUSED = { peer: 'PAUSED' } as const;
const ERR = { value: { verbs: 'ERR' } } as const;

/** Chapter 30, responses of READ and atomics, sentence by sentence. */
export const RESPONSE_VECTORS: readonly Vector[] = [
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
  { rule: 'RC-21', says: 'nor is one to a READ that was not sent', context: on(2, 4), event: response(4, 2) },
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
