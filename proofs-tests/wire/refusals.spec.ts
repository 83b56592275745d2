// 10-wire, refusals: every reason has an example, the first reason wins, and no bytes make the decoder throw.
import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { ip } from '../../impl/wire/address.ts';
import { decodePacket } from '../../impl/wire/decode.ts';
import { DROP_REASONS, type DropReason } from '../../impl/wire/drop-reason.ts';
import { encodePacket } from '../../impl/wire/encode.ts';
import { MAX_PACKET_BYTES } from '../../impl/wire/limits.ts';
import { qpn } from '../../impl/wire/numbers.ts';
import { type OpcodeName, opcodeInfo } from '../../impl/wire/opcode.ts';
import { makePacket, type Packet } from '../../impl/wire/packet.ts';
import { path } from '../../impl/wire/path.ts';
import { psn } from '../../impl/wire/psn.ts';
import { cell, specTable } from '../trace/tables.ts';
import { anyOpcode, anyPacket, anyPath, anyUpTo } from './arbitrary.ts';
import { withIcrc } from './reference.ts';

const PATH = path(ip('10.0.0.1'), ip('10.0.0.2'), 50_000);

const bth = (opcode: number, flags = 0): number[] => [opcode, flags, 0xff, 0xff, 0, 0, 0, 17, 0, 0, 0, 1];
const value = (name: OpcodeName): number => opcodeInfo(name).value;
const packed = (...bytes: readonly number[]): Uint8Array => withIcrc(PATH, Uint8Array.from(bytes));
const zeros = (count: number): number[] => Array(count).fill(0);

const ACK = value('RC_ACKNOWLEDGE');
const SEND = value('RC_SEND_ONLY');
const WRITE = value('RC_WRITE_ONLY_WITH_IMM');

/** Each is right in every respect that is checked before its reason. */
const REFUSED: readonly (readonly [DropReason, string, Uint8Array])[] = [
  ['TOO_SHORT', 'nothing', new Uint8Array(0)],
  ['TOO_SHORT', '12 bytes', packed(...bth(SEND)).subarray(0, 12)],
  ['TOO_SHORT', '15 bytes', packed(...bth(SEND)).subarray(0, 15)],
  ['TOO_LONG', 'four bytes more than the longest packet', packed(...bth(SEND), ...zeros(MAX_PACKET_BYTES - 12))],
  ['UNALIGNED_LENGTH', '17 bytes', packed(...bth(SEND), 0)],
  ['UNALIGNED_LENGTH', '18 bytes', packed(...bth(SEND), 0, 0)],
  ['UNALIGNED_LENGTH', '19 bytes', packed(...bth(SEND), 0, 0, 0)],
  ['BAD_ICRC', 'an ICRC of zeros', Uint8Array.from([...bth(SEND), 0, 0, 0, 0])],
  [
    'BAD_ICRC',
    'the ICRC most significant byte first',
    packed(...bth(SEND)).map((byte, i, all) => (i < 12 ? byte : (all[27 - i] ?? 0))),
  ],
  ['BAD_TVER', 'version 1', packed(...bth(SEND, 0x01))],
  ['BAD_TVER', 'version 8 and an unknown opcode', packed(...bth(0x15, 0x08))],
  ['UNKNOWN_OPCODE', 'an opcode that UC reserves, 0x36', packed(...bth(0x36), ...zeros(4))],
  ['UNKNOWN_OPCODE', 'RD SEND Only', packed(...bth(0x44), ...zeros(12))],
  ['UNKNOWN_OPCODE', 'CNP without its low bit', packed(...bth(0x80), ...zeros(16))],
  ['TRUNCATED_HEADERS', 'an ACK without AETH', packed(...bth(ACK))],
  ['TRUNCATED_HEADERS', 'a WRITE with immediate one word short', packed(...bth(WRITE), ...zeros(16))],
  ['PAD_EXCEEDS_PAYLOAD', 'an empty SEND with pad 1', packed(...bth(SEND, 0x10))],
  ['PAD_EXCEEDS_PAYLOAD', 'an ACK with pad 3', packed(...bth(ACK, 0x30), ...zeros(4))],
  ['PAD_NOT_ZERO', 'pad 1 with 0x80', packed(...bth(SEND, 0x10), 1, 2, 3, 0x80)],
  ['PAD_NOT_ZERO', 'pad 3 with its first byte 1', packed(...bth(SEND, 0x30), 1, 1, 0, 0)],
  ['TRAILING_BYTES', 'an ACK with four bytes', packed(...bth(ACK), ...zeros(8))],
  [
    'TRAILING_BYTES',
    'a READ request with one byte and pad',
    packed(...bth(value('RC_READ_REQUEST'), 0x30), ...zeros(20)),
  ],
  ['BAD_PAYLOAD_LENGTH', 'a SEND of 4097 bytes', packed(...bth(SEND, 0x30), ...zeros(4100))],
  ['BAD_PAYLOAD_LENGTH', 'a CNP of 12 bytes', packed(...bth(value('CNP')), ...zeros(12))],
  ['BAD_PAYLOAD_LENGTH', 'a CNP of 20 bytes', packed(...bth(value('CNP')), ...zeros(20))],
];

test.each(REFUSED)('WIRE-50, WIRE-13: %s for %s', (reason, _, bytes) => {
  expect(decodePacket(bytes, PATH)).toMatchObject({ ok: false, reason });
});

test('WIRE-50: the reasons are those of the table in its order, each with an example', () => {
  const table = specTable('spec/10-wire.md', 'drop-reasons');
  expect(DROP_REASONS).toEqual(table.rows.map((row) => cell(table, row, 'reason')));
  expect(new Set(REFUSED.map(([reason]) => reason))).toEqual(new Set(DROP_REASONS));
});

test('WIRE-50: the longest packet is accepted, and the neighbours of refused ones', () => {
  expect(MAX_PACKET_BYTES).toBe(4132);
  const accepted = [
    packed(...bth(SEND)),
    packed(...bth(SEND), ...zeros(4096)),
    packed(...bth(WRITE), ...zeros(20 + 4096)),
    packed(...bth(SEND, 0x30), 1, 0, 0, 0),
    packed(...bth(SEND, 0x30), 0, 0, 0, 0),
    packed(...bth(ACK), ...zeros(4)),
    packed(...bth(value('CNP')), ...zeros(16)),
  ];
  expect(accepted.map((bytes) => decodePacket(bytes, PATH).ok)).toEqual(accepted.map(() => true));
});

test("WIRE-54: a FIRST of any length, an empty LAST and an ATOMIC WRITE of 4 bytes are the responder's to refuse", () => {
  const lengths = [
    ['RC_SEND_FIRST', 100],
    ['RC_SEND_LAST', 0],
    ['UC_WRITE_MIDDLE', 0],
    ['RC_ATOMIC_WRITE', 4],
    ['UD_SEND_ONLY', 4096],
  ] as const;
  for (const [opcode, length] of lengths) {
    const packet = makePacket(opcode, qpn(17), psn(1), { payload: new Uint8Array(length) });
    expect(decodePacket(encodePacket(packet, PATH), PATH)).toEqual({ ok: true, packet });
  }
});

const encoding = (opcode: OpcodeName, fields: Partial<Packet>) => () =>
  encodePacket(makePacket(opcode, qpn(17), psn(1), fields), PATH);

test.each([
  ['RC_ACKNOWLEDGE', 'RC_ACKNOWLEDGE with 1 bytes of payload', { payload: new Uint8Array(1) }],
  ['RC_SEND_ONLY', 'RC_SEND_ONLY with 4097 bytes of payload', { payload: new Uint8Array(4097) }],
  ['RC_SEND_ONLY', 'RC_SEND_ONLY with 100000 bytes of payload', { payload: new Uint8Array(100_000) }],
  ['CNP', 'CNP with 0 bytes of payload', {}],
  ['RC_SEND_ONLY_WITH_IMM', 'imm 4294967296', { imm: 2 ** 32 }],
  ['RC_SEND_ONLY_WITH_IMM', 'imm -1', { imm: -1 }],
  ['RC_READ_REQUEST', 'dmaLength 0.5', { dmaLength: 0.5 }],
  ['RC_READ_REQUEST', '18446744073709551616 is not an unsigned 64-bit integer', { va: 2n ** 64n }],
  ['RC_COMPARE_SWAP', '-1 is not an unsigned 64-bit integer', { compare: -1n }],
  ['RC_FLUSH', 'placementType 16', { placementType: 16 }],
  ['RC_FLUSH', 'selectivity 4', { selectivity: 4 }],
] as const)('WIRE-53: the encoder refuses %s with %s', (opcode, message, fields) => {
  expect(encoding(opcode, fields)).toThrow(RangeError);
  expect(encoding(opcode, fields)).toThrow(message);
});

test('WIRE-53: addresses of two families are no path', () => {
  const mixed = path(ip('10.0.0.1'), ip('::1'), 50_000);
  expect(() => encodePacket(makePacket('RC_SEND_ONLY', qpn(17), psn(1)), mixed)).toThrow('10.0.0.1 to ::1 is no path');
});

const RUNS = { numRuns: 3000 };

test.prop([anyUpTo(120), anyPath], RUNS)('WIRE-52: random bytes are refused, not thrown at', (bytes, from) => {
  const result = decodePacket(bytes, from);
  expect(result.ok ? 'accepted' : DROP_REASONS.includes(result.reason)).toBe(true);
});

/** Headers of every opcode, known ones preferred, over noise, under a right ICRC. */
const signed = fc
  .tuple(fc.oneof(anyOpcode.map(value), fc.nat(255)), fc.nat(255), anyUpTo(90, 10))
  .map(([opcode, flags, rest]) => {
    const whole = Uint8Array.from([opcode, flags & (flags % 3 === 0 ? 0xff : 0xf0), ...rest]);
    return withIcrc(PATH, whole.subarray(0, whole.length & ~3));
  });

test.prop([signed], RUNS)(
  'WIRE-52, WIRE-53: what is accepted of noise with a right ICRC encodes to the same bytes but for reserved bits',
  (bytes) => {
    const result = decodePacket(bytes, PATH);
    if (!result.ok) {
      expect(DROP_REASONS.indexOf(result.reason)).toBeGreaterThan(DROP_REASONS.indexOf('BAD_ICRC'));
      return;
    }
    const again = encodePacket(result.packet, PATH);
    expect(again.length).toBe(bytes.length);
    expect(decodePacket(again, PATH)).toEqual(result);
  },
);

test.prop([anyPacket, fc.nat(), fc.nat(), fc.nat(255)], RUNS)(
  'WIRE-52: a packet cut or overwritten is refused unless it is what it was',
  (packet, cut, at, byte) => {
    const bytes = encodePacket(packet, PATH);
    const short = bytes.subarray(0, cut % bytes.length);
    expect(decodePacket(short, PATH).ok).toBe(false);
    const overwritten = Uint8Array.from(bytes);
    overwritten[at % bytes.length] = byte;
    const unchanged = at % bytes.length === 4 || byte === bytes[at % bytes.length];
    expect(decodePacket(overwritten, PATH).ok).toBe(unchanged);
  },
);

test('WIRE-52: the decoder reads its bytes and not their neighbours', () => {
  const bytes = encodePacket(makePacket('RC_WRITE_ONLY', qpn(17), psn(1), { payload: Uint8Array.of(1, 2, 3) }), PATH);
  const room = new Uint8Array(bytes.length + 40);
  const inside = room.subarray(20, 20 + bytes.length);
  inside.set(bytes);
  const quiet = decodePacket(inside, PATH);
  room.fill(0xff, 0, 20).fill(0xff, 20 + bytes.length);
  expect(decodePacket(inside, PATH)).toEqual(quiet);
  expect(quiet.ok).toBe(true);
  for (let length = 0; length < bytes.length; length++) {
    expect(decodePacket(inside.subarray(0, length), PATH).ok).toBe(false);
  }
});
