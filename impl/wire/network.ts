// Owns the IP and UDP headers around a RoCEv2 packet, for those who see whole IP packets. Chapter 10.
import { ipFamily, ipFromBytes, ipToBytes } from './address.ts';
import { putU16, putU32, u8, u16, u32 } from './bytes.ts';
import { type Path, ROCE_PORT } from './path.ts';

/** The path of a packet and the fields of its headers that the ICRC does not cover. */
export type Network = {
  readonly path: Path;
  /** IPv4 TOS or IPv6 traffic class, 8 bits. */
  readonly trafficClass: number;
  /** IPv6, 20 bits; 0 over IPv4. */
  readonly flowLabel: number;
  /** IPv4 TTL or IPv6 hop limit, 8 bits. */
  readonly hopLimit: number;
  /** As found or to be sent; 0 means none. */
  readonly udpChecksum: number;
};

/** Every reason for which an IP packet holds no RoCEv2 packet, in the order of the checks. */
export const NETWORK_REASONS = [
  /** The version is neither 4 nor 6, or the header is incomplete. */
  'NOT_IP',
  /** The IP header announces more bytes than there are, or fewer than its own. */
  'IP_LENGTH',
  /** IPv4 options or IPv6 extension headers. */
  'IP_OPTIONS',
  /** Part of a fragmented packet, or the reserved IPv4 flag is set. */
  'IP_FRAGMENT',
  'NOT_UDP',
  /** No whole UDP header, or a UDP length that disagrees with the IP length. */
  'UDP_LENGTH',
  /** The UDP destination port is not 4791. */
  'NOT_ROCE',
] as const;

export type NetworkReason = (typeof NETWORK_REASONS)[number];

export type NetworkDecoded =
  /** `payload` is a view of the UDP payload. */
  | { readonly ok: true; readonly network: Network; readonly payload: Uint8Array }
  | { readonly ok: false; readonly reason: NetworkReason; readonly detail: string };

const IPV4_BYTES = 20;
const IPV6_BYTES = 40;
const UDP_BYTES = 8;
const UDP_PROTOCOL = 17;
/** IPv6 extension headers: hop-by-hop, routing, fragment, ESP, AH, destination options. */
const IPV6_EXTENSIONS: readonly number[] = [0, 43, 44, 50, 51, 60];
const FRAGMENT = 44;

const refuse = (reason: NetworkReason, detail: string): NetworkDecoded => ({ ok: false, reason, detail });

//= WIRE-51, WIRE-52
/** The RoCEv2 packet in an IP packet. Bytes after the IP packet (link padding) are ignored. Never throws. */
export const decodeNetwork = (bytes: Uint8Array): NetworkDecoded => {
  const version = u8(bytes, 0) >> 4;
  if (version === 4 && bytes.length >= IPV4_BYTES) return decodeV4(bytes);
  if (version === 6 && bytes.length >= IPV6_BYTES) return decodeV6(bytes);
  return refuse('NOT_IP', `version ${version}, ${bytes.length} bytes`);
};

const decodeV4 = (bytes: Uint8Array): NetworkDecoded => {
  const length = u16(bytes, 2);
  const headerBytes = (u8(bytes, 0) & 0x0f) * 4;
  if (length > bytes.length || headerBytes < IPV4_BYTES || length < headerBytes) {
    return refuse('IP_LENGTH', `${length} bytes announced, ${headerBytes} of header, ${bytes.length} present`);
  }
  if (headerBytes > IPV4_BYTES) return refuse('IP_OPTIONS', `${headerBytes} bytes of header`);
  const flags = u16(bytes, 6);
  if ((flags & 0xbfff) !== 0) return refuse('IP_FRAGMENT', `flags and offset 0x${flags.toString(16)}`);
  const protocol = u8(bytes, 9);
  if (protocol !== UDP_PROTOCOL) return refuse('NOT_UDP', `protocol ${protocol}`);
  return decodeUdp(bytes, IPV4_BYTES, length, {
    path: {
      source: ipFromBytes(bytes.subarray(12, 16)),
      destination: ipFromBytes(bytes.subarray(16, 20)),
      sourcePort: u16(bytes, IPV4_BYTES),
      identification: u16(bytes, 4),
      dontFragment: flags === 0x4000,
    },
    trafficClass: u8(bytes, 1),
    flowLabel: 0,
    hopLimit: u8(bytes, 8),
    udpChecksum: u16(bytes, IPV4_BYTES + 6),
  });
};

const decodeV6 = (bytes: Uint8Array): NetworkDecoded => {
  const length = IPV6_BYTES + u16(bytes, 4);
  if (length > bytes.length) return refuse('IP_LENGTH', `${length} bytes announced, ${bytes.length} present`);
  const next = u8(bytes, 6);
  if (next === FRAGMENT) return refuse('IP_FRAGMENT', 'fragment header');
  if (IPV6_EXTENSIONS.includes(next)) return refuse('IP_OPTIONS', `extension header ${next}`);
  if (next !== UDP_PROTOCOL) return refuse('NOT_UDP', `protocol ${next}`);
  const first = u32(bytes, 0);
  return decodeUdp(bytes, IPV6_BYTES, length, {
    path: {
      source: ipFromBytes(bytes.subarray(8, 24)),
      destination: ipFromBytes(bytes.subarray(24, 40)),
      sourcePort: u16(bytes, IPV6_BYTES),
      identification: 0,
      dontFragment: true,
    },
    trafficClass: (first >>> 20) & 0xff,
    flowLabel: first & 0xfffff,
    hopLimit: u8(bytes, 7),
    udpChecksum: u16(bytes, IPV6_BYTES + 6),
  });
};

//= WIRE-32
/** `at` is where the UDP header begins, `end` where the IP packet ends. */
const decodeUdp = (bytes: Uint8Array, at: number, end: number, network: Network): NetworkDecoded => {
  if (end - at < UDP_BYTES) return refuse('UDP_LENGTH', `${end - at} bytes for the UDP header`);
  const length = u16(bytes, at + 4);
  if (length !== end - at) return refuse('UDP_LENGTH', `UDP says ${length}, IP says ${end - at} bytes`);
  const port = u16(bytes, at + 2);
  if (port !== ROCE_PORT) return refuse('NOT_ROCE', `UDP port ${port}`);
  return { ok: true, network, payload: bytes.subarray(at + UDP_BYTES, end) };
};

/** The IP packet around a UDP payload, IPv4 header checksum included; the UDP checksum is what `network` says. */
export const encodeNetwork = (network: Network, payload: Uint8Array): Uint8Array => {
  const header = networkHeader(network, payload.length);
  const out = new Uint8Array(header.length + UDP_BYTES + payload.length);
  out.set(header);
  putU16(out, header.length, network.path.sourcePort);
  putU16(out, header.length + 2, ROCE_PORT);
  putU16(out, header.length + 4, UDP_BYTES + payload.length);
  putU16(out, header.length + 6, network.udpChecksum);
  out.set(payload, header.length + UDP_BYTES);
  return out;
};

/** The IP header of a packet with `udpPayloadBytes` bytes of UDP payload. */
const networkHeader = ({ path, trafficClass, flowLabel, hopLimit }: Network, udpPayloadBytes: number): Uint8Array => {
  const udpBytes = UDP_BYTES + udpPayloadBytes;
  if (ipFamily(path.source) === 6) {
    const out = new Uint8Array(IPV6_BYTES);
    putU32(out, 0, ((6 << 28) | (trafficClass << 20) | flowLabel) >>> 0);
    putU16(out, 4, udpBytes);
    out[6] = UDP_PROTOCOL;
    out[7] = hopLimit;
    out.set(ipToBytes(path.source), 8);
    out.set(ipToBytes(path.destination), 24);
    return out;
  }
  const out = new Uint8Array(IPV4_BYTES);
  out[0] = 0x45;
  out[1] = trafficClass;
  putU16(out, 2, IPV4_BYTES + udpBytes);
  putU16(out, 4, path.identification);
  putU16(out, 6, path.dontFragment ? 0x4000 : 0);
  out[8] = hopLimit;
  out[9] = UDP_PROTOCOL;
  out.set(ipToBytes(path.source), 12);
  out.set(ipToBytes(path.destination), 16);
  putU16(out, 10, internetChecksum(out));
  return out;
};

/** RFC 1071, over an even number of bytes. */
const internetChecksum = (bytes: Uint8Array): number => {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += u16(bytes, i);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
};

/** Bytes that precede the payload in a UD receive buffer. */
export const GRH_BYTES = 40;

//= WIRE-34
/**
 * What a UD receive buffer begins with: the IPv6 header, or twenty zero bytes and the IPv4 header.
 */
export const grhArea = (network: Network, udpPayloadBytes: number): Uint8Array => {
  const header = networkHeader(network, udpPayloadBytes);
  const out = new Uint8Array(GRH_BYTES);
  out.set(header, GRH_BYTES - header.length);
  return out;
};
