// Owns the completer: what an answer acknowledges, completes or sends back. Chapter 30.
import { invariant } from '../invariant.ts';
import { ACCESS } from '../memory/access.ts';
import { type Instant, NEVER } from '../qp/instant.ts';
import { scatter } from '../qp/scatter-gather.ts';
import type { SendWqe } from '../qp/send-queue.ts';
import type { WcStatus } from '../qp/work-completion.ts';
import { putU64Little } from '../wire/bytes.ts';
import type { OpcodeInfo } from '../wire/opcode.ts';
import type { Packet } from '../wire/packet.ts';
import { type Psn, psnAdd, psnDistance } from '../wire/psn.ts';
import type { NakCode } from '../wire/syndrome.ts';
import { rnrTimerNs } from '../wire/timer-code.ts';
import { completeOldest } from './complete.ts';
import { failOldest } from './error.ts';
import type { RcQp } from './rc-qp.ts';
import { isAnswered } from './request-packet.ts';
import { ackDeadlineFrom } from './requester.ts';
import { advanceUna, endOfOldest, retry, retryForNak, takeReadSlack, waitForReceiver } from './retransmit.ts';

/** Takes a response packet. Precondition: the QP's state processes responses. */
export const onResponse = (qp: RcQp, packet: Packet, info: OpcodeInfo, now: Instant): void => {
  const { completer } = qp;
  const { una } = completer;
  if (!inWindow(qp, packet.psn)) {
    qp.device.drop('OUTSIDE_WINDOW'); //= RC-21
    return;
  }
  if (info.operation === 'ACKNOWLEDGE') onAcknowledge(qp, packet, now);
  else onAnswer(qp, packet, info);
  if (qp.state === 'ERR' || completer.una === una) return;
  completer.ackDeadline = ackTimerRuns(qp) ? ackDeadlineFrom(qp, now) : NEVER; //= RC-40
  qp.device.schedule(qp);
};

const inWindow = ({ completer, requester }: RcQp, psn: Psn): boolean =>
  psnDistance(psn, completer.una) >= 0 && psnDistance(psn, requester.nextPsn) < 0;

const ackTimerRuns = ({ completer, requester, migration }: RcQp): boolean =>
  requester.psn !== completer.una && migration.phase === 'RUNNING';

/** WC status by NAK code. Source: table nak-wc. */
export const NAK_STATUS = {
  INVALID_REQUEST: 'REM_INV_REQ_ERR',
  REMOTE_ACCESS_ERROR: 'REM_ACCESS_ERR',
  REMOTE_OPERATIONAL_ERROR: 'REM_OP_ERR',
  INVALID_RD_REQUEST: 'REM_OP_ERR',
} as const satisfies Record<Exclude<NakCode, 'PSN_SEQUENCE_ERROR' | 'STOPPED'>, WcStatus>;

const onAcknowledge = (qp: RcQp, packet: Packet, now: Instant): void => {
  const { syndrome, psn } = packet;
  switch (syndrome.kind) {
    case 'ACK': //= RC-20, RC-38
      if (!acknowledgeBefore(qp, psnAdd(psn, 1))) impliedNak(qp);
      return;
    case 'RNR_NAK':
      if (!acknowledgeBefore(qp, psn)) impliedNak(qp);
      else if (!waitForReceiver(qp, now, rnrTimerNs(syndrome.timer))) qp.device.drop('NAK_HANDLED'); //= RC-33, RC-43
      return;
    case 'RESERVED':
      failAt(qp, psn, 'REM_OP_ERR'); //= RC-37
      return;
    case 'NAK':
      if (syndrome.code === 'PSN_SEQUENCE_ERROR') {
        acknowledgeBefore(qp, psn); //= RC-30
        if (!retryForNak(qp)) qp.device.drop('NAK_HANDLED');
      } else if (syndrome.code !== 'STOPPED') failAt(qp, psn, NAK_STATUS[syndrome.code]); //= RC-36
      return;
  }
};

/**
 * Acknowledges every PSN before `limit`; false if a READ or atomic without its answer is in the way, which then has the
 * oldest unacknowledged PSN.
 */
const acknowledgeBefore = (qp: RcQp, limit: Psn): boolean => {
  const { completer, sq } = qp;
  while (psnDistance(limit, completer.una) > 0 && sq.tail < sq.begun) {
    if (isAnswered(sq.at(sq.tail).opcode)) return false; //= RC-26, RC-29
    const end = endOfOldest(qp);
    if (psnDistance(limit, end) < 0) {
      advanceUna(qp, limit);
      return true;
    }
    completeOldest(qp);
    advanceUna(qp, end);
  }
  return true;
};

//= RC-26
const impliedNak = (qp: RcQp): void => {
  qp.device.tally('impliedNaks');
  retryForNak(qp);
};

/** The peer has refused the request of `psn`: its WQE fails when everything before it is acknowledged. */
const failAt = (qp: RcQp, psn: Psn, status: WcStatus): void => {
  if (!acknowledgeBefore(qp, psn)) impliedNak(qp);
  else if (qp.state !== 'ERR') failOldest(qp, status);
};

/** A response that answers one WQE: of a READ, an atomic, a FLUSH or an ATOMIC WRITE. */
const onAnswer = (qp: RcQp, packet: Packet, info: OpcodeInfo): void => {
  const { completer, sq } = qp;
  acknowledgeBefore(qp, packet.psn);
  if (qp.state === 'ERR') return;
  if (completer.una !== packet.psn) {
    impliedNak(qp); //= RC-26, RC-27
    return;
  }
  invariant(sq.tail < sq.begun, 'RC-27', 'a PSN in the window without a WQE');
  const failure = placeAnswer(qp, sq.at(sq.tail), packet, info);
  if (failure !== undefined) {
    failOldest(qp, failure);
    return;
  }
  const next = psnAdd(packet.psn, 1);
  if (next === endOfOldest(qp)) completeOldest(qp);
  else takeReadSlack(qp);
  advanceUna(qp, next);
};

//= RC-28
/** Puts the bytes of an answer in place; why the WQE fails instead, if it does. */
const placeAnswer = (qp: RcQp, wqe: SendWqe, packet: Packet, info: OpcodeInfo): WcStatus | undefined => {
  switch (wqe.opcode) {
    case 'RDMA_READ':
      return info.operation === 'READ_RESPONSE' ? placeRead(qp, wqe, packet, info) : 'BAD_RESP_ERR';
    case 'ATOMIC_CMP_AND_SWP':
    case 'ATOMIC_FETCH_AND_ADD':
      return info.operation === 'ATOMIC_ACKNOWLEDGE' ? placeAtomic(qp, wqe, packet.original) : 'BAD_RESP_ERR';
    case 'ATOMIC_WRITE':
    case 'FLUSH':
      return packet.opcode === 'RC_READ_RESPONSE_ONLY' && packet.payload.length === 0 ? undefined : 'BAD_RESP_ERR';
    default:
      return 'BAD_RESP_ERR';
  }
};

const placeRead = (qp: RcQp, wqe: SendWqe, packet: Packet, info: OpcodeInfo): WcStatus | undefined => {
  const mtu = qp.attributes.pathMtu;
  const index = psnDistance(packet.psn, wqe.firstPsn);
  const last = index + 1 === wqe.psnCount;
  const expected = last ? wqe.length - index * mtu : mtu;
  if (info.ends !== last || packet.payload.length !== expected) return 'BAD_RESP_ERR';
  const { keys } = qp.device;
  const placed = scatter(keys, qp.pd, wqe.sges, index * mtu, packet.payload, ACCESS.LOCAL_WRITE);
  return placed ? undefined : 'LOC_PROT_ERR';
};

const word = new Uint8Array(8);

//= VRB-46
/** What stood in remote memory goes into the scatter list as a little-endian 64-bit integer. */
const placeAtomic = (qp: RcQp, wqe: SendWqe, original: bigint): WcStatus | undefined => {
  putU64Little(word, 0, original);
  return scatter(qp.device.keys, qp.pd, wqe.sges, 0, word, ACCESS.LOCAL_WRITE) ? undefined : 'LOC_PROT_ERR';
};

//= RC-31
/** The ACK timer has fired. */
export const onAckTimeout = (qp: RcQp): void => {
  qp.completer.ackDeadline = NEVER;
  qp.completer.nakHandled = false;
  qp.device.tally('ackTimeouts');
  retry(qp);
};

/** The RNR timer has fired: the requester goes on from the oldest unacknowledged PSN. */
export const onRnrTimeout = (qp: RcQp): void => {
  qp.completer.rnrDeadline = NEVER;
  qp.device.tally('rnrTimeouts');
  qp.device.schedule(qp);
};
