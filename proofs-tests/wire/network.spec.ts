// 10-wire, IP and UDP: whole IP packets, addresses, ports.
import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { type IpAddress, ip, ipFamily, ipFromBytes, ipToBytes, parseIp } from '../../impl/wire/address.ts';
import { decodePacket } from '../../impl/wire/decode.ts';
import { encodePacket } from '../../impl/wire/encode.ts';
import {
  decodeNetwork,
  encodeNetwork,
  GRH_BYTES,
  grhArea,
  NETWORK_REASONS,
  type Network,
  type NetworkReason,
} from '../../impl/wire/network.ts';
import { qpn } from '../../impl/wire/numbers.ts';
import { path, ROCE_PORT } from '../../impl/wire/path.ts';
import { flowLabel, flowLabelToPort, sourcePort } from '../../impl/wire/source-port.ts';
import { captureDatagrams } from '../capture/fixtures.ts';
import { cell, specTable } from '../trace/tables.ts';
import { anyPacket, anyPath, anyUpTo, bits } from './arbitrary.ts';

const A = ip('10.0.0.1');
const B = ip('10.0.0.2');

const networkOf = (source: IpAddress, destination: IpAddress): Network => ({
  path: { source, destination, sourcePort: 50_000, identification: 7, dontFragment: true },
  trafficClass: 0,
  flowLabel: 0,
  hopLimit: 64,
  udpChecksum: 0,
});

const v4 = encodeNetwork(networkOf(A, B), new Uint8Array(16));
const v6 = encodeNetwork(networkOf(ip('fd00::1'), ip('fd00::2')), new Uint8Array(16));

const anyNetwork: fc.Arbitrary<Network> = anyPath.chain((one) => {
  const six = ipFamily(one.source) === 6;
  const asFound = six ? { ...one, identification: 0, dontFragment: true } : one;
  return fc.record({
    path: fc.constant(asFound),
    trafficClass: bits(8),
    flowLabel: six ? bits(20) : fc.constant(0),
    hopLimit: bits(8),
    udpChecksum: bits(16),
  });
});

test.prop([anyNetwork, anyUpTo(60), anyUpTo(9)])(
  'WIRE-51: an IP packet gives back its headers and payload, whatever the link puts behind it',
  (network, payload, padding) => {
    const whole = Uint8Array.from([...encodeNetwork(network, payload), ...padding]);
    const found = decodeNetwork(whole);
    expect(found).toEqual({ ok: true, network, payload });
  },
);

test('WIRE-30: packets go to port 4791', () => {
  expect(ROCE_PORT).toBe(4791);
  expect([v4[22], v4[23]]).toEqual([0x12, 0xb7]);
});

test("WIRE-33: a path of a plain socket has Don't Fragment and identification 0", () => {
  expect(path(A, B, 50_000)).toEqual({
    source: A,
    destination: B,
    sourcePort: 50_000,
    identification: 0,
    dontFragment: true,
  });
  const whole = encodeNetwork({ ...networkOf(A, B), path: path(A, B, 50_000) }, new Uint8Array(4));
  expect(Buffer.from(whole.subarray(4, 8)).toString('hex')).toBe('00004000');
});

test('WIRE-51: the IPv4 header checksum is that of RFC 1071', () => {
  const sum = [...Array(10).keys()].reduce((total, i) => total + ((v4[2 * i] ?? 0) << 8) + (v4[2 * i + 1] ?? 0), 0);
  expect(sum % 0xffff).toBe(0);
});

/** `bytes` with some of them changed. */
const edited = (bytes: Uint8Array, changes: Readonly<Record<number, number>>): Uint8Array => {
  const copy = bytes.slice();
  for (const [at, value] of Object.entries(changes)) copy[Number(at)] = value;
  return copy;
};

const REFUSED: readonly (readonly [NetworkReason, string, Uint8Array])[] = [
  ['NOT_IP', 'nothing', new Uint8Array(0)],
  ['NOT_IP', 'version 5', edited(v4, { 0: 0x55 })],
  ['NOT_IP', '19 bytes of IPv4', v4.subarray(0, 19)],
  ['NOT_IP', '39 bytes of IPv6', v6.subarray(0, 39)],
  ['IP_LENGTH', 'an IPv4 packet without its last byte', v4.subarray(0, -1)],
  ['IP_LENGTH', 'an IPv6 packet without its last byte', v6.subarray(0, -1)],
  ['IP_LENGTH', 'an IPv4 header of 16 bytes', edited(v4, { 0: 0x44 })],
  ['IP_LENGTH', 'an IPv4 length of 19', edited(v4, { 2: 0, 3: 19 })],
  ['IP_OPTIONS', 'an IPv4 header of 24 bytes', edited(v4, { 0: 0x46 })],
  ['IP_OPTIONS', 'an IPv6 routing header', edited(v6, { 6: 43 })],
  ['IP_FRAGMENT', 'more fragments', edited(v4, { 6: 0x20 })],
  ['IP_FRAGMENT', 'a fragment offset', edited(v4, { 7: 1 })],
  ['IP_FRAGMENT', 'the reserved flag', edited(v4, { 6: 0xc0 })],
  ['IP_FRAGMENT', 'an IPv6 fragment header', edited(v6, { 6: 44 })],
  ['NOT_UDP', 'TCP over IPv4', edited(v4, { 9: 6 })],
  ['NOT_UDP', 'ICMPv6', edited(v6, { 6: 58 })],
  ['NOT_ROCE', 'port 4790', edited(v4, { 23: 0xb6 })],
  ['UDP_LENGTH', 'seven bytes of UDP', edited(v4, { 3: 27, 25: 7 })],
  ['UDP_LENGTH', 'no bytes of UDP', edited(v4, { 3: 20 })],
  ['UDP_LENGTH', 'a UDP length one less, to another port', edited(v4, { 23: 0, 25: 23 })],
  ['UDP_LENGTH', 'a UDP length one less', edited(v4, { 25: 23 })],
  ['UDP_LENGTH', 'a UDP length one more, over IPv6', edited(v6, { 45: 25 })],
];

test.each(REFUSED)('WIRE-51, WIRE-32: %s for %s', (reason, _, bytes) => {
  expect(decodeNetwork(bytes)).toMatchObject({ ok: false, reason });
});

test('WIRE-51: the reasons are those of the table, each with an example', () => {
  const table = specTable('spec/10-wire.md', 'network-reasons');
  expect(NETWORK_REASONS).toEqual(table.rows.map((row) => cell(table, row, 'reason')));
  expect(new Set(REFUSED.map(([reason]) => reason))).toEqual(new Set(NETWORK_REASONS));
});

test.prop([anyPacket, bits(16)])('WIRE-32: every UDP source port is accepted', (packet, port) => {
  const one = { ...networkOf(A, B).path, sourcePort: port };
  expect(decodePacket(encodePacket(packet, one), one).ok).toBe(true);
});

test.prop([anyUpTo(90), fc.constantFrom(0x45, 0x46, 0x60, 0x6f, 0)])(
  'WIRE-52: no bytes make the IP decoder throw',
  (bytes, first) => {
    const whole = edited(bytes, { 0: first });
    const found = decodeNetwork(whole);
    expect(found.ok || NETWORK_REASONS.includes(found.reason)).toBe(true);
  },
);

test('WIRE-34: the area before a UD payload is the IPv6 header, or zeros and the IPv4 header', () => {
  expect(grhArea(networkOf(ip('fd00::1'), ip('fd00::2')), 16)).toEqual(v6.slice(0, GRH_BYTES));
  expect(grhArea(networkOf(A, B), 16)).toEqual(Uint8Array.from([...Array(20).fill(0), ...v4.subarray(0, 20)]));
});

test('WIRE-31: source ports are those of the Linux functions', () => {
  expect(flowLabel(qpn(17), qpn(34))).toBe(578);
  expect(sourcePort(qpn(17), qpn(34))).toBe(0xc000 + 578);
  expect(flowLabel(qpn(0xabcdef), qpn(0x123456))).toBe(0xac3e3);
  expect(sourcePort(qpn(0xabcdef), qpn(0x123456))).toBe(50_120);
  expect(flowLabelToPort(0xfffff)).toBe(0xc000 | (0x3fff ^ 0x3f));
});

test('WIRE-31: Linux sends from the same source ports', () => {
  // In this capture every connection has one QPN at both ends.
  const sent = captureDatagrams('rc_access_error').map(({ payload, network }) => {
    const decoded = decodePacket(payload, network.path);
    return decoded.ok ? [network.path.sourcePort, sourcePort(decoded.packet.destQp, decoded.packet.destQp)] : [];
  });
  expect(sent.length).toBe(22);
  for (const [port, ours] of sent) expect(port).toBe(ours);
});

test.prop([bits(24), bits(24)])(
  'WIRE-31: both ends of a connection choose the same port, of the dynamic range',
  (a, b) => {
    const port = sourcePort(qpn(a), qpn(b));
    expect(port).toBe(sourcePort(qpn(b), qpn(a)));
    expect(port).toBeGreaterThanOrEqual(0xc000);
    expect(port).toBeLessThanOrEqual(0xffff);
  },
);

test.prop([fc.oneof(fc.ipV4(), fc.ipV6())])('WIRE-51: an address is its bytes and back', (text) => {
  const address = ip(text);
  expect(ipFromBytes(ipToBytes(address))).toBe(address);
  expect(ipToBytes(address).length).toBe(ipFamily(address) === 4 ? 4 : 16);
});

test.each([
  ['::1', '0:0:0:0:0:0:0:1'],
  ['fd00:77::1', 'FD00:0077:0:0::0001'],
  ['2001:db8::1:0:0:1', '2001:db8:0:0:1:0:0:1'],
  ['2001:0:0:1::1', '2001:0:0:1:0:0:0:1'],
  ['::', '0::0'],
  ['::ffff:192.168.77.1', '::ffff:c0a8:4d01'],
  ['64:ff9b::102:304', '64:ff9b::1.2.3.4'],
  ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
])('WIRE-51: %s is the canonical text of %s', (canonical, text) => {
  expect(parseIp(text)).toBe(canonical);
});

test.each([
  ['', '1.2.3', '1.2.3.4.5', '256.0.0.1', '01.2.3.4', '1.2.3.4 ', 'a.b.c.d', ':', ':::', '1::2::3', '1:2:3:4:5:6:7'],
  [
    '1:2:3:4:5:6:7:8:9',
    '12345::',
    'fe80::1%lo',
    'g::',
    '::1.2.3',
    '1.2.3.4::',
    '1:2:3:4:5:6:7::8',
    '::1/64',
    '1.2.3.4:5',
  ],
])('WIRE-51: texts that are no address are refused', (...texts) => {
  for (const text of texts) expect([text, parseIp(text)]).toEqual([text, undefined]);
  expect(() => ip('nowhere')).toThrow('nowhere is not an IP address');
});
