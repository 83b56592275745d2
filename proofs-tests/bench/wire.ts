// What the wire codec costs, against the ICRC alone, which no RoCEv2 endpoint can leave out; and a million bad packets.
import { crc32 } from 'node:zlib';
import { ip } from '../../impl/wire/address.ts';
import { putI32Little } from '../../impl/wire/bytes.ts';
import { crcByTable } from '../../impl/wire/crc32.ts';
import { decodePacket } from '../../impl/wire/decode.ts';
import { encodePacket, encodePacketInto } from '../../impl/wire/encode.ts';
import { icrc } from '../../impl/wire/icrc.ts';
import { qpn } from '../../impl/wire/numbers.ts';
import { OPCODE_NAMES, opcodeInfo } from '../../impl/wire/opcode.ts';
import { makePacket } from '../../impl/wire/packet.ts';
import { claimPacketMemory, crcByFold, hasFold, releasePacketMemory } from '../../impl/wire/packet-memory.ts';
import { path } from '../../impl/wire/path.ts';
import { psn } from '../../impl/wire/psn.ts';
import type { BenchRow } from './row.ts';

const PATH = path(ip('127.0.0.1'), ip('127.0.0.2'), 0xc123);
const BACK = path(ip('127.0.0.2'), ip('127.0.0.1'), 0xc124);

/** Every opcode with a few bytes, so that the codec is compiled for all and not for the one measured. */
const sample = (): readonly Uint8Array[] =>
  OPCODE_NAMES.map((name, i) => {
    const rule = opcodeInfo(name).payload;
    const length = rule === 'NONE' ? 0 : 16;
    return encodePacket(makePacket(name, qpn(i + 2), psn(i), { payload: new Uint8Array(length).fill(i) }), PATH);
  });

const warm = (): void => {
  const packets = sample();
  for (let round = 0; round < 2000; round++) {
    for (const bytes of packets) {
      const decoded = decodePacket(bytes, PATH);
      if (decoded.ok) encodePacket(decoded.packet, round % 2 === 0 ? PATH : BACK);
    }
  }
};

const ROUNDS = 24;
const CALLS = 20_000;

/**
 * Calls per second of each, the best of many short rounds taken in turn: what else the machine does makes a round slower,
 * never faster, and falls on all alike.
 */
const rates = (...calls: readonly (() => number)[]): readonly number[] => {
  const best = calls.map(() => 0);
  let sink = 0;
  for (let round = 0; round < ROUNDS; round++) {
    for (const [n, call] of calls.entries()) {
      const started = process.hrtime.bigint();
      for (let i = 0; i < CALLS; i++) sink ^= call();
      best[n] = Math.max(best[n] ?? 0, (CALLS * 1e9) / Number(process.hrtime.bigint() - started));
    }
  }
  // The results are used, so that no call is optimised away.
  return sink === 0.5 ? [] : best;
};

/** Rows of one unit; the first is the bound of the rest. */
const measured = (unit: string, calls: Readonly<Record<string, () => number>>): readonly BenchRow[] => {
  const values = rates(...Object.values(calls));
  const [baseline = ''] = Object.keys(calls);
  return Object.keys(calls).map((name, n): BenchRow => {
    const value = Math.round(values[n] ?? 0);
    return n === 0 ? { name, value, unit } : { name, value, unit, baseline, ratio: value / Math.round(values[0] ?? 1) };
  });
};

const codecRows = (size: number): readonly BenchRow[] => {
  const payload = Uint8Array.from({ length: size }, (_, i) => i * 7);
  const packet = makePacket('RC_SEND_MIDDLE', qpn(17), psn(99), { payload });
  const bytes = encodePacket(packet, PATH);
  const out = new Uint8Array(bytes.length);
  return measured('packets/s', {
    [`wire ICRC only, ${size} bytes`]: () => icrc(bytes, 0, bytes.length, PATH),
    [`wire encode, ${size} bytes`]: () => encodePacket(packet, PATH).length,
    [`wire encode in place, ${size} bytes`]: () => encodePacketInto(packet, PATH, out, 0),
    [`wire decode, ${size} bytes`]: () => Number(decodePacket(bytes, PATH).ok),
  });
};

/** Where the vector code pays: the threshold in impl/wire/crc32.ts; zlib, which speaks to no threshold, beside it. */
const crcRows = (size: number): readonly BenchRow[] => {
  const bytes = Uint8Array.from({ length: size }, (_, i) => i * 7);
  const inPlace = claimPacketMemory(size);
  inPlace.set(bytes);
  const rows = measured('calls/s', {
    [`CRC-32 by zlib, ${size} bytes`]: () => crc32(bytes),
    [`CRC-32 by table, ${size} bytes`]: () => crcByTable(bytes, 0, size, ~0),
    [`CRC-32 by vectors, ${size} bytes copied`]: () => crcByFold(bytes, 0, size, ~0) ?? 0,
    [`CRC-32 by vectors, ${size} bytes in place`]: () => crcByFold(inPlace, 0, size, ~0) ?? 0,
  });
  releasePacketMemory(inPlace);
  return hasFold ? rows : rows.slice(0, 2);
};

/** A packet of every opcode: cut, overwritten, noise from the first byte on, noise under a right ICRC. */
const fuzz = (count: number): BenchRow => {
  const packets = sample();
  let state = 1;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const scratch = new Uint8Array(128);
  let wrong = 0;
  const started = process.hrtime.bigint();
  for (let i = 0; i < count; i++) {
    const original = packets[i % packets.length] ?? scratch;
    const damage = i & 3;
    const length = damage === 0 ? random(original.length) : original.length;
    scratch.set(original);
    if (damage === 1) scratch[random(4)] = random(256);
    if (damage >= 2) for (let at = 0; at < length; at++) scratch[at] = random(256);
    const bytes = scratch.subarray(0, length);
    if (damage === 3) putI32Little(bytes, length - 4, icrc(bytes, 0, length, PATH));
    const acceptable = damage === 3 || (length === original.length && original.every((byte, at) => byte === bytes[at]));
    if (decodePacket(bytes, PATH).ok && !acceptable) wrong++;
  }
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  if (wrong > 0) throw new Error(`${wrong} of ${count} damaged packets were accepted`);
  return { name: `wire decode of ${count} damaged packets`, value: Math.round(count / seconds), unit: 'packets/s' };
};

/** Figures of the codec by payload size; `damaged` bad packets on top. Throws if one of them is accepted. */
export const benchWire = async (damaged = 1_000_000): Promise<readonly BenchRow[]> => {
  warm();
  return [
    ...[64, 256, 1024, 4096].flatMap(codecRows),
    ...[16, 32, 64, 256, 1024, 4096].flatMap(crcRows),
    fuzz(damaged),
  ];
};
