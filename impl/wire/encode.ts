// Owns the way from a packet to the UDP payload: BTH, extension headers, payload, pad, ICRC. Chapter 10.
import { bth, EXTENSION_HEADERS } from './headers.ts';
import { ICRC_BYTES, icrc } from './icrc.ts';
import { opcodeInfo } from './opcode.ts';
import type { Packet } from './packet.ts';
import type { Path } from './path.ts';

/** Bytes of the UDP payload that `packet` becomes. */
export const packetBytes = (packet: Packet): number =>
  opcodeInfo(packet.opcode).headerBytes + ((packet.payload.length + 3) & ~3) + ICRC_BYTES;

/**
 * Writes the UDP payload of `packet` into `out` at `at` and returns the bytes written, `packetBytes(packet)`.
 * Throws RangeError if `out` is too short or a field does not fit.
 */
export const encodePacketInto = (packet: Packet, path: Path, out: Uint8Array, at: number): number => {
  const { value, headers } = opcodeInfo(packet.opcode);
  const size = packetBytes(packet);
  if (at < 0 || at + size > out.length) throw new RangeError(`${size} bytes do not fit at ${at} of ${out.length}`);
  const padCount = -packet.payload.length & 3;
  bth.encode({ ...packet, opcode: value, padCount, tver: 0 }, out, at);
  let end = at + bth.size;
  const fields = { ...packet, syndrome: packet.syndrome.value };
  for (const name of headers) {
    EXTENSION_HEADERS[name].encode(fields, out, end);
    end += EXTENSION_HEADERS[name].size;
  }
  out.set(packet.payload, end);
  end += packet.payload.length;
  out.fill(0, end, end + padCount);
  end += padCount;
  new DataView(out.buffer, out.byteOffset).setUint32(end, icrc(out, at, end + ICRC_BYTES, path), true);
  return size;
};

/** The UDP payload of `packet`, ICRC included. Throws RangeError if a field does not fit. */
export const encodePacket = (packet: Packet, path: Path): Uint8Array => {
  const out = new Uint8Array(packetBytes(packet));
  encodePacketInto(packet, path, out, 0);
  return out;
};
