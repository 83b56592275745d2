// Owns the invariant CRC: what it covers, what it masks. Chapter 10.
import { ipFamily, ipToBytes } from './address.ts';
import { crcBefore, crcByTable, crcRegister } from './crc32.ts';
import { ICRC_BYTES, MAX_PACKET_BYTES } from './limits.ts';
import { type Path, ROCE_PORT } from './path.ts';

const LRH_BYTES = 8;
const IPV4_BYTES = 20;
const IPV6_BYTES = 40;
const UDP_BYTES = 8;
const UDP_PROTOCOL = 17;

/**
 * Eight bytes of ones for the LRH that RoCEv2 lacks, then the IP and UDP headers as sent, variable fields all ones.
 * Both lengths are left zero. Throws RangeError if the path is not one.
 */
const pseudoHeader = (path: Path): Uint8Array => {
  const family = ipFamily(path.source);
  if (family !== ipFamily(path.destination)) throw new RangeError(`${path.source} to ${path.destination} is no path`);
  const ipBytes = family === 4 ? IPV4_BYTES : IPV6_BYTES;
  //= WIRE-41
  const out = new Uint8Array(LRH_BYTES + ipBytes + UDP_BYTES).fill(0xff);
  const header = new DataView(out.buffer, LRH_BYTES);
  if (family === 4) {
    header.setUint8(0, 0x45);
    header.setUint16(2, 0);
    header.setUint16(4, path.identification);
    header.setUint16(6, path.dontFragment ? 0x4000 : 0);
    header.setUint8(9, UDP_PROTOCOL);
    out.set(ipToBytes(path.source), LRH_BYTES + 12);
    out.set(ipToBytes(path.destination), LRH_BYTES + 16);
  } else {
    header.setUint8(0, 0x6f);
    header.setUint16(4, 0);
    header.setUint8(6, UDP_PROTOCOL);
    out.set(ipToBytes(path.source), LRH_BYTES + 8);
    out.set(ipToBytes(path.destination), LRH_BYTES + 24);
  }
  header.setUint16(ipBytes, path.sourcePort);
  header.setUint16(ipBytes + 2, ROCE_PORT);
  header.setUint16(ipBytes + 4, 0);
  return out;
};

/**
 * The CRC is linear and both lengths stand at fixed places, so their part of the register is independent of the path:
 * one entry per four bytes of UDP payload.
 */
const lengthTerms = (family: 4 | 6): Int32Array => {
  const ipBytes = family === 4 ? IPV4_BYTES : IPV6_BYTES;
  const bytes = new Uint8Array(LRH_BYTES + ipBytes + UDP_BYTES);
  const header = new DataView(bytes.buffer, LRH_BYTES);
  return Int32Array.from({ length: MAX_PACKET_BYTES / 4 + 1 }, (_, words) => {
    const udpBytes = UDP_BYTES + words * 4;
    header.setUint16(family === 4 ? 2 : 4, family === 4 ? IPV4_BYTES + udpBytes : udpBytes);
    header.setUint16(ipBytes + 4, udpBytes);
    return crcByTable(bytes, 0, bytes.length, 0);
  });
};

/** What the ICRC needs of a path: the register after its headers but for the lengths, and the terms of the lengths. */
type Prefix = { readonly path: Path; readonly register: number; readonly lengthTerms: Int32Array };

const LENGTH_TERMS = { 4: lengthTerms(4), 6: lengthTerms(6) } as const;

const prefixes = new WeakMap<Path, Prefix>();

/** Two asked for lately: packets come in bursts, and their answers go back. */
let late: Prefix | undefined;
let other: Prefix | undefined;

const prefixOf = (path: Path): Prefix => {
  if (late?.path === path) return late;
  if (other?.path === path) return other;
  other = late;
  late = prefixes.get(path) ?? makePrefix(path);
  return late;
};

const makePrefix = (path: Path): Prefix => {
  const header = pseudoHeader(path);
  const prefix: Prefix = {
    path,
    register: crcByTable(header, 0, header.length, ~0),
    lengthTerms: LENGTH_TERMS[ipFamily(path.source)],
  };
  prefixes.set(path, prefix);
  return prefix;
};

/** The BTH byte that holds FECN, BECN and six reserved bits, which counts as ones. */
const BTH_MASKED = 4;

/**
 * By what the register at the start of the BTH has to differ for that byte, as it stands, to do what ones would do: its
 * difference from ones, taken back over the bytes before it.
 */
const MASK = Int32Array.from({ length: 256 }, (_, byte) => crcBefore(new Uint8Array(4), 0, BTH_MASKED, byte ^ 0xff));

/**
 * The ICRC of the UDP payload `bytes[start, end)`, which ends with the four bytes of the ICRC itself; they may hold
 * anything. Signed 32 bits, to be written little-endian. The length is a multiple of four from 16 to MAX_PACKET_BYTES.
 */
export const icrc = (bytes: Uint8Array, start: number, end: number, path: Path): number => {
  //= WIRE-40, WIRE-41
  const prefix = prefixOf(path);
  const mask = MASK[bytes[start + BTH_MASKED] ?? 0] ?? 0;
  const register = prefix.register ^ (prefix.lengthTerms[(end - start) >> 2] ?? 0) ^ mask;
  return ~crcRegister(bytes, start, end - ICRC_BYTES, register);
};
