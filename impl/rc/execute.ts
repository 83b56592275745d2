// Owns the execution of requests that passed every check. Chapter 30.
import { ACCESS } from '../memory/access.ts';
import { completeRecv, failRecv, releaseReceive, takeReceive } from '../qp/completing.ts';
import { scatter } from '../qp/scatter-gather.ts';
import type { WcOpcode } from '../qp/work-completion.ts';
import type { OpcodeInfo } from '../wire/opcode.ts';
import type { Packet } from '../wire/packet.ts';
import { type Psn, psnAdd } from '../wire/psn.ts';
import { enterError } from './error.ts';
import { answer, answerAck } from './outbox.ts';
import { NOTHING_ARRIVING, type RcQp, type Resource } from './rc-qp.ts';
import { NO_ACCESS, type Refusal, UNUSABLE_RECEIVE } from './refusal.ts';
import { psnCountOf } from './request-packet.ts';

const SEND_ARRIVING = { kind: 'SEND' } as const;

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
const finishMessage = (qp: RcQp): void => {
  const { responder } = qp;
  responder.msn = (responder.msn + 1) & 0xffffff;
  responder.arriving = NOTHING_ARRIVING;
  responder.received = 0;
};

const acknowledge = (qp: RcQp, packet: Packet): void => {
  if (packet.ackReq) answerAck(qp, packet.psn); //= RC-57
};

const executeSend = (qp: RcQp, packet: Packet, info: OpcodeInfo): Refusal | undefined => {
  const { responder } = qp;
  if (info.starts) {
    takeReceive(qp);
    responder.arriving = SEND_ARRIVING;
    responder.received = 0;
  }
  const wqe = qp.held;
  if (wqe === undefined) return UNUSABLE_RECEIVE;
  const { keys } = qp.device;
  if (!scatter(keys, qp.pd, wqe.sges, responder.received, packet.payload, ACCESS.LOCAL_WRITE)) return UNUSABLE_RECEIVE;
  responder.received += packet.payload.length;
  if (info.ends && invalidates(packet) && !qp.device.invalidate(qp, packet.invalidateRkey, true)) {
    failRecv(qp, wqe.wrId, 'REM_INV_REQ_ERR'); //= RC-71
    releaseReceive(qp);
    enterError(qp);
    return undefined;
  }
  advance(qp, 1);
  if (info.ends) finishReceive(qp, packet, 'RECV', responder.received);
  acknowledge(qp, packet);
  return undefined;
};

const invalidates = ({ opcode }: Packet): boolean =>
  opcode === 'RC_SEND_LAST_WITH_INV' || opcode === 'RC_SEND_ONLY_WITH_INV';

const hasImmediate = (info: OpcodeInfo): boolean => info.headers.includes('ImmDt');

/** Completes the held receive with SUCCESS and ends the message. */
const finishReceive = (qp: RcQp, packet: Packet, opcode: WcOpcode, byteLen: number): void => {
  const wqe = qp.held;
  if (wqe !== undefined) {
    completeRecv(qp, wqe, {
      opcode,
      byteLen,
      imm: opcode === 'RECV_RDMA_WITH_IMM' || isImmediateSend(packet) ? packet.imm : undefined,
      invalidatedRkey: invalidates(packet) ? packet.invalidateRkey : undefined,
      srcQp: 0,
      grh: false,
      solicited: packet.solicitedEvent,
    });
  }
  releaseReceive(qp);
  finishMessage(qp);
};

const isImmediateSend = ({ opcode }: Packet): boolean =>
  opcode === 'RC_SEND_LAST_WITH_IMM' || opcode === 'RC_SEND_ONLY_WITH_IMM';

const executeWrite = (qp: RcQp, packet: Packet, info: OpcodeInfo): Refusal | undefined => {
  const { responder } = qp;
  const { payload } = packet;
  if (info.starts) {
    responder.arriving = { kind: 'WRITE', va: Number(packet.va), rkey: packet.rkey, length: packet.dmaLength };
    responder.received = 0;
  }
  const { arriving } = responder;
  if (arriving.kind !== 'WRITE') return NO_ACCESS;
  if (payload.length > 0) {
    const va = arriving.va + responder.received;
    const region = qp.device.keys.remote(arriving.rkey, qp.pd, qp.qpn, va, payload.length, ACCESS.REMOTE_WRITE);
    if (region === undefined) return NO_ACCESS;
    region.bytes.set(payload, va - region.addr);
  }
  responder.received += payload.length;
  advance(qp, 1);
  if (info.ends && hasImmediate(info)) {
    takeReceive(qp);
    finishReceive(qp, packet, 'RECV_RDMA_WITH_IMM', arriving.length);
  } else if (info.ends) finishMessage(qp);
  acknowledge(qp, packet);
  return undefined;
};

//= RC-58
const keep = (qp: RcQp, resource: Resource): void => {
  const { responder } = qp;
  if (responder.resources.length >= qp.attributes.maxDestRdAtomic) responder.resources.shift();
  responder.resources.push(resource);
};

const executeRead = (qp: RcQp, packet: Packet): Refusal | undefined => {
  const { responder } = qp;
  const va = Number(packet.va);
  const psnCount = psnCountOf('RDMA_READ', packet.dmaLength, qp.attributes.pathMtu);
  finishMessage(qp);
  keep(qp, { kind: 'READ', firstPsn: packet.psn, psnCount, va, length: packet.dmaLength, rkey: packet.rkey });
  advance(qp, psnCount);
  const { msn } = responder;
  answer(qp, { kind: 'READ', psn: packet.psn, msn, rkey: packet.rkey, va, length: packet.dmaLength, first: true });
  return undefined;
};

/** The eight bytes an atomic works on. */
const target = (qp: RcQp, packet: Packet, access: number): DataView | undefined => {
  const va = Number(packet.va);
  const region = qp.device.keys.remote(packet.rkey, qp.pd, qp.qpn, va, 8, access);
  if (region === undefined) return undefined;
  return new DataView(region.bytes.buffer, region.bytes.byteOffset + va - region.addr, 8);
};

const executeAtomic = (qp: RcQp, packet: Packet, info: OpcodeInfo): Refusal | undefined => {
  const memory = target(qp, packet, ACCESS.REMOTE_ATOMIC);
  if (memory === undefined) return NO_ACCESS;
  const original = memory.getBigUint64(0, true);
  if (info.operation === 'FETCH_ADD') memory.setBigUint64(0, BigInt.asUintN(64, original + packet.swapAdd), true);
  else if (original === packet.compare) memory.setBigUint64(0, packet.swapAdd, true);
  finishMessage(qp);
  const { psn } = packet;
  const { msn } = qp.responder;
  keep(qp, { kind: 'ATOMIC', firstPsn: psn, psnCount: 1, original, msn });
  advance(qp, 1);
  answer(qp, { kind: 'ATOMIC', psn, msn, original });
  return undefined;
};

const executeAtomicWrite = (qp: RcQp, packet: Packet): Refusal | undefined => {
  const memory = target(qp, packet, ACCESS.REMOTE_WRITE);
  if (memory === undefined) return NO_ACCESS;
  new Uint8Array(memory.buffer, memory.byteOffset, 8).set(packet.payload);
  return answerEmpty(qp, packet.psn);
};

/** Everything executed is visible and, as far as this memory goes, persistent at once: nothing is left to be done. */
const executeFlush = (qp: RcQp, packet: Packet): Refusal | undefined => answerEmpty(qp, packet.psn);

const answerEmpty = (qp: RcQp, psn: Psn): undefined => {
  finishMessage(qp);
  const { msn } = qp.responder;
  keep(qp, { kind: 'EMPTY', firstPsn: psn, psnCount: 1, msn });
  advance(qp, 1);
  answer(qp, { kind: 'EMPTY', psn, msn });
  return undefined;
};
