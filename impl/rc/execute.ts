// Owns the execution of requests that passed every check. Chapter 30.
import { ACCESS } from '../memory/access.ts';
import { failRecv, releaseReceive } from '../qp/completing.ts';
import { finishReceive, finishWrite, hasImmediate, invalidates, placeSend, placeWrite } from '../qp/message.ts';
import { NO_ACCESS, type Refusal } from '../qp/refusal.ts';
import { putU64Little, u64Little } from '../wire/bytes.ts';
import type { OpcodeInfo } from '../wire/opcode.ts';
import type { Packet } from '../wire/packet.ts';
import { type Psn, psnAdd } from '../wire/psn.ts';
import { vaNumber } from '../wire/va.ts';
import { keptVa } from './duplicate.ts';
import { enterError } from './error.ts';
import { answer, answerAck, forgetRepeats } from './outbox.ts';
import type { RcQp, Resource } from './rc-qp.ts';
import { psnCountOf, TRAVEL } from './request-packet.ts';

/** Executes a request; what went wrong, if memory vanished between check and use. */
export const execute = (qp: RcQp, packet: Packet, info: OpcodeInfo): Refusal | undefined => {
  switch (info.operation) {
    case 'SEND':
      return executeSend(qp, packet, info);
    case 'WRITE':
      return executeWrite(qp, packet, info);
    case 'READ_REQUEST':
      return executeRead(qp, packet);
    case 'COMPARE_SWAP':
    case 'FETCH_ADD':
      return executeAtomic(qp, packet, info);
    case 'ATOMIC_WRITE':
      return executeAtomicWrite(qp, packet);
    case 'FLUSH':
      return executeFlush(qp, packet);
    default:
      return undefined;
  }
};

/** The packet has been executed: expect the next one. */
const advance = (qp: RcQp, psnCount: number): void => {
  qp.responder.expectedPsn = psnAdd(qp.responder.expectedPsn, psnCount); //= RC-50
};

//= RC-59
/** A message is complete. */
const countMessage = ({ responder }: RcQp): void => {
  responder.msn = (responder.msn + 1) & 0xffffff;
};

//= RC-83
/** Whether the message that a packet ends has just lost its completion: the QP is about to go to ERR. */
const isLost = (qp: RcQp, info: OpcodeInfo): boolean =>
  qp.recvCq.overrun && info.ends && (info.operation === 'SEND' || hasImmediate(info));

const acknowledge = (qp: RcQp, packet: Packet, info: OpcodeInfo): void => {
  if (packet.ackReq && !isLost(qp, info)) answerAck(qp, packet.psn); //= RC-57
};

const executeSend = (qp: RcQp, packet: Packet, info: OpcodeInfo): Refusal | undefined => {
  const refusal = placeSend(qp, packet, info);
  if (refusal !== undefined) return refusal;
  if (invalidates(info) && !qp.device.invalidate(qp, packet.invalidateRkey)) {
    failInvalidate(qp);
    return undefined;
  }
  advance(qp, 1);
  if (info.ends) {
    finishReceive(qp, packet, info);
    countMessage(qp);
  }
  acknowledge(qp, packet, info);
  return undefined;
};

//= RC-71
/** The key that the peer wanted invalidated cannot be: no answer, no life. */
const failInvalidate = (qp: RcQp): void => {
  if (qp.held !== undefined) failRecv(qp, qp.held.wrId, 'REM_INV_REQ_ERR');
  releaseReceive(qp);
  enterError(qp);
};

const executeWrite = (qp: RcQp, packet: Packet, info: OpcodeInfo): Refusal | undefined => {
  const refusal = placeWrite(qp, packet, info);
  if (refusal !== undefined) return refusal;
  advance(qp, 1);
  if (info.ends) {
    finishWrite(qp, packet, info);
    countMessage(qp);
  }
  acknowledge(qp, packet, info);
  return undefined;
};

//= RC-58
/** Lets the oldest requests kept for duplicates go, so that `more` can be kept. */
export const makeRoom = (qp: RcQp, more: number): void => {
  const { kept } = qp.responder;
  while (kept.count > 0 && kept.count + more > qp.attributes.maxDestRdAtomic) {
    const gone = kept.dropOldest();
    if (gone !== undefined) forgetRepeats(qp, gone.firstPsn, gone.psnCount);
  }
};

const keep = (qp: RcQp, resource: Resource): void => {
  makeRoom(qp, 1);
  qp.responder.kept.add(resource);
};

const executeRead = (qp: RcQp, packet: Packet): Refusal | undefined => {
  const { responder } = qp;
  const va = keptVa(packet);
  const psnCount = psnCountOf(TRAVEL.RDMA_READ, packet.dmaLength, qp.attributes.pathMtu);
  countMessage(qp);
  keep(qp, { kind: 'READ', firstPsn: packet.psn, psnCount, va, length: packet.dmaLength, rkey: packet.rkey });
  advance(qp, psnCount);
  const { msn } = responder;
  answer(qp, {
    kind: 'READ',
    again: false,
    psn: packet.psn,
    msn,
    rkey: packet.rkey,
    va,
    length: packet.dmaLength,
    first: true,
  });
  return undefined;
};

//= VRB-46
const executeAtomic = (qp: RcQp, packet: Packet, info: OpcodeInfo): Refusal | undefined => {
  const va = vaNumber(packet.va);
  const region = qp.device.keys.remote(packet.rkey, qp.pd, qp.qpn, va, 8, ACCESS.REMOTE_ATOMIC);
  if (region === undefined) return NO_ACCESS;
  const { bytes } = region;
  const at = va - region.addr;
  const original = u64Little(bytes, at);
  if (info.operation === 'FETCH_ADD') putU64Little(bytes, at, original + packet.swapAdd);
  else if (original === packet.compare) putU64Little(bytes, at, packet.swapAdd);
  countMessage(qp);
  const { psn } = packet;
  const { msn } = qp.responder;
  keep(qp, { kind: 'ATOMIC', firstPsn: psn, psnCount: 1, original, msn });
  advance(qp, 1);
  answer(qp, { kind: 'ATOMIC', again: false, psn, msn, original });
  return undefined;
};

const executeAtomicWrite = (qp: RcQp, packet: Packet): Refusal | undefined => {
  const va = vaNumber(packet.va);
  const region = qp.device.keys.remote(packet.rkey, qp.pd, qp.qpn, va, 8, ACCESS.REMOTE_WRITE);
  if (region === undefined) return NO_ACCESS;
  region.bytes.set(packet.payload, va - region.addr);
  return answerEmpty(qp, packet.psn);
};

/** Everything executed is visible and, as far as this memory goes, persistent at once: nothing is left to be done. */
const executeFlush = (qp: RcQp, packet: Packet): Refusal | undefined => answerEmpty(qp, packet.psn);

const answerEmpty = (qp: RcQp, psn: Psn): undefined => {
  countMessage(qp);
  const { msn } = qp.responder;
  keep(qp, { kind: 'EMPTY', firstPsn: psn, psnCount: 1, msn });
  advance(qp, 1);
  answer(qp, { kind: 'EMPTY', again: false, psn, msn });
  return undefined;
};
