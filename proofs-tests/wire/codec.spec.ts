// 10-wire: the codec is a pair of inverses and equals the plain reading of the chapter.
import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { Room } from '../../impl/nic/room.ts';
import { ip } from '../../impl/wire/address.ts';
import { Decoder, decodePacket } from '../../impl/wire/decode.ts';
import { encodePacket, encodePacketInto, packetBytes } from '../../impl/wire/encode.ts';
import { qpn } from '../../impl/wire/numbers.ts';
import { OPCODE_NAMES, opcodeInfo } from '../../impl/wire/opcode.ts';
import { makePacket, type Packet } from '../../impl/wire/packet.ts';
import type { Path } from '../../impl/wire/path.ts';
import { psn } from '../../impl/wire/psn.ts';
import { anyPacket, anyPacketOf, anyPath, anyUpTo } from './arbitrary.ts';
import { referenceDecode, referenceEncode, withIcrc } from './reference.ts';

const decoded = (bytes: Uint8Array, path: Path): Packet => {
  const result = decodePacket(bytes, path);
  if (!result.ok) throw new Error(`${result.reason}: ${result.detail}`);
  return result.packet;
};

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** For comparison: a payload of thousands of bytes compares as text at once, and byte by byte in milliseconds. */
const legible = (packet: Packet | undefined) => ({ ...packet, payload: hex(packet?.payload ?? new Uint8Array(0)) });

const EXAMPLE: Path = {
  source: ip('10.0.0.1'),
  destination: ip('10.0.0.2'),
  sourcePort: 0xc123,
  identification: 7,
  dontFragment: true,
};

/** The bitwise ICRC is slow, and every opcode has its turn. */
const FEW = { numRuns: 40 };

for (const opcode of OPCODE_NAMES) {
  const any = anyPacketOf(opcode);

  test.prop([any, anyPath])(
    `WIRE-10, WIRE-12, WIRE-40: what is encoded as ${opcode} decodes to itself`,
    (packet, path) => {
      const bytes = encodePacket(packet, path);
      expect(bytes.length).toBe(packetBytes(packet));
      expect(legible(decoded(bytes, path))).toEqual(legible(packet));
    },
  );

  test.prop([any, anyPath], FEW)(
    `WIRE-1, WIRE-2, WIRE-10, WIRE-13, WIRE-41, WIRE-42: ${opcode} is written as layouts and bitwise ICRC give it`,
    (packet, path) => {
      expect(hex(encodePacket(packet, path))).toBe(hex(referenceEncode(packet, path)));
    },
  );

  test.prop([any, anyUpTo(40, 40)], FEW)(
    `WIRE-2, WIRE-3: whatever bits stand in the headers of ${opcode}, they are read as the layouts read them`,
    (packet, noise) => {
      const plain = encodePacket(packet, EXAMPLE);
      const { headerBytes } = opcodeInfo(opcode);
      // Opcode, pad count and TVer decide about acceptance and stay.
      const bytes = Uint8Array.from(plain, (byte, i) => (i >= 2 && i < headerBytes ? (noise[i] ?? 0) : byte));
      bytes[1] = ((noise[1] ?? 0) & 0xc0) | ((plain[1] ?? 0) & 0x3f);
      const whole = withIcrc(EXAMPLE, bytes.subarray(0, -4));
      expect(legible(decoded(whole, EXAMPLE))).toEqual(legible(referenceDecode(whole)));
    },
  );
}

test.prop([anyPacket, anyPath, fc.nat(40)])(
  'WIRE-53: encoding into a larger buffer writes its own bytes and no other',
  (packet, path, at) => {
    const size = packetBytes(packet);
    const out = new Uint8Array(at + size + 9).fill(0xee);
    expect(encodePacketInto(packet, path, out, at)).toBe(size);
    expect([...out.subarray(0, at), ...out.subarray(at + size)]).toEqual(Array(at + 9).fill(0xee));
    expect(legible(decoded(out.subarray(at, at + size), path))).toEqual(legible(packet));
  },
);

test.prop([anyPacket, anyPath])(
  'WIRE-53: a buffer one byte too short is refused and left as it was',
  (packet, path) => {
    const out = new Uint8Array(packetBytes(packet) - 1).fill(0xee);
    expect(() => encodePacketInto(packet, path, out, 0)).toThrow(RangeError);
    expect(() => encodePacketInto(packet, path, new Uint8Array(9000), -1)).toThrow(RangeError);
    expect(out.every((byte) => byte === 0xee)).toBe(true);
  },
);

test('WIRE-53: packets encoded one after the other leave each other alone', () => {
  const packets = Array.from({ length: 300 }, (_, i) =>
    makePacket('RC_SEND_ONLY', qpn(17), psn(i), { payload: new Uint8Array((i * 37) % 1400).fill(i) }),
  );
  const encoded = packets.map((packet) => encodePacket(packet, EXAMPLE));
  expect(encoded.map((bytes) => legible(decoded(bytes, EXAMPLE)))).toEqual(packets.map(legible));
});

test('WIRE-52: the payload of a decoded packet is a view into the datagram', () => {
  const payload = Uint8Array.of(1, 2, 3, 4, 5);
  const bytes = encodePacket(makePacket('RC_SEND_ONLY', qpn(17), psn(1), { payload }), EXAMPLE);
  const packet = decoded(bytes, EXAMPLE);
  expect(packet.payload.buffer).toBe(bytes.buffer);
  expect(packet.payload.byteOffset).toBe(bytes.byteOffset + 12);
});

test('WIRE-12, WIRE-13: a payload of each residue has the pad that makes it whole, of zeros', () => {
  for (let length = 0; length < 9; length++) {
    const packet = makePacket('RC_SEND_ONLY', qpn(17), psn(1), { payload: new Uint8Array(length).fill(0xff) });
    const bytes = encodePacket(packet, EXAMPLE);
    const pad = (4 - (length % 4)) % 4;
    expect(((bytes[1] ?? 0) >> 4) & 3).toBe(pad);
    expect([...bytes.subarray(12 + length, 12 + length + pad)]).toEqual(Array(pad).fill(0));
    expect(bytes.length).toBe(12 + length + pad + 4);
  }
});

test.prop([anyPacket, anyPacket, anyPath, fc.constantFrom(0, undefined)])(
  'WIRE-50: one record for all packets holds the last one decoded, and nothing of those before',
  (before, packet, path, slot) => {
    const decoder = new Decoder();
    const room = new Room();
    const fill = (each: Packet): Uint8Array => {
      const bytes = room.of(packetBytes(each));
      encodePacketInto(each, path, bytes, 0);
      return bytes;
    };
    decoder.decode(fill(before), path, slot);
    const result = decoder.decode(fill(packet), path, slot);
    expect(legible(result.ok ? result.packet : undefined)).toEqual(legible(packet));
    expect(decoder.info).toBe(opcodeInfo(packet.opcode));
    expect(decoder.decode(new Uint8Array(3), path)).toMatchObject({ ok: false, reason: 'TOO_SHORT' });
  },
);
