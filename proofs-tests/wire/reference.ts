// The plain reading of 10-wire, to judge the fast codec by: header after header through their layouts, the CRC bit by
// bit over bytes that are really put together and masked. Shares layouts, opcode table and addresses with the codec, and
// nothing of how it reads, writes or sums.
import { ipFamily, ipToBytes } from '../../impl/wire/address.ts';
import { bth, EXTENSION_HEADERS } from '../../impl/wire/headers.ts';
import { opcodeInfo, opcodeName } from '../../impl/wire/opcode.ts';
import { makePacket, type Packet } from '../../impl/wire/packet.ts';
import type { Path } from '../../impl/wire/path.ts';
import { syndrome } from '../../impl/wire/syndrome.ts';

/** CRC-32 by its definition. */
export const crc32BitByBit = (bytes: Uint8Array): number => {
  let register = 0xffffffff;
  for (const byte of bytes) {
    register ^= byte;
    for (let bit = 0; bit < 8; bit++) register = register & 1 ? (register >>> 1) ^ 0xedb88320 : register >>> 1;
  }
  return ~register >>> 0;
};

const u16 = (value: number): number[] => [value >> 8, value & 0xff];

const maskedHeaders = (path: Path, udpPayloadBytes: number): number[] => {
  const udpBytes = 8 + udpPayloadBytes;
  const addresses = [...ipToBytes(path.source), ...ipToBytes(path.destination)];
  const fragment = u16(path.dontFragment ? 0x4000 : 0);
  const v4 = [0x45, 0xff, ...u16(20 + udpBytes), ...u16(path.identification), ...fragment, 0xff, 17, 0xff, 0xff];
  const v6 = [0x6f, 0xff, 0xff, 0xff, ...u16(udpBytes), 17, 0xff];
  const udp = [...u16(path.sourcePort), ...u16(4791), ...u16(udpBytes), 0xff, 0xff];
  return [...(ipFamily(path.source) === 4 ? v4 : v6), ...addresses, ...udp];
};

/** The ICRC of BTH, headers, payload and pad, as its four bytes stand on the wire. */
export const referenceIcrc = (path: Path, packet: Uint8Array): Uint8Array => {
  const masked = Uint8Array.from(packet);
  masked[4] = 0xff;
  const ones = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
  const crc = crc32BitByBit(Uint8Array.from([...ones, ...maskedHeaders(path, packet.length + 4), ...masked]));
  return Uint8Array.of(crc & 0xff, (crc >>> 8) & 0xff, (crc >>> 16) & 0xff, crc >>> 24);
};

/** Appends the right ICRC to whatever bytes. */
export const withIcrc = (path: Path, packet: Uint8Array): Uint8Array =>
  Uint8Array.from([...packet, ...referenceIcrc(path, packet)]);

/** What `encodePacket` must give. */
export const referenceEncode = (packet: Packet, path: Path): Uint8Array => {
  const { value, headers } = opcodeInfo(packet.opcode);
  const padCount = (4 - (packet.payload.length % 4)) % 4;
  const fields = { ...packet, opcode: value, padCount, tver: 0, syndrome: packet.syndrome.value };
  const parts = [bth, ...headers.map((name) => EXTENSION_HEADERS[name])].map((header) => {
    const bytes = new Uint8Array(header.size);
    header.encode(fields, bytes, 0);
    return bytes;
  });
  return withIcrc(
    path,
    Uint8Array.from([...parts.flatMap((part) => [...part]), ...packet.payload, ...Array(padCount).fill(0)]),
  );
};

/** What `decodePacket` must give for bytes that are a packet. */
export const referenceDecode = (bytes: Uint8Array): Packet | undefined => {
  const base = bth.decode(bytes, 0);
  const opcode = opcodeName(base.opcode);
  if (opcode === undefined) return undefined;
  let at = bth.size;
  const found: Record<string, unknown> = { ...base };
  for (const name of opcodeInfo(opcode).headers) {
    Object.assign(found, EXTENSION_HEADERS[name].decode(bytes, at));
    at += EXTENSION_HEADERS[name].size;
  }
  if (typeof found.syndrome === 'number') found.syndrome = syndrome(found.syndrome);
  found.payload = bytes.subarray(at, bytes.length - 4 - base.padCount);
  return makePacket(opcode, base.destQp, base.psn, found);
};
