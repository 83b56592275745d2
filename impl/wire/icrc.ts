// Owns the invariant CRC: what it covers, what it masks, how it is computed. Chapter 10.
import { crc32 } from 'node:zlib';
import { ipFamily, ipToBytes } from './address.ts';
import { type Path, ROCE_PORT } from './path.ts';

/** Bytes of the ICRC at the end of a packet. */
export const ICRC_BYTES = 4;

const IPV4_BYTES = 20;
const IPV6_BYTES = 40;
const UDP_BYTES = 8;
const UDP_PROTOCOL = 17;

/** Eight bytes of ones for the LRH that RoCEv2 lacks, then the IP and UDP headers with their variable fields masked. */
const pseudoHeader = (path: Path, udpPayloadBytes: number): Uint8Array => {
  const udpBytes = UDP_BYTES + udpPayloadBytes;
  const v4 = ipFamily(path.source) === 4;
  const ipBytes = v4 ? IPV4_BYTES : IPV6_BYTES;
  const out = new Uint8Array(8 + ipBytes + UDP_BYTES).fill(0xff);
  const view = new DataView(out.buffer);
  if (v4) {
    view.setUint8(8, 0x45);
    view.setUint16(10, IPV4_BYTES + udpBytes);
    view.setUint16(12, path.identification);
    view.setUint16(14, path.dontFragment ? 0x4000 : 0);
    view.setUint8(17, UDP_PROTOCOL);
    out.set(ipToBytes(path.source), 20);
    out.set(ipToBytes(path.destination), 24);
  } else {
    view.setUint8(8, 0x6f);
    view.setUint16(12, udpBytes);
    view.setUint8(14, UDP_PROTOCOL);
    out.set(ipToBytes(path.source), 16);
    out.set(ipToBytes(path.destination), 32);
  }
  view.setUint16(8 + ipBytes, path.sourcePort);
  view.setUint16(10 + ipBytes, ROCE_PORT);
  view.setUint16(12 + ipBytes, udpBytes);
  return out;
};

/**
 * The ICRC of the UDP payload `bytes[start, end)`, which ends with the four bytes of the ICRC itself; they are not read.
 * The number is as it stands on the wire when written little-endian.
 */
export const icrc = (bytes: Uint8Array, start: number, end: number, path: Path): number => {
  //= WIRE-50, WIRE-51, WIRE-52
  const bth = bytes.slice(start, start + 12).fill(0xff, 4, 5);
  const prefix = crc32(bth, crc32(pseudoHeader(path, end - start)));
  return crc32(bytes.subarray(start + 12, end - ICRC_BYTES), prefix);
};
