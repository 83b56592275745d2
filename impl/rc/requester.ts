// Owns the requester: which WQE's which packet goes next, and what has to be waited for. Chapter 30.
import { ACCESS } from '../memory/access.ts';
import { type Instant, NEVER } from '../qp/instant.ts';
import { usable } from '../qp/scatter-gather.ts';
import type { SendWqe } from '../qp/send-queue.ts';
import { ABILITIES } from '../qp/state.ts';
import type { WcStatus } from '../qp/work-completion.ts';
import { type Psn, psnAdd } from '../wire/psn.ts';
import { ackTimeoutNs } from '../wire/timer-code.ts';
import { completeLocal, settle } from './complete.ts';
import type { RcQp } from './rc-qp.ts';
import { isAnswered, psnCountOf, transmitRequest, travelOf } from './request-packet.ts';

/** Half the PSN space: further apart, old and new could not be told from each other. */
const MAX_SPAN = 2 ** 23;

/** Whether the QP may send requests at all now. */
//= QP-34, RC-42, MIG-3, MIG-6, MIG-15
export const maySend = (qp: RcQp): boolean =>
  qp.migration.phase === 'RUNNING' &&
  ABILITIES[qp.state].continueWqes &&
  qp.resuming === undefined &&
  qp.completer.rnrDeadline === NEVER;

/** Sends up to `budget` request packets; returns how many. */
export const runRequester = (qp: RcQp, now: Instant, budget: number): number => {
  let sent = 0;
  while (sent < budget && maySend(qp)) {
    if (qp.requester.cursor === qp.sq.begun && !beginNext(qp)) break;
    if (qp.requester.cursor === qp.sq.begun) continue;
    if (!sendNext(qp, now)) break;
    sent++;
  }
  return sent;
};

/** Request packets sent and not answered. */
const unanswered = ({ requester, completer }: RcQp): number =>
  psnSpan(completer.una, requester.psn) - requester.readSlack;

/** PSNs from `from` up to `to`, which is not behind it: half the space is a span, where it would be a negative distance. */
const psnSpan = (from: Psn, to: Psn): number => psnAdd(to, -from);

/** Begins the next WQE: gives it PSNs, or executes it if it is local. False if there is none or it has to wait. */
const beginNext = (qp: RcQp): boolean => {
  const { sq, requester } = qp;
  if (sq.begun === sq.head || !ABILITIES[qp.state].beginWqes) return false; //= QP-35
  const wqe = sq.at(sq.begun);
  if (wqe.fence && requester.rdAtomic > 0) return false; //= RC-9
  const travel = travelOf(wqe.opcode);
  if (travel.kind === 'LOCAL') {
    if (sq.tail !== sq.begun) return false; //= RC-10
    completeLocal(qp);
    return true;
  }
  const { answered } = travel;
  const { maxRdAtomic, pathMtu } = qp.attributes;
  if (answered && maxRdAtomic > 0 && requester.rdAtomic >= maxRdAtomic) return false; //= RC-8
  const failure = localFailure(qp, wqe, answered);
  if (failure !== undefined) {
    wqe.failure = failure;
    sq.begun++;
    settle(qp);
    return true;
  }
  const psnCount = psnCountOf(travel, wqe.length, pathMtu);
  // Begun is what has been sent in part: what could not be sent now is left for later, and in SQD for good (QP-35).
  if (unanswered(qp) >= qp.device.window) return false; //= RC-7
  if (psnSpan(qp.completer.una, requester.nextPsn) + psnCount > MAX_SPAN) return false;
  wqe.firstPsn = requester.nextPsn; //= RC-1
  wqe.psnCount = psnCount;
  if (answered) requester.rdAtomic++;
  sq.begun++;
  return true;
};

//= RC-11, RC-12
const localFailure = (qp: RcQp, wqe: SendWqe, answered: boolean): WcStatus | undefined => {
  if (answered && qp.attributes.maxRdAtomic === 0) return 'LOC_QP_OP_ERR';
  if (wqe.inline !== undefined) return undefined;
  const writes = answered && wqe.opcode !== 'ATOMIC_WRITE';
  return usable(qp.device.keys, qp.pd, wqe.sges, writes ? ACCESS.LOCAL_WRITE : 0) ? undefined : 'LOC_PROT_ERR';
};

/** Sends the packet at the cursor and moves on; false if it has to wait. */
const sendNext = (qp: RcQp, now: Instant): boolean => {
  const { requester, sq } = qp;
  const wqe = sq.at(requester.cursor);
  const open = qp.device.window - unanswered(qp);
  if (wqe.failure !== undefined || open <= 0) return false; //= RC-7
  const index = requester.packet;
  //= RC-6
  if (!transmitRequest(qp, wqe, index, requester.retransmitting || open === 1)) {
    wqe.failure = 'LOC_PROT_ERR';
    settle(qp);
    return false;
  }
  requester.retransmitting = false;
  const isNew = requester.psn === requester.nextPsn;
  const occupied = isAnswered(wqe.opcode) ? wqe.psnCount - index : 1;
  requester.readSlack += occupied - 1;
  requester.psn = psnAdd(requester.psn, occupied);
  if (isNew) requester.nextPsn = requester.psn;
  else qp.device.tally('retransmissions');
  requester.packet += occupied;
  if (requester.packet === wqe.psnCount) {
    requester.cursor++;
    requester.packet = 0;
  }
  armAckTimer(qp, now);
  return true;
};

//= RC-40, RC-41
/** Starts the ACK timer unless it runs. */
const armAckTimer = (qp: RcQp, now: Instant): void => {
  if (qp.completer.ackDeadline === NEVER) qp.completer.ackDeadline = ackDeadlineFrom(qp, now);
};

/** Nanoseconds by timeout code. */
const ACK_TIMEOUTS = Array.from({ length: 32 }, (_, code) => ackTimeoutNs(code) ?? NEVER);

/** When the ACK timer fires if it starts now. */
export const ackDeadlineFrom = (qp: RcQp, now: Instant): Instant =>
  now + (ACK_TIMEOUTS[qp.attributes.timeout] ?? NEVER);
