// 10-wire against scapy: the BTH of every opcode, the AETH of an ACK, the CNP, and the ICRC over IPv4, which it computes.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { opcodeInfo } from '../../impl/wire/opcode.ts';
import { captureDatagrams } from '../capture/fixtures.ts';
import { REPOSITORY } from '../source/tree.ts';
import { everyOpcode } from './sample.ts';

/** Debian's scapy belongs to Debian's Python, which need not be the first on the path. */
const PYTHONS = ['python3', '/usr/bin/python3'];

const version = (python: string): string | undefined => {
  try {
    const script = 'import scapy, scapy.contrib.roce; print(scapy.__version__)';
    return execFileSync(python, ['-c', script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
};

const python = PYTHONS.find((name) => version(name) !== undefined);
const where = python === undefined ? 'skipped: python3-scapy is not installed' : version(python);

const Seen = z.object({
  opcode: z.number(),
  solicited: z.number(),
  migreq: z.number(),
  padcount: z.number(),
  version: z.number(),
  pkey: z.number(),
  fecn: z.number(),
  becn: z.number(),
  resv6: z.number(),
  dqpn: z.number(),
  ackreq: z.number(),
  resv7: z.number(),
  psn: z.number(),
  icrc: z.number(),
  aeth: z.tuple([z.number(), z.number()]).optional(),
  cnp: z.tuple([z.number(), z.number()]).optional(),
  built: z.string().optional(),
});

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const askScapy = (packets: readonly Uint8Array[]): readonly z.infer<typeof Seen>[] => {
  const script = join(REPOSITORY, 'proofs-tests/wire/scapy-oracle.py');
  const input = packets.map((bytes) => `${hex(bytes)}\n`).join('');
  const output = execFileSync(python ?? 'python3', [script], { input, encoding: 'utf8', maxBuffer: 1 << 28 });
  return output
    .split('\n')
    .slice(0, -1)
    .map((line) => Seen.parse(JSON.parse(line)));
};

describe.skipIf(python === undefined)(`scapy (${where})`, () => {
  const samples = everyOpcode();

  test('WIRE-2, WIRE-3, WIRE-10, WIRE-12: scapy reads our BTH, ACK and CNP as we meant them', () => {
    const seen = askScapy(samples.map(({ bytes }) => bytes));
    expect(seen.length).toBe(samples.length);
    for (const [i, { packet }] of samples.entries()) {
      const isAck = packet.opcode === 'RC_ACKNOWLEDGE';
      expect(seen[i]).toMatchObject({
        opcode: opcodeInfo(packet.opcode).value,
        solicited: Number(packet.solicitedEvent),
        migreq: Number(packet.migReq),
        padcount: -packet.payload.length & 3,
        version: 0,
        pkey: packet.pkey,
        fecn: Number(packet.fecn),
        becn: Number(packet.becn),
        resv6: 0,
        dqpn: packet.destQp,
        ackreq: Number(packet.ackReq),
        resv7: 0,
        psn: packet.psn,
      });
      expect(seen[i]?.aeth).toEqual(isAck ? [packet.syndrome.value, packet.msn] : undefined);
      expect(seen[i]?.cnp?.length).toBe(packet.opcode === 'CNP' ? 2 : undefined);
    }
  });

  test('WIRE-40, WIRE-41, WIRE-42: scapy builds the same IPv4 packet, ICRC included', () => {
    const v4 = samples.filter(({ network }) => !network.path.source.includes(':'));
    expect(v4.length).toBeGreaterThan(samples.length / 2);
    const built = askScapy(v4.map(({ bytes }) => bytes)).map((one) => one.built);
    expect(built).toEqual(v4.map(({ bytes }) => hex(bytes)));
  });

  test('WIRE-40: scapy agrees with Linux as we do', () => {
    const packets = captureDatagrams('rc_send_clean').map(({ ip }) => ip);
    expect(packets.length).toBe(80);
    expect(askScapy(packets).map((one) => one.built)).toEqual(packets.map(hex));
  });
});
