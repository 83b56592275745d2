// Owns the way from a UDP payload to a packet, and every reason for refusing. Chapter 10.
// Written out field by field for speed; that it equals the layouts of headers.ts is a tested law.

import { i32Little, u8, u16, u24, u32, u64 } from './bytes.ts';
import type { DropReason } from './drop-reason.ts';
import { bth } from './headers.ts';
import { icrc } from './icrc.ts';
import { ICRC_BYTES, MAX_PACKET_BYTES } from './limits.ts';
import { type Msn, type Pkey, type Qkey, type Qpn, qpn, type Rkey } from './numbers.ts';
import { type NamedOpcode, OPCODES, type OpcodeInfo, opcodeOf } from './opcode.ts';
import { ABSENT, EMPTY, makePacket, type Packet } from './packet.ts';
import type { Path } from './path.ts';
import { payloadIsWellFormed } from './payload-rule.ts';
import { PayloadViews } from './payload-views.ts';
import { type Psn, psn } from './psn.ts';
import { syndrome } from './syndrome.ts';
import { vaAt } from './va.ts';

/** Why bytes are no packet; `detail` says in words what was found. */
export type Refused = { readonly ok: false; readonly reason: DropReason; readonly detail: string };

export type Decoded = { readonly ok: true; readonly packet: Packet } | Refused;

const refuse = (reason: DropReason, detail: string): Refused => ({ ok: false, reason, detail });

type MutablePacket = { -readonly [K in keyof Packet]: Packet[K] };

const blank = (): MutablePacket => makePacket('CNP', qpn(0), psn(0));

//= WIRE-50, WIRE-52
/**
 * The packet in a UDP payload that came by `path`, whose addresses are of one family. No `bytes` make it throw or read
 * outside them; the payload of the packet is a view into `bytes`.
 */
export const decodePacket = (bytes: Uint8Array, path: Path): Decoded => new Decoder().decode(bytes, path);

/** Decodes one packet after the other, as `decodePacket`, into one record: each holds only until the next is decoded. */
export class Decoder {
  readonly #packet = blank();
  readonly #decoded: Decoded = { ok: true, packet: this.#packet };
  readonly #payloads = new PayloadViews();
  #info: OpcodeInfo = OPCODES.CNP;

  /** What is known of the opcode of the packet decoded last. */
  get info(): OpcodeInfo {
    return this.#info;
  }

  //= WIRE-50
  /** `slot`: the number of the buffer that `bytes` begins, if that is one of a few which are filled again and again. */
  decode(bytes: Uint8Array, path: Path, slot?: number): Decoded {
    const { length } = bytes;
    if (length < LEAST || length > MAX_PACKET_BYTES || length % 4 !== 0) return wrongLength(length);
    const end = length - ICRC_BYTES;
    const expected = icrc(bytes, 0, length, path);
    if (i32Little(bytes, end) !== expected) return wrongIcrc(bytes, end, expected);
    const named = opcodeOf(u8(bytes, 0));
    if (named === undefined || (u8(bytes, 1) & 0x0f) !== 0) return wrongStart(bytes);
    const { info } = named;
    const start = info.headerBytes;
    //= WIRE-12
    const padStart = end - ((u8(bytes, 1) >> 4) & 3);
    if (padStart < start) return wrongPayload(named, padStart, end);
    //= WIRE-13
    for (let i = padStart; i < end; i++) if (bytes[i] !== 0) return wrongPad(bytes, i);
    if (!payloadIsWellFormed(info.payload, padStart - start)) return wrongPayload(named, padStart, end);
    const packet = this.#packet;
    if (info !== this.#info) this.#turnTo(named);
    readBase(packet, bytes);
    if (start > bth.size) readExtensions(packet, info.offsets, bytes);
    if (start === padStart) packet.payload = EMPTY;
    else if (slot === undefined) packet.payload = bytes.subarray(start, padStart);
    else packet.payload = this.#payloads.of(bytes, start, padStart, slot);
    return this.#decoded;
  }

  /** The packet is of another opcode than the last, which leaves nothing to it: what comes is, as a rule, of one kind. */
  #turnTo({ name, info }: NamedOpcode): void {
    this.#info = info;
    this.#packet.opcode = name;
    clearExtensions(this.#packet);
  }
}

/** Bytes of the shortest packet. */
const LEAST = bth.size + ICRC_BYTES;

const hex = (n: number): string => `0x${(n >>> 0).toString(16)}`;

const wrongLength = (length: number): Refused => {
  if (length < LEAST) return refuse('TOO_SHORT', `${length} bytes`);
  return refuse(length > MAX_PACKET_BYTES ? 'TOO_LONG' : 'UNALIGNED_LENGTH', `${length} bytes`);
};

const wrongIcrc = (bytes: Uint8Array, end: number, expected: number): Refused =>
  refuse('BAD_ICRC', `${hex(i32Little(bytes, end))} instead of ${hex(expected)}`);

const wrongStart = (bytes: Uint8Array): Refused => {
  const tver = u8(bytes, 1) & 0x0f;
  return tver === 0 ? refuse('UNKNOWN_OPCODE', hex(u8(bytes, 0))) : refuse('BAD_TVER', `${tver}`);
};

const wrongPad = (bytes: Uint8Array, at: number): Refused => refuse('PAD_NOT_ZERO', `${hex(u8(bytes, at))} at ${at}`);

const wrongPayload = ({ name, info }: NamedOpcode, padStart: number, end: number): Refused => {
  const { headerBytes, payload } = info;
  if (end < headerBytes) return refuse('TRUNCATED_HEADERS', `${end} bytes for the ${headerBytes} of ${name}`);
  if (padStart < headerBytes) {
    return refuse('PAD_EXCEEDS_PAYLOAD', `${end - padStart} in ${end - headerBytes} bytes`);
  }
  const reason = payload === 'NONE' ? 'TRAILING_BYTES' : 'BAD_PAYLOAD_LENGTH';
  return refuse(reason, `${padStart - headerBytes} bytes of ${name}`);
};

//= WIRE-1, WIRE-2, WIRE-3
const readBase = (packet: MutablePacket, bytes: Uint8Array): void => {
  const flags = u8(bytes, 1);
  const congestion = u8(bytes, 4);
  packet.solicitedEvent = (flags & 0x80) !== 0;
  packet.migReq = (flags & 0x40) !== 0;
  packet.pkey = u16<Pkey>(bytes, 2);
  packet.fecn = (congestion & 0x80) !== 0;
  packet.becn = (congestion & 0x40) !== 0;
  packet.destQp = u24<Qpn>(bytes, 5);
  packet.ackReq = (u8(bytes, 8) & 0x80) !== 0;
  packet.psn = u24<Psn>(bytes, 9);
};

//= WIRE-1, WIRE-2, WIRE-3
/** Of bytes long enough for the headers that have these offsets; the fields of the others are left alone. */
const readExtensions = (packet: MutablePacket, offsets: OpcodeInfo['offsets'], bytes: Uint8Array): void => {
  const { RETH, AETH, DETH, AtomicETH, AtomicAckETH, ImmDt, IETH, FETH } = offsets;
  if (AETH !== 0) {
    packet.syndrome = syndrome(u8(bytes, AETH));
    packet.msn = u24<Msn>(bytes, AETH + 1);
  }
  if (RETH !== 0) {
    packet.va = vaAt(bytes, RETH);
    packet.rkey = u32<Rkey>(bytes, RETH + 8);
    packet.dmaLength = u32(bytes, RETH + 12);
  }
  if (AtomicETH !== 0) {
    packet.va = vaAt(bytes, AtomicETH);
    packet.rkey = u32<Rkey>(bytes, AtomicETH + 8);
    packet.swapAdd = u64(bytes, AtomicETH + 12);
    packet.compare = u64(bytes, AtomicETH + 20);
  }
  if (AtomicAckETH !== 0) packet.original = u64(bytes, AtomicAckETH);
  if (ImmDt !== 0) packet.imm = u32(bytes, ImmDt);
  if (IETH !== 0) packet.invalidateRkey = u32<Rkey>(bytes, IETH);
  if (FETH !== 0) {
    packet.placementType = u8(bytes, FETH + 3) & 0x0f;
    packet.selectivity = (u8(bytes, FETH + 3) >> 4) & 3;
  }
  if (DETH !== 0) {
    packet.qkey = u32<Qkey>(bytes, DETH);
    packet.srcQp = u24<Qpn>(bytes, DETH + 5);
  }
};

/** Leaves nothing of a packet that had other headers. */
const clearExtensions = (packet: MutablePacket): void => {
  packet.va = ABSENT.va;
  packet.rkey = ABSENT.rkey;
  packet.dmaLength = ABSENT.dmaLength;
  packet.syndrome = ABSENT.syndrome;
  packet.msn = ABSENT.msn;
  packet.qkey = ABSENT.qkey;
  packet.srcQp = ABSENT.srcQp;
  packet.swapAdd = ABSENT.swapAdd;
  packet.compare = ABSENT.compare;
  packet.original = ABSENT.original;
  packet.imm = ABSENT.imm;
  packet.invalidateRkey = ABSENT.invalidateRkey;
  packet.placementType = ABSENT.placementType;
  packet.selectivity = ABSENT.selectivity;
};
