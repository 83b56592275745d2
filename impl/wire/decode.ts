// Owns the way from a UDP payload to a packet, and every reason for refusing. Chapter 10.
// Written out field by field for speed; that it equals the layouts of headers.ts is a tested law.
import { i32Little, u8, u16, u24, u32, u64 } from './bytes.ts';
import type { DropReason } from './drop-reason.ts';
import { bth } from './headers.ts';
import { icrc } from './icrc.ts';
import { ICRC_BYTES, MAX_PACKET_BYTES } from './limits.ts';
import type { Msn, Pkey, Qkey, Qpn, Rkey } from './numbers.ts';
import { type OpcodeInfo, type OpcodeName, opcodeInfo, opcodeName } from './opcode.ts';
import { ABSENT, EMPTY, type Packet } from './packet.ts';
import type { Path } from './path.ts';
import { payloadIsWellFormed } from './payload-rule.ts';
import type { Psn } from './psn.ts';
import { syndrome } from './syndrome.ts';

export type Decoded =
  | { readonly ok: true; readonly packet: Packet }
  /** `detail` says in words what was found. */
  | { readonly ok: false; readonly reason: DropReason; readonly detail: string };

const refuse = (reason: DropReason, detail: string): Decoded => ({ ok: false, reason, detail });

//= WIRE-50, WIRE-52
/**
 * The packet in a UDP payload that came by `path`, whose addresses are of one family. No `bytes` make it throw or read
 * outside them; the payload of the packet is a view into `bytes`.
 */
export const decodePacket = (bytes: Uint8Array, path: Path): Decoded => {
  const { length } = bytes;
  if (length < bth.size + ICRC_BYTES) return refuse('TOO_SHORT', `${length} bytes`);
  if (length > MAX_PACKET_BYTES) return refuse('TOO_LONG', `${length} bytes`);
  if (length % 4 !== 0) return refuse('UNALIGNED_LENGTH', `${length} bytes`);
  const end = length - ICRC_BYTES;
  const found = i32Little(bytes, end);
  const expected = icrc(bytes, 0, length, path);
  if (found !== expected) return refuse('BAD_ICRC', `${hex(found)} instead of ${hex(expected)}`);
  return decodeChecked(bytes, end);
};

const hex = (n: number): string => `0x${(n >>> 0).toString(16)}`;

//= WIRE-50
/** Everything but the ICRC, which ends the packet at `end`. */
const decodeChecked = (bytes: Uint8Array, end: number): Decoded => {
  const flags = u8(bytes, 1);
  const tver = flags & 0x0f;
  if (tver !== 0) return refuse('BAD_TVER', `${tver}`);
  const opcode = opcodeName(u8(bytes, 0));
  if (opcode === undefined) return refuse('UNKNOWN_OPCODE', hex(u8(bytes, 0)));
  const info = opcodeInfo(opcode);
  const { headerBytes, payload: rule } = info;
  if (end < headerBytes) return refuse('TRUNCATED_HEADERS', `${end} bytes for the ${headerBytes} of ${opcode}`);
  //= WIRE-12, WIRE-13
  const padStart = end - ((flags >> 4) & 3);
  if (padStart < headerBytes) return refuse('PAD_EXCEEDS_PAYLOAD', `${end - padStart} in ${end - headerBytes} bytes`);
  for (let i = padStart; i < end; i++) {
    if (u8(bytes, i) !== 0) return refuse('PAD_NOT_ZERO', `${hex(u8(bytes, i))} at ${i}`);
  }
  const payloadBytes = padStart - headerBytes;
  if (!payloadIsWellFormed(rule, payloadBytes)) {
    return refuse(rule === 'NONE' ? 'TRAILING_BYTES' : 'BAD_PAYLOAD_LENGTH', `${payloadBytes} bytes of ${opcode}`);
  }
  return { ok: true, packet: readPacket(opcode, info, bytes, padStart) };
};

//= WIRE-1, WIRE-2, WIRE-3
/** Of bytes long enough for the headers of `opcode`. */
const readPacket = (
  opcode: OpcodeName,
  { offsets, headerBytes }: OpcodeInfo,
  bytes: Uint8Array,
  padStart: number,
): Packet => {
  const { RETH, AETH, DETH, AtomicETH, AtomicAckETH, ImmDt, IETH, FETH } = offsets;
  const remote = RETH || AtomicETH;
  const path = u8(bytes, 4);
  return {
    opcode,
    solicitedEvent: (u8(bytes, 1) & 0x80) !== 0,
    migReq: (u8(bytes, 1) & 0x40) !== 0,
    pkey: u16<Pkey>(bytes, 2),
    fecn: (path & 0x80) !== 0,
    becn: (path & 0x40) !== 0,
    destQp: u24<Qpn>(bytes, 5),
    ackReq: (u8(bytes, 8) & 0x80) !== 0,
    psn: u24<Psn>(bytes, 9),
    va: remote === 0 ? ABSENT.va : u64(bytes, remote),
    rkey: remote === 0 ? ABSENT.rkey : u32<Rkey>(bytes, remote + 8),
    dmaLength: RETH === 0 ? ABSENT.dmaLength : u32(bytes, RETH + 12),
    syndrome: AETH === 0 ? ABSENT.syndrome : syndrome(u8(bytes, AETH)),
    msn: AETH === 0 ? ABSENT.msn : u24<Msn>(bytes, AETH + 1),
    qkey: DETH === 0 ? ABSENT.qkey : u32<Qkey>(bytes, DETH),
    srcQp: DETH === 0 ? ABSENT.srcQp : u24<Qpn>(bytes, DETH + 5),
    swapAdd: AtomicETH === 0 ? ABSENT.swapAdd : u64(bytes, AtomicETH + 12),
    compare: AtomicETH === 0 ? ABSENT.compare : u64(bytes, AtomicETH + 20),
    original: AtomicAckETH === 0 ? ABSENT.original : u64(bytes, AtomicAckETH),
    imm: ImmDt === 0 ? ABSENT.imm : u32(bytes, ImmDt),
    invalidateRkey: IETH === 0 ? ABSENT.invalidateRkey : u32<Rkey>(bytes, IETH),
    placementType: FETH === 0 ? ABSENT.placementType : u8(bytes, FETH + 3) & 0x0f,
    selectivity: FETH === 0 ? ABSENT.selectivity : (u8(bytes, FETH + 3) >> 4) & 3,
    payload: padStart === headerBytes ? EMPTY : bytes.subarray(headerBytes, padStart),
  };
};
