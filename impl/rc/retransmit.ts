// Owns going back: the requester's cursor returns to the oldest unacknowledged PSN. Chapter 30.
import { type Instant, NEVER } from '../qp/instant.ts';
import { ABILITIES } from '../qp/state.ts';
import { type Psn, psnAdd, psnDistance } from '../wire/psn.ts';
import { failOldest } from './error.ts';
import type { RcQp } from './rc-qp.ts';

/** Sets the cursor to the oldest unacknowledged PSN; what is sent next is sent again. */
export const goBack = (qp: RcQp): void => {
  const { requester, completer } = qp;
  placeCursor(qp);
  requester.retransmitting = requester.psn !== requester.nextPsn;
  completer.ackDeadline = NEVER; //= RC-40
  qp.device.schedule(qp);
};

/** Sets the cursor to `una`. The PSNs of a READ that has begun to arrive are not counted as sent. */
const placeCursor = (qp: RcQp): void => {
  const { requester, completer, sq } = qp;
  requester.psn = completer.una; //= RC-4
  requester.cursor = sq.tail;
  requester.packet = sq.tail < sq.begun ? psnDistance(completer.una, sq.at(sq.tail).firstPsn) : 0;
  requester.readSlack = 0;
};

/**
 * Moves `una` on. A cursor that has fallen behind it, because it was going over these PSNs again, moves along; what the
 * requester waited for a receiver to take, it has taken.
 */
export const advanceUna = (qp: RcQp, to: Psn): void => {
  const { requester, completer } = qp;
  completer.una = to;
  completer.retryCnt = qp.attributes.retryCnt; //= RC-35
  completer.rnrRetry = qp.attributes.rnrRetry;
  completer.nakHandled = false;
  completer.rnrDeadline = NEVER;
  if (psnDistance(to, requester.psn) > 0) placeCursor(qp);
};

/**
 * A response packet of a READ has arrived, and not the last: its PSN no longer counts among those that take no room. The last
 * takes the request packet's own with it.
 */
export const takeReadSlack = (qp: RcQp): void => {
  const { requester } = qp;
  if (requester.readSlack > 0) requester.readSlack--;
};

//= RC-31, RC-32
/** Goes back at the cost of one retry; without one left the oldest WQE fails. */
export const retry = (qp: RcQp): void => {
  const { completer } = qp;
  if (completer.retryCnt === 0) {
    failOldest(qp, 'RETRY_EXC_ERR');
    return;
  }
  completer.retryCnt--;
  goBack(qp);
};

/** Who may not send has nothing to retry: it starts at `una` when it may. */
//= MIG-6, MIG-7, MIG-15
const isSilent = (qp: RcQp): boolean =>
  qp.migration.phase === 'PAUSED' || qp.resuming !== undefined || !ABILITIES[qp.state].continueWqes;

//= RC-39
/**
 * As `retry`, because of a NAK; later NAKs change nothing until `una` has advanced or the timer has fired. Whether this one has
 * started a retransmission, or ended the QP.
 */
export const retryForNak = (qp: RcQp): boolean => {
  if (qp.completer.nakHandled || isSilent(qp)) return false;
  qp.completer.nakHandled = true;
  retry(qp);
  return true;
};

//= RC-33, RC-34
/** Goes back and waits for the receiver to become ready. Whether a wait has begun, or the QP ended; no wait is made longer. */
export const waitForReceiver = (qp: RcQp, now: Instant, nanoseconds: number): boolean => {
  const { completer } = qp;
  if (completer.rnrDeadline !== NEVER || isSilent(qp)) return false;
  if (qp.attributes.rnrRetry !== 7) {
    if (completer.rnrRetry === 0) {
      failOldest(qp, 'RNR_RETRY_EXC_ERR');
      return true;
    }
    completer.rnrRetry--;
  }
  goBack(qp);
  completer.rnrDeadline = now + nanoseconds;
  return true;
};

/** The PSN behind the last one of the oldest WQE. */
export const endOfOldest = (qp: RcQp): Psn => {
  const wqe = qp.sq.at(qp.sq.tail);
  return psnAdd(wqe.firstPsn, wqe.psnCount);
};
