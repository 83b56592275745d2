// Owns the way from a UDP payload to a packet, and every reason for refusing. Chapter 10.
import type { DropReason } from './drop-reason.ts';
import { bth, EXTENSION_HEADERS } from './headers.ts';
import { ICRC_BYTES, icrc } from './icrc.ts';
import { MAX_PAYLOAD } from './mtu.ts';
import { opcodeInfo, opcodeName } from './opcode.ts';
import { makePacket, type Packet } from './packet.ts';
import type { Path } from './path.ts';
import { syndrome } from './syndrome.ts';

export type Decoded =
  | { readonly ok: true; readonly packet: Packet }
  /** `detail` says in words what was found. */
  | { readonly ok: false; readonly reason: DropReason; readonly detail: string };

const refuse = (reason: DropReason, detail: string): Decoded => ({ ok: false, reason, detail });

/**
 * The packet in a UDP payload that came by `path`. Never throws, never reads outside `bytes`; the payload of the packet
 * is a view into `bytes`.
 */
export const decodePacket = (bytes: Uint8Array, path: Path): Decoded => {
  const { length } = bytes;
  if (length < bth.size + ICRC_BYTES) return refuse('TOO_SHORT', `${length} bytes`);
  if (length % 4 !== 0) return refuse('UNALIGNED_LENGTH', `${length} bytes`);
  const end = length - ICRC_BYTES;
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  if (view.getUint32(end, true) !== icrc(bytes, 0, length, path)) return refuse('BAD_ICRC', '');
  const base = bth.decode(bytes, 0);
  if (base.tver !== 0) return refuse('BAD_TVER', `${base.tver}`);
  const opcode = opcodeName(base.opcode);
  if (opcode === undefined) return refuse('UNKNOWN_OPCODE', `0x${base.opcode.toString(16)}`);
  const { headers, headerBytes, payload: rule } = opcodeInfo(opcode);
  if (end < headerBytes) return refuse('TRUNCATED_HEADERS', `${end} bytes for ${opcode}`);
  const padStart = end - base.padCount;
  if (padStart < headerBytes) return refuse('PAD_EXCEEDS_PAYLOAD', `${base.padCount} bytes of pad`);
  for (let i = padStart; i < end; i++) if (bytes[i] !== 0) return refuse('PAD_NOT_ZERO', `byte ${i}`);
  const payload = bytes.subarray(headerBytes, padStart);
  if (rule === 'NONE' && payload.length > 0) return refuse('TRAILING_BYTES', `${payload.length} bytes`);
  if (payload.length > MAX_PAYLOAD) return refuse('BAD_PAYLOAD_LENGTH', `${payload.length} bytes`);
  let at = bth.size;
  const found: Partial<Record<keyof Packet, unknown>> = { ...base, payload };
  for (const name of headers) {
    Object.assign(found, EXTENSION_HEADERS[name].decode(bytes, at));
    at += EXTENSION_HEADERS[name].size;
  }
  if (typeof found.syndrome === 'number') found.syndrome = syndrome(found.syndrome);
  return { ok: true, packet: makePacket(opcode, base.destQp, base.psn, found as Partial<Packet>) };
};
