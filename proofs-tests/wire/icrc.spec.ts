// 10-wire, ICRC: against packets of others, the definition of the CRC, and the table of masks.
import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { ip } from '../../impl/wire/address.ts';
import { crcByTable, crcRegister } from '../../impl/wire/crc32.ts';
import { decodePacket } from '../../impl/wire/decode.ts';
import { encodePacket } from '../../impl/wire/encode.ts';
import { icrc } from '../../impl/wire/icrc.ts';
import { MAX_PACKET_BYTES } from '../../impl/wire/limits.ts';
import { encodeNetwork } from '../../impl/wire/network.ts';
import { qpn } from '../../impl/wire/numbers.ts';
import { makePacket } from '../../impl/wire/packet.ts';
import { psn } from '../../impl/wire/psn.ts';
import { flipped, isCovered, maskedBits } from '../capture/covered.ts';
import { isAccepted } from '../capture/verify.ts';
import { cell, numberCell, specTable } from '../trace/tables.ts';
import { anyPacket, anyPath, anyUpTo, bits } from './arbitrary.ts';
import { crc32BitByBit, referenceIcrc } from './reference.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

test('WIRE-40, WIRE-42: a UC SEND whose ICRC Linux computed ends in 78 f3 53 f3', () => {
  const address = ip('192.168.0.7');
  const payload = Buffer.from('4630818be28935d90e9a95505401be885e50', 'hex');
  const packet = makePacket('UC_SEND_ONLY', qpn(211), psn(13571856), { migReq: true, payload });
  const path = { source: address, destination: address, sourcePort: 49152, identification: 1144, dontFragment: true };
  expect(hex(encodePacket(packet, path).subarray(-4))).toBe('78f353f3');
});

test("WIRE-40, WIRE-42: a CNP sent by an adapter, source port 0, Don't Fragment, ends in 82 fd 00 2a", () => {
  const packet = makePacket('CNP', qpn(0x118), psn(0), { becn: true, payload: new Uint8Array(16) });
  const path = {
    source: ip('10.0.17.1'),
    destination: ip('10.0.18.1'),
    sourcePort: 0,
    identification: 0x718c,
    dontFragment: true,
  };
  const bytes = encodePacket(packet, path);
  expect(hex(bytes)).toBe(`8100ffff4000011800000000${'00'.repeat(16)}82fd002a`);
  expect(decodePacket(bytes, path).ok).toBe(true);
});

test('WIRE-40: the CRC has its published check value', () => {
  const check = Buffer.from('123456789');
  expect(~crcRegister(check, 0, 9, ~0) >>> 0).toBe(0xcbf43926);
  expect(crc32BitByBit(check)).toBe(0xcbf43926);
});

test.prop([anyUpTo(700), fc.nat(700), fc.nat(700), fc.integer()])(
  'WIRE-40: the register by table, by vectors and bit by bit is one, from any start to any end',
  (bytes, a, b, register) => {
    const [start, end] = [Math.min(a, b, bytes.length), Math.min(Math.max(a, b), bytes.length)];
    expect(crcRegister(bytes, start, end, register)).toBe(crcByTable(bytes, start, end, register));
    expect(~crcRegister(bytes, start, end, ~0) >>> 0).toBe(crc32BitByBit(bytes.subarray(start, end)));
  },
);

test.prop([anyPath, fc.integer({ min: 3, max: MAX_PACKET_BYTES / 4 - 1 }), bits(8), fc.nat(5)])(
  'WIRE-40, WIRE-41: every length and path gives the ICRC of the definition',
  (path, words, fill, at) => {
    const packet = Uint8Array.from({ length: words * 4 }, (_, i) => (i * fill + i) & 0xff);
    const bytes = Uint8Array.from([...Array(at).fill(1), ...packet, 9, 9, 9, 9, 2]);
    const found = icrc(bytes, at, at + packet.length + 4, path);
    const expected = referenceIcrc(path, packet);
    expect([found & 0xff, (found >>> 8) & 0xff, (found >>> 16) & 0xff, found >>> 24]).toEqual([...expected]);
  },
);

test('WIRE-41: the masks the tests go by are those of the table', () => {
  const table = specTable('spec/10-wire.md', 'icrc-masked');
  const at = { IPv4: [4, 0], IPv6: [6, 0], UDP: [4, 20], BTH: [4, 28] } as const;
  const masks = new Map<string, number>();
  for (const row of table.rows) {
    const header = cell(table, row, 'header');
    const place = Object.entries(at).find(([name]) => name === header)?.[1];
    if (place === undefined) throw new Error(`header ${header}`);
    const key = `${place[0]}:${place[1] + numberCell(table, row, 'byte')}`;
    masks.set(key, numberCell(table, row, 'mask'));
    if (place[1] > 0) masks.set(`6:${place[1] + 20 + numberCell(table, row, 'byte')}`, numberCell(table, row, 'mask'));
  }
  for (const version of [4, 6]) {
    const header = Uint8Array.of(version << 4);
    const found = Array.from({ length: 80 }, (_, i) => maskedBits(header, i));
    expect(found).toEqual(Array.from({ length: 80 }, (_, i) => masks.get(`${version}:${i}`) ?? 0));
  }
});

const anyNetwork = fc.record({
  path: anyPath,
  trafficClass: bits(8),
  flowLabel: bits(20),
  hopLimit: bits(8),
  udpChecksum: bits(16),
});

test.prop([anyPacket, anyNetwork, fc.nat()])(
  'WIRE-41, WIRE-50, WIRE-51: a changed bit is noticed if the ICRC covers it, and ignored if it masks it',
  (packet, network, place) => {
    const whole = encodeNetwork(network, encodePacket(packet, network.path));
    expect(isAccepted(whole)).toBe(true);
    const headerBits = 8 * (whole.length - encodePacket(packet, network.path).length + 12);
    for (const bit of [place % (whole.length * 8), place % headerBits])
      expect(isAccepted(flipped(whole, bit))).toBe(!isCovered(whole, bit));
  },
);

test('WIRE-40: an ICRC does not depend on what lies around the packet, nor on what stands in its own place', () => {
  const way = {
    source: ip('10.0.0.1'),
    destination: ip('10.0.0.2'),
    sourcePort: 7,
    identification: 0,
    dontFragment: true,
  };
  for (const length of [16, 20, 316, 324, 328, 1040, 4144]) {
    const packet = Uint8Array.from({ length }, (_, i) => i * 37 + (i >> 3));
    const around = new Uint8Array(length + 16).fill(0xa5);
    around.set(packet, 8);
    const expected = icrc(around, 8, 8 + length, way);
    expect(icrc(packet, 0, length, way)).toBe(expected);
    packet.fill(0xee, length - 4);
    packet[4] = (packet[4] ?? 0) ^ 0x5c;
    expect(icrc(packet, 0, length, way)).toBe(expected);
    packet[5] = (packet[5] ?? 0) ^ 1;
    expect(icrc(packet, 0, length, way)).not.toBe(expected);
  }
});
