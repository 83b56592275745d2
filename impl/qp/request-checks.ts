// Owns the checks of a request in sequence, in the order of the IBTA, as data. Pure: nothing is taken or changed. Chapters 30, 32.

import { ACCESS } from '../memory/access.ts';
import type { OpcodeInfo, Operation } from '../wire/opcode.ts';
import type { Packet } from '../wire/packet.ts';
import { payloadFits } from '../wire/payload-rule.ts';
import { vaNumber } from '../wire/va.ts';
import { nextReceive } from './completing.ts';
import { hasImmediate, type Receiver } from './message.ts';
import { INVALID, NO_ACCESS, NOT_READY, type Refusal, TOO_LONG, UNUSABLE_RECEIVE } from './refusal.ts';
import { usable } from './scatter-gather.ts';

/** Undefined: passed. */
export type Check = (qp: Receiver, packet: Packet, info: OpcodeInfo) => Refusal | undefined;

/** Longest message, bytes. */
const MAX_MESSAGE = 2 ** 31;

//= RC-61
/** FIRST and ONLY begin a message, MIDDLE and LAST go on with one of their kind. */
const opcodeSequence: Check = (qp, _packet, info) => {
  const { kind } = qp.responder.arriving;
  if (info.starts) return kind === 'NONE' ? undefined : INVALID;
  return kind === info.operation ? undefined : INVALID;
};

/** What the QP has to allow, by operation; 0: nothing. */
const needed = (operation: Operation, packet: Packet): number => {
  switch (operation) {
    case 'WRITE':
    case 'ATOMIC_WRITE':
      return ACCESS.REMOTE_WRITE;
    case 'READ_REQUEST':
      return ACCESS.REMOTE_READ;
    case 'COMPARE_SWAP':
    case 'FETCH_ADD':
      return ACCESS.REMOTE_ATOMIC;
    case 'FLUSH':
      return (
        (packet.placementType & 1 ? ACCESS.FLUSH_GLOBAL : 0) | (packet.placementType & 2 ? ACCESS.FLUSH_PERSISTENT : 0)
      );
    default:
      return 0;
  }
};

/** Whether a request is answered on its own and kept for duplicates. */
const needsResource = (operation: Operation): boolean =>
  operation !== 'SEND' && operation !== 'WRITE' && operation !== 'RESUME' && operation !== 'RESERVED';

//= RC-62, RC-75
const operationAllowed: Check = (qp, packet, info) => {
  if (info.operation === 'RESERVED') return INVALID;
  const access = needed(info.operation, packet);
  if ((qp.attributes.qpAccessFlags & access) !== access) return INVALID;
  return needsResource(info.operation) && qp.attributes.maxDestRdAtomic === 0 ? INVALID : undefined;
};

/** Whether a packet takes a receive: every message of SEND, and the end of a WRITE with immediate. */
const takesReceive = (info: OpcodeInfo): boolean => (info.operation === 'SEND' ? info.starts : hasImmediate(info));

//= RC-60, RC-68
const resource: Check = (qp, _packet, info) => {
  if (!takesReceive(info)) return undefined;
  const next = nextReceive(qp);
  if (next === undefined) return NOT_READY;
  if (info.operation !== 'SEND') return undefined;
  return usable(qp.device.keys, qp.pd, next.sges, ACCESS.LOCAL_WRITE) ? undefined : UNUSABLE_RECEIVE;
};

//= RC-63, RC-64, RC-65
const length: Check = (qp, packet, info) => {
  if (!payloadFits(info.payload, packet.payload.length, qp.attributes.pathMtu)) return INVALID;
  switch (info.operation) {
    case 'SEND': {
      const wqe = nextReceive(qp);
      const before = info.starts ? 0 : qp.responder.received;
      return wqe !== undefined && before + packet.payload.length > wqe.sges.bytes ? TOO_LONG : undefined;
    }
    case 'WRITE':
      return writeLength(qp, packet, info);
    case 'READ_REQUEST':
      return packet.dmaLength > MAX_MESSAGE ? INVALID : undefined;
    case 'COMPARE_SWAP':
    case 'FETCH_ADD':
    case 'ATOMIC_WRITE':
      return vaNumber(packet.va) % 8 === 0 ? undefined : INVALID;
    default:
      return undefined;
  }
};

/** The packets of a WRITE have to add up to what its RETH announced. */
const writeLength: Check = (qp, packet, info) => {
  const { arriving, received } = qp.responder;
  const total = info.starts ? packet.dmaLength : arriving.kind === 'WRITE' ? arriving.length : 0;
  if (total > MAX_MESSAGE) return INVALID;
  const after = (info.starts ? 0 : received) + packet.payload.length;
  return (info.ends ? after === total : after < total) ? undefined : INVALID;
};

/** FLUSH selectivity: the whole region, whatever range the RETH names. */
const WHOLE_REGION = 1;

/** Bytes of remote memory that a packet which begins an operation names. */
const namedBytes = (packet: Packet, operation: Operation): number => {
  switch (operation) {
    case 'WRITE':
    case 'READ_REQUEST':
    case 'FLUSH':
      return packet.dmaLength;
    case 'COMPARE_SWAP':
    case 'FETCH_ADD':
    case 'ATOMIC_WRITE':
      return 8;
    default:
      return 0;
  }
};

//= RC-66, RC-67, RC-77
const remoteKey: Check = (qp, packet, info) => {
  if (!info.starts) return undefined;
  const bytes = namedBytes(packet, info.operation);
  const access = needed(info.operation, packet);
  if (info.operation === 'FLUSH' && (bytes === 0 || packet.selectivity === WHOLE_REGION)) {
    return qp.device.keys.grants(packet.rkey, qp.pd, qp.qpn, access) ? undefined : NO_ACCESS;
  }
  if (bytes === 0) return undefined;
  // A VA of 2^53 or more loses its last bits here, but stays above every region (decision 0011).
  const region = qp.device.keys.remote(packet.rkey, qp.pd, qp.qpn, vaNumber(packet.va), bytes, access);
  return region === undefined ? NO_ACCESS : undefined;
};

/** The first refusal; undefined if the request is to be executed. The order decides when several checks would refuse. */
export const firstRefusal: Check = (qp, packet, info) =>
  opcodeSequence(qp, packet, info) ??
  operationAllowed(qp, packet, info) ??
  resource(qp, packet, info) ??
  length(qp, packet, info) ??
  remoteKey(qp, packet, info);
