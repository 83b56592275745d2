// Owns the credits a responder gives: how many receives its queue holds. Chapter 30.
import type { QpCore } from '../qp/qp-core.ts';
import { creditCode } from '../wire/credit.ts';
import { ack, type Syndrome } from '../wire/syndrome.ts';

/** Syndromes of 0..1024 receives, for the hot path. */
const BY_COUNT = Array.from({ length: 1025 }, (_, receives) => ack(creditCode(receives)));

//= RC-72
/** The ACK syndrome that tells what the QP's receive queue holds; no credit for an SRQ. */
export const ackSyndrome = (qp: QpCore): Syndrome => {
  if (qp.srq !== undefined) return ack();
  return BY_COUNT[qp.rq.count] ?? ack(creditCode(qp.rq.count));
};
