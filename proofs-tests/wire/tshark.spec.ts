// 10-wire against Wireshark: what godwit sends is well-formed, and every field is where Wireshark looks for it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { icrc } from '../../impl/wire/icrc.ts';
import { OPCODE_NAMES, type OpcodeName, opcodeInfo } from '../../impl/wire/opcode.ts';
import type { Packet } from '../../impl/wire/packet.ts';
import { writePcap } from '../capture/pcap.ts';
import { writePcapng } from '../capture/pcapng.ts';
import { tsharkFields, tsharkVersion } from '../capture/tshark.ts';
import { everyOpcode, type Sample } from './sample.ts';

const version = tsharkVersion();
const where = version === undefined ? 'skipped: tshark is not installed' : version;

/** Wireshark 4.0 names these by their BTH alone: it has no headers for them (and CNP under 0x80). */
const HEADERS_UNKNOWN: readonly OpcodeName[] = [
  ...(['RC_RESUME', 'RC_FLUSH', 'RC_ATOMIC_WRITE', 'CNP'] as const),
  ...OPCODE_NAMES.filter((name) => opcodeInfo(name).operation === 'RESERVED'),
];

const ib = (name: string) => `infiniband.${name}` as const;
const FIELDS = [
  '_ws.malformed',
  ...['bth.opcode', 'bth.se', 'bth.m', 'bth.padcnt', 'bth.tver', 'bth.p_key', 'bth.destqp', 'bth.a', 'bth.psn'].map(ib),
  ...['reth.va', 'reth.r_key', 'reth.dmalen', 'aeth.syndrome', 'aeth.msn', 'deth.q_key', 'deth.srcqp'].map(ib),
  ...['atomiceth.swapdt', 'atomiceth.cmpdt', 'atomicacketh.origremdt', 'immdt', 'ieth', 'invariant.crc'].map(ib),
] as const;

const hex = (value: number | bigint, bytes: number): string => value.toString(16).padStart(bytes * 2, '0');

const bthOf = ({ packet }: Sample): Record<string, bigint> => ({
  'bth.opcode': BigInt(opcodeInfo(packet.opcode).value),
  'bth.se': BigInt(packet.solicitedEvent),
  'bth.m': BigInt(packet.migReq),
  'bth.padcnt': BigInt(-packet.payload.length & 3),
  'bth.tver': 0n,
  'bth.p_key': BigInt(packet.pkey),
  'bth.destqp': BigInt(packet.destQp),
  'bth.a': BigInt(packet.ackReq),
  'bth.psn': BigInt(packet.psn),
});

const extensionsOf = (p: Packet): Record<string, bigint | undefined> => {
  const { RETH, AETH, DETH, AtomicETH, AtomicAckETH, ImmDt, IETH } = opcodeInfo(p.opcode).offsets;
  const when = (offset: number, value: number | bigint) => (offset > 0 ? BigInt(value) : undefined);
  return {
    'reth.va': when(RETH + AtomicETH, p.va),
    'reth.r_key': when(RETH + AtomicETH, p.rkey),
    'reth.dmalen': when(RETH, p.dmaLength),
    'aeth.syndrome': when(AETH, p.syndrome.value),
    'aeth.msn': when(AETH, p.msn),
    'deth.q_key': when(DETH, p.qkey),
    'deth.srcqp': when(DETH, p.srcQp),
    'atomiceth.swapdt': when(AtomicETH, p.swapAdd),
    'atomiceth.cmpdt': when(AtomicETH, p.compare),
    'atomicacketh.origremdt': when(AtomicAckETH, p.original),
    immdt: when(ImmDt, p.imm),
    ieth: when(IETH, p.invalidateRkey),
  };
};

/** tshark prints numbers as 0x or decimal, flags as 1 or True, bytes as hexadecimal digits. */
const parse = (name: string, text: string): bigint | undefined => {
  if (text === '') return undefined;
  if (/^(True|False)$/.test(text)) return BigInt(text === 'True');
  return BigInt(/^(immdt|ieth)$/.test(name) ? `0x${text.replaceAll(':', '')}` : text);
};

describe.skipIf(version === undefined)(`Wireshark (${where})`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'godwit-tshark-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const samples = everyOpcode();
  const frames = samples.map(({ bytes }, i) => ({ bytes, timestampNs: BigInt(i) * 1000n }));

  const dissected = (name: string, file: Uint8Array) => {
    const path = join(folder, name);
    writeFileSync(path, file);
    return tsharkFields(path, FIELDS);
  };

  test('WIRE-10: every opcode with every pad it can have is in the sample', () => {
    expect(new Set(samples.map(({ packet }) => packet.opcode))).toEqual(new Set(OPCODE_NAMES));
    const pads = new Set(samples.map(({ packet }) => `${packet.opcode} ${-packet.payload.length & 3}`));
    const padded = OPCODE_NAMES.filter((name) => /MTU/.test(opcodeInfo(name).payload));
    for (const name of padded) for (const pad of [0, 1, 2, 3]) expect(pads).toContain(`${name} ${pad}`);
  });

  test('WIRE-1, WIRE-2, WIRE-10, WIRE-12: no packet is malformed, and every field Wireshark knows has our value', () => {
    const rows = dissected('sample.pcap', writePcap(frames));
    expect(rows.length).toBe(samples.length);
    for (const [i, sample] of samples.entries()) {
      const row: Readonly<Record<string, string>> = rows[i] ?? {};
      const { packet } = sample;
      expect([i, packet.opcode, row['_ws.malformed']]).toEqual([i, packet.opcode, '']);
      const known = !HEADERS_UNKNOWN.includes(packet.opcode);
      const expected = { ...bthOf(sample), ...(known ? extensionsOf(packet) : {}) };
      const found = Object.fromEntries(Object.keys(expected).map((name) => [name, parse(name, row[ib(name)] ?? '')]));
      expect([packet.opcode, found]).toEqual([packet.opcode, expected]);
    }
  });

  test('WIRE-42: Wireshark shows our ICRC, which ends every packet it knows', () => {
    const rows = dissected('icrc.pcap', writePcap(frames));
    for (const [i, { packet, bytes, network }] of samples.entries()) {
      if (HEADERS_UNKNOWN.includes(packet.opcode)) continue;
      const udp = bytes.subarray(network.path.source.includes(':') ? 48 : 28);
      const little = Buffer.alloc(4);
      little.writeInt32LE(icrc(udp, 0, udp.length, network.path));
      expect([i, rows[i]?.['infiniband.invariant.crc']]).toEqual([i, `0x${hex(little.readUInt32BE(), 4)}`]);
    }
  });

  test('WIRE-2: a pcapng file of ours says the same to Wireshark', () => {
    expect(dissected('sample.pcapng', writePcapng(frames))).toEqual(dissected('again.pcap', writePcap(frames)));
  });
});
