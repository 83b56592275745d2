// Owns the UC responder: takes what arrives whole and in order, drops the rest without a word. Chapter 32.
import { failRecv, releaseReceive } from '../qp/completing.ts';
import { endMessage, finishReceive, finishWrite, placeSend, placeWrite } from '../qp/message.ts';
import type { Refusal } from '../qp/refusal.ts';
import { firstRefusal } from '../qp/request-checks.ts';
import { ABILITIES } from '../qp/state.ts';
import { enterUnacknowledgedError } from '../qp/unacknowledged.ts';
import type { WcStatus } from '../qp/work-completion.ts';
import type { IpAddress } from '../wire/address.ts';
import type { OpcodeInfo } from '../wire/opcode.ts';
import type { Packet } from '../wire/packet.ts';
import { psn, psnAdd } from '../wire/psn.ts';
import type { UcQp } from './uc-qp.ts';

//= QP-42
/** Forgets what was arriving, for RESET. */
export const clearUcResponder = (qp: UcQp): void => {
  endMessage(qp);
  qp.responder.expectedPsn = psn(0);
};

/** A packet for this QP has come from `source`. */
export const receiveUc = (qp: UcQp, packet: Packet, info: OpcodeInfo, source: IpAddress): void => {
  if (source !== qp.path?.destination) qp.device.drop('WRONG_SOURCE');
  else if (!ABILITIES[qp.state].processRequests) qp.device.drop('QP_STATE');
  else if (qp.migration.phase === 'STOPPED') qp.device.drop('QP_STOPPED');
  else onRequest(qp, packet, info);
};

const onRequest = (qp: UcQp, packet: Packet, info: OpcodeInfo): void => {
  const { responder } = qp;
  const gap = packet.psn !== responder.expectedPsn;
  //= UC-10, UC-11
  if (gap || info.starts) abandon(qp, 'REM_INV_REQ_ERR');
  if (gap && !info.starts) {
    qp.device.drop('OUT_OF_SEQUENCE');
    return;
  }
  responder.expectedPsn = psnAdd(packet.psn, 1);
  const refusal = firstRefusal(qp, packet, info) ?? take(qp, packet, info);
  if (refusal !== undefined) refuse(qp, refusal);
  else establish(qp);
};

const establish = (qp: UcQp): void => {
  if (qp.established) return;
  qp.established = true;
  if (qp.state === 'RTR') qp.device.raise({ type: 'COMM_EST', qpNum: qp.qpn }); //= QP-45
};

const take = (qp: UcQp, packet: Packet, info: OpcodeInfo): Refusal | undefined => {
  const isSend = info.operation === 'SEND';
  const refusal = isSend ? placeSend(qp, packet, info) : placeWrite(qp, packet, info);
  if (refusal !== undefined || !info.ends) return refusal;
  if (isSend) finishReceive(qp, packet, info);
  else finishWrite(qp, packet, info);
  return undefined;
};

//= UC-11, UC-12
/** Gives up the arriving message. Its receive waits for the next one; one of an SRQ cannot go back and completes. */
const abandon = (qp: UcQp, status: WcStatus): void => {
  if (qp.responder.arriving.kind === 'NONE') return;
  endMessage(qp);
  if (qp.srq === undefined || qp.held === undefined) return;
  failRecv(qp, qp.held.wrId, status);
  releaseReceive(qp);
};

//= UC-13, UC-14
const refuse = (qp: UcQp, refusal: Refusal): void => {
  if (refusal.kind === 'NOT_READY') {
    qp.device.drop('NO_RECEIVE');
    return;
  }
  if (refusal.status !== 'LOC_PROT_ERR') {
    qp.device.drop('NOT_ALLOWED');
    abandon(qp, refusal.status);
    return;
  }
  const wqe = qp.held ?? (qp.srq ?? qp.rq).take(qp.spare);
  if (wqe !== undefined) {
    failRecv(qp, wqe.wrId, 'LOC_PROT_ERR');
    qp.held = wqe;
    releaseReceive(qp);
  }
  enterUnacknowledgedError(qp);
};
