// Owns the way from a packet to the UDP payload: BTH, extension headers, payload, pad, ICRC. Chapter 10.
// Written out field by field for speed; that it equals the layouts of headers.ts is a tested law.

import { copyBytes, putI32Little, putU16, putU24, putU32, putU64 } from './bytes.ts';
import { bth } from './headers.ts';
import { icrc } from './icrc.ts';
import { ICRC_BYTES } from './limits.ts';
import { type OpcodeInfo, opcodeInfo } from './opcode.ts';
import type { Packet } from './packet.ts';
import type { Path } from './path.ts';
import { payloadIsWellFormed } from './payload-rule.ts';
import { putVa } from './va.ts';

/** Bytes of the UDP payload that `packet` becomes. */
export const packetBytes = (packet: Packet): number => bytesOf(opcodeInfo(packet.opcode), packet);

const bytesOf = ({ headerBytes }: OpcodeInfo, { payload }: Packet): number =>
  headerBytes + ((payload.length + 3) & ~3) + ICRC_BYTES;

/**
 * Writes the UDP payload of `packet` into `out` at `at` and returns the bytes written, `packetBytes(packet)`.
 * Throws RangeError if `out` is too short, a field does not fit its bits, or the opcode admits no such payload at any MTU;
 * the packet's bytes of `out` may then have been written.
 */
export const encodePacketInto = (packet: Packet, path: Path, out: Uint8Array, at: number): number => {
  const info = opcodeInfo(packet.opcode);
  const { payload } = packet;
  const size = bytesOf(info, packet);
  if (at < 0 || at + size > out.length) throw noRoom(size, at, out);
  //= WIRE-53
  if (!payloadIsWellFormed(info.payload, payload.length)) throw malformed(packet);
  //= WIRE-12
  const padCount = -payload.length & 3;
  putBth(packet, info.value, padCount, out, at);
  if (info.headerBytes > bth.size) putExtensions(packet, info.offsets, out, at);
  let end = at + info.headerBytes;
  if (payload.length > 0) copyBytes(payload, out, end);
  end += payload.length;
  //= WIRE-13
  for (let i = 0; i < padCount; i++) out[end++] = 0;
  //= WIRE-42
  putI32Little(out, end, icrc(out, at, end + ICRC_BYTES, path));
  return size;
};

const noRoom = (size: number, at: number, { length }: Uint8Array): RangeError =>
  new RangeError(`${size} bytes do not fit at ${at} of ${length}`);

const malformed = ({ opcode, payload }: Packet): RangeError =>
  new RangeError(`${opcode} with ${payload.length} bytes of payload`);

const SLAB_BYTES = 0x10000;
let slab = new ArrayBuffer(SLAB_BYTES);
let slabUsed = 0;

/** Bytes cut from a slab: several times cheaper than an ArrayBuffer for each packet. Not zeroed. */
export const allocate = (size: number): Uint8Array => {
  if (size > SLAB_BYTES) return new Uint8Array(size);
  if (slabUsed + size > SLAB_BYTES) {
    slab = new ArrayBuffer(SLAB_BYTES);
    slabUsed = 0;
  }
  const bytes = new Uint8Array(slab, slabUsed, size);
  slabUsed += (size + 7) & ~7;
  return bytes;
};

/**
 * The UDP payload of `packet`, ICRC included. A view into a buffer that it shares with other packets: not to be
 * transferred to another thread. Throws as `encodePacketInto`.
 */
export const encodePacket = (packet: Packet, path: Path): Uint8Array => {
  const out = allocate(packetBytes(packet));
  encodePacketInto(packet, path, out, 0);
  return out;
};

//= WIRE-1, WIRE-2, WIRE-3
const putBth = (packet: Packet, opcode: number, padCount: number, out: Uint8Array, at: number): void => {
  out[at] = opcode;
  out[at + 1] = (packet.solicitedEvent ? 0x80 : 0) | (packet.migReq ? 0x40 : 0) | (padCount << 4);
  putU16(out, at + 2, packet.pkey);
  out[at + 4] = (packet.fecn ? 0x80 : 0) | (packet.becn ? 0x40 : 0);
  putU24(out, at + 5, packet.destQp);
  out[at + 8] = packet.ackReq ? 0x80 : 0;
  putU24(out, at + 9, packet.psn);
};

//= WIRE-1, WIRE-2, WIRE-3
const putExtensions = (packet: Packet, offsets: OpcodeInfo['offsets'], out: Uint8Array, at: number): void => {
  const { RETH, AETH, DETH, AtomicETH, AtomicAckETH, ImmDt, IETH, FETH } = offsets;
  if (AETH !== 0) {
    out[at + AETH] = packet.syndrome.value;
    putU24(out, at + AETH + 1, packet.msn);
  }
  if (RETH !== 0) {
    putVa(out, at + RETH, packet.va);
    putU32(out, at + RETH + 8, packet.rkey);
    putU32(out, at + RETH + 12, unsigned('dmaLength', packet.dmaLength, 32));
  }
  if (DETH !== 0) {
    putU32(out, at + DETH, packet.qkey);
    putU32(out, at + DETH + 4, packet.srcQp);
  }
  if (AtomicETH !== 0) {
    putVa(out, at + AtomicETH, packet.va);
    putU32(out, at + AtomicETH + 8, packet.rkey);
    putU64(out, at + AtomicETH + 12, packet.swapAdd);
    putU64(out, at + AtomicETH + 20, packet.compare);
  }
  if (AtomicAckETH !== 0) putU64(out, at + AtomicAckETH, packet.original);
  if (ImmDt !== 0) putU32(out, at + ImmDt, unsigned('imm', packet.imm, 32));
  if (IETH !== 0) putU32(out, at + IETH, packet.invalidateRkey);
  if (FETH !== 0) {
    const selectivity = unsigned('selectivity', packet.selectivity, 2);
    putU32(out, at + FETH, (selectivity << 4) | unsigned('placementType', packet.placementType, 4));
  }
};

//= WIRE-53
/** Fields without a brand may hold anything; the branded ones were checked when they were made. */
const unsigned = (name: string, value: number, bits: 2 | 4 | 32): number => {
  if (value >>> 0 !== value || (bits < 32 && value >= 1 << bits)) {
    throw new RangeError(`${name} ${value} is not a ${bits}-bit integer`);
  }
  return value;
};
