// Owns the way from a UDP payload to a packet, and every reason for refusing. Chapter 10.
// Written out field by field for speed; that it equals the layouts of headers.ts is a tested law.
import { i32Little, u8, u16, u24, u32, u64 } from './bytes.ts';
import type { DropReason } from './drop-reason.ts';
import { bth } from './headers.ts';
import { icrc } from './icrc.ts';
import { ICRC_BYTES, MAX_PACKET_BYTES } from './limits.ts';
import { type Msn, type Pkey, type Qkey, type Qpn, qpn, type Rkey } from './numbers.ts';
import { OPCODES, type OpcodeInfo, opcodeOf } from './opcode.ts';
import { ABSENT, EMPTY, makePacket, type Packet } from './packet.ts';
import type { Path } from './path.ts';
import { payloadIsWellFormed } from './payload-rule.ts';
import { PayloadViews } from './payload-views.ts';
import { type Psn, psn } from './psn.ts';
import { syndrome } from './syndrome.ts';

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
export const decodePacket = (bytes: Uint8Array, path: Path): Decoded => {
  const packet = blank();
  const refused = decodeInto(packet, bytes, path);
  if (refused !== undefined) return refused;
  const start = infoOf(bytes).headerBytes;
  const end = payloadEnd(bytes);
  if (start < end) packet.payload = bytes.subarray(start, end);
  return { ok: true, packet };
};

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

  /** `slot`: the number of the buffer that `bytes` begins, if that is one of a few which are filled again and again. */
  decode(bytes: Uint8Array, path: Path, slot?: number): Decoded {
    const refused = decodeInto(this.#packet, bytes, path);
    if (refused !== undefined) return refused;
    this.#info = infoOf(bytes);
    const start = this.#info.headerBytes;
    const end = payloadEnd(bytes);
    if (start === end) this.#packet.payload = EMPTY;
    else if (slot === undefined) this.#packet.payload = bytes.subarray(start, end);
    else this.#packet.payload = this.#payloads.of(bytes, start, end, slot);
    return this.#decoded;
  }
}

/** Of bytes that have been checked. */
const infoOf = (bytes: Uint8Array): OpcodeInfo => opcodeOf(u8(bytes, 0))?.info ?? OPCODES.CNP;
const payloadEnd = (bytes: Uint8Array): number => bytes.length - ICRC_BYTES - padCountOf(bytes);
const padCountOf = (bytes: Uint8Array): number => (u8(bytes, 1) >> 4) & 3;

/** Decodes everything but the payload. */
const decodeInto = (packet: MutablePacket, bytes: Uint8Array, path: Path): Refused | undefined => {
  const { length } = bytes;
  if (length < bth.size + ICRC_BYTES) return refuse('TOO_SHORT', `${length} bytes`);
  if (length > MAX_PACKET_BYTES) return refuse('TOO_LONG', `${length} bytes`);
  if (length % 4 !== 0) return refuse('UNALIGNED_LENGTH', `${length} bytes`);
  const end = length - ICRC_BYTES;
  const found = i32Little(bytes, end);
  const expected = icrc(bytes, 0, length, path);
  if (found !== expected) return refuse('BAD_ICRC', `${hex(found)} instead of ${hex(expected)}`);
  return decodeChecked(packet, bytes, end);
};

const hex = (n: number): string => `0x${(n >>> 0).toString(16)}`;

//= WIRE-50
/** Everything but the ICRC, which ends the packet at `end`. */
const decodeChecked = (packet: MutablePacket, bytes: Uint8Array, end: number): Refused | undefined => {
  const tver = u8(bytes, 1) & 0x0f;
  if (tver !== 0) return refuse('BAD_TVER', `${tver}`);
  const named = opcodeOf(u8(bytes, 0));
  if (named === undefined) return refuse('UNKNOWN_OPCODE', hex(u8(bytes, 0)));
  const { name: opcode, info } = named;
  const { headerBytes, payload: rule } = info;
  if (end < headerBytes) return refuse('TRUNCATED_HEADERS', `${end} bytes for the ${headerBytes} of ${opcode}`);
  //= WIRE-12, WIRE-13
  const padStart = end - padCountOf(bytes);
  if (padStart < headerBytes) return refuse('PAD_EXCEEDS_PAYLOAD', `${end - padStart} in ${end - headerBytes} bytes`);
  for (let i = padStart; i < end; i++) {
    if (u8(bytes, i) !== 0) return refuse('PAD_NOT_ZERO', `${hex(u8(bytes, i))} at ${i}`);
  }
  const payloadBytes = padStart - headerBytes;
  if (!payloadIsWellFormed(rule, payloadBytes)) {
    return refuse(rule === 'NONE' ? 'TRAILING_BYTES' : 'BAD_PAYLOAD_LENGTH', `${payloadBytes} bytes of ${opcode}`);
  }
  packet.opcode = opcode;
  readFields(packet, info.offsets, bytes);
  return undefined;
};

//= WIRE-1, WIRE-2, WIRE-3
/** Of bytes long enough for the headers that have these offsets. */
const readFields = (packet: MutablePacket, offsets: OpcodeInfo['offsets'], bytes: Uint8Array): void => {
  const { RETH, AETH, DETH, AtomicETH, AtomicAckETH, ImmDt, IETH, FETH } = offsets;
  const remote = RETH || AtomicETH;
  const path = u8(bytes, 4);
  packet.solicitedEvent = (u8(bytes, 1) & 0x80) !== 0;
  packet.migReq = (u8(bytes, 1) & 0x40) !== 0;
  packet.pkey = u16<Pkey>(bytes, 2);
  packet.fecn = (path & 0x80) !== 0;
  packet.becn = (path & 0x40) !== 0;
  packet.destQp = u24<Qpn>(bytes, 5);
  packet.ackReq = (u8(bytes, 8) & 0x80) !== 0;
  packet.psn = u24<Psn>(bytes, 9);
  packet.va = remote === 0 ? ABSENT.va : u64(bytes, remote);
  packet.rkey = remote === 0 ? ABSENT.rkey : u32<Rkey>(bytes, remote + 8);
  packet.dmaLength = RETH === 0 ? ABSENT.dmaLength : u32(bytes, RETH + 12);
  packet.syndrome = AETH === 0 ? ABSENT.syndrome : syndrome(u8(bytes, AETH));
  packet.msn = AETH === 0 ? ABSENT.msn : u24<Msn>(bytes, AETH + 1);
  packet.qkey = DETH === 0 ? ABSENT.qkey : u32<Qkey>(bytes, DETH);
  packet.srcQp = DETH === 0 ? ABSENT.srcQp : u24<Qpn>(bytes, DETH + 5);
  packet.swapAdd = AtomicETH === 0 ? ABSENT.swapAdd : u64(bytes, AtomicETH + 12);
  packet.compare = AtomicETH === 0 ? ABSENT.compare : u64(bytes, AtomicETH + 20);
  packet.original = AtomicAckETH === 0 ? ABSENT.original : u64(bytes, AtomicAckETH);
  packet.imm = ImmDt === 0 ? ABSENT.imm : u32(bytes, ImmDt);
  packet.invalidateRkey = IETH === 0 ? ABSENT.invalidateRkey : u32<Rkey>(bytes, IETH);
  packet.placementType = FETH === 0 ? ABSENT.placementType : u8(bytes, FETH + 3) & 0x0f;
  packet.selectivity = FETH === 0 ? ABSENT.selectivity : (u8(bytes, FETH + 3) >> 4) & 3;
};
