// Owns the packets a message of bytes is cut into, whatever the transport. Chapters 30, 32.
import { rkey } from '../wire/numbers.ts';
import type { OpcodeName } from '../wire/opcode.ts';
import { psnAdd } from '../wire/psn.ts';
import type { MutablePacket } from './mutable-packet.ts';
import type { QpCore } from './qp-core.ts';
import { gather } from './scatter-gather.ts';
import type { SendWqe } from './send-queue.ts';

/** The opcodes of a message by the place of the packet. */
export type MessageOpcodes = {
  readonly first: OpcodeName;
  readonly middle: OpcodeName;
  readonly last: OpcodeName;
  readonly only: OpcodeName;
  /** What the last packet carries beside its bytes: immediate data, a key to invalidate. */
  readonly extra: 'NONE' | 'IMM' | 'INV';
};

/** PSNs of a message of bytes. */
export const messagePackets = (length: number, mtu: number): number => (length <= mtu ? 1 : Math.ceil(length / mtu));

/** The bytes of a WQE from `offset`; undefined if they cannot be read. */
export const messageBytes = (qp: QpCore, wqe: SendWqe, offset: number, length: number): Uint8Array | undefined =>
  wqe.inline === undefined
    ? gather(qp.device.keys, qp.pd, wqe.sges, offset, length)
    : wqe.inline.subarray(offset, offset + length);

//= RC-3, RC-14, UC-2
/** Fills in packet `index` of a message; false if its bytes cannot be read. AckReq is not set. */
export const fillMessagePacket = (
  packet: MutablePacket,
  qp: QpCore,
  wqe: SendWqe,
  index: number,
  opcodes: MessageOpcodes,
): boolean => {
  const mtu = qp.attributes.pathMtu;
  const last = index + 1 === wqe.psnCount;
  if (index === 0) packet.opcode = last ? opcodes.only : opcodes.first;
  else packet.opcode = last ? opcodes.last : opcodes.middle;
  const payload = messageBytes(qp, wqe, index * mtu, last ? wqe.length - index * mtu : mtu);
  if (payload === undefined) return false;
  packet.pkey = qp.pkey;
  packet.destQp = qp.peerQpn;
  packet.psn = psnAdd(wqe.firstPsn, index);
  packet.payload = payload;
  packet.va = wqe.remoteAddr;
  packet.rkey = rkey(wqe.rkey);
  packet.dmaLength = wqe.length;
  if (last && opcodes.extra === 'IMM') packet.imm = wqe.imm;
  else if (last && opcodes.extra === 'INV') packet.invalidateRkey = rkey(wqe.invalidateRkey);
  packet.solicitedEvent = last && wqe.solicited && wqe.opcode !== 'RDMA_WRITE';
  packet.ackReq = false;
  return true;
};
