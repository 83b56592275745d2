// Owns a message that is arriving: where its bytes go, and how it ends. Chapters 30, 32.

import { ACCESS } from '../memory/access.ts';
import { copyBytes } from '../wire/bytes.ts';
import type { OpcodeInfo } from '../wire/opcode.ts';
import type { Packet } from '../wire/packet.ts';
import { vaNumber } from '../wire/va.ts';
import { completeRecv, releaseReceive, takeReceive } from './completing.ts';
import type { QpCore } from './qp-core.ts';
import { NO_ACCESS, type Refusal, UNUSABLE_RECEIVE } from './refusal.ts';
import { scatter } from './scatter-gather.ts';
import type { WcOpcode } from './work-completion.ts';

/** What is arriving: the memory of a responder between the packets of a message. */
export type Arriving =
  | { readonly kind: 'NONE' }
  | { readonly kind: 'SEND' }
  | { readonly kind: 'WRITE'; readonly va: number; readonly rkey: number; readonly length: number };

export const NOTHING_ARRIVING: Arriving = { kind: 'NONE' };
const SEND_ARRIVING: Arriving = { kind: 'SEND' };

export type Message = {
  arriving: Arriving;
  /** Bytes of the arriving message received. */
  received: number;
};

/** A QP whose responder reassembles messages. */
export type Receiver = QpCore & { readonly responder: Message };

/** Nothing is arriving any more. */
export const endMessage = ({ responder }: Receiver): void => {
  responder.arriving = NOTHING_ARRIVING;
  responder.received = 0;
};

//= VRB-45
/** Puts a SEND packet's bytes where the receive says. */
export const placeSend = (qp: Receiver, packet: Packet, info: OpcodeInfo): Refusal | undefined => {
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
  return undefined;
};

/** Puts a WRITE packet's bytes where its RETH says. The key is looked up for each packet: it may be gone meanwhile. */
export const placeWrite = (qp: Receiver, packet: Packet, info: OpcodeInfo): Refusal | undefined => {
  const { responder } = qp;
  if (info.starts && info.ends) {
    return placeAt(qp, vaNumber(packet.va), packet.rkey, packet.payload);
  }
  if (info.starts) {
    responder.arriving = { kind: 'WRITE', va: vaNumber(packet.va), rkey: packet.rkey, length: packet.dmaLength };
    responder.received = 0;
  }
  const { arriving } = responder;
  if (arriving.kind !== 'WRITE') return NO_ACCESS;
  return placeAt(qp, arriving.va + responder.received, arriving.rkey, packet.payload);
};

const placeAt = (qp: Receiver, va: number, rkey: number, payload: Uint8Array): Refusal | undefined => {
  if (payload.length === 0) return undefined;
  const region = qp.device.keys.remote(rkey, qp.pd, qp.qpn, va, payload.length, ACCESS.REMOTE_WRITE);
  if (region === undefined) return NO_ACCESS;
  copyBytes(payload, region.bytes, va - region.addr);
  qp.responder.received += payload.length;
  return undefined;
};

/** Whether the packet carries immediate data. */
export const hasImmediate = (info: OpcodeInfo): boolean => info.offsets.ImmDt !== 0;

/** Whether the packet asks for an invalidation. */
export const invalidates = (info: OpcodeInfo): boolean => info.offsets.IETH !== 0;

/** Completes the held receive with SUCCESS and ends the message. */
export const finishReceive = (qp: Receiver, packet: Packet, info: OpcodeInfo): void => {
  const { received } = qp.responder;
  const opcode: WcOpcode = info.operation === 'WRITE' ? 'RECV_RDMA_WITH_IMM' : 'RECV';
  if (qp.held !== undefined) {
    completeRecv(qp, qp.held, {
      opcode,
      byteLen: received,
      imm: hasImmediate(info) ? packet.imm : undefined,
      invalidatedRkey: invalidates(info) ? packet.invalidateRkey : undefined,
      srcQp: 0,
      grh: false,
      solicited: packet.solicitedEvent,
    });
  }
  releaseReceive(qp);
  endMessage(qp);
};

/** Ends a WRITE; with immediate data it completes a receive. */
export const finishWrite = (qp: Receiver, packet: Packet, info: OpcodeInfo): void => {
  if (!hasImmediate(info)) {
    endMessage(qp);
    return;
  }
  takeReceive(qp);
  finishReceive(qp, packet, info);
};
