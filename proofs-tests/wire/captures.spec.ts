// 10-wire against packets of Linux rdma_rxe: decode, encode again, change every bit.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decodePacket } from '../../impl/wire/decode.ts';
import { encodeNetwork } from '../../impl/wire/network.ts';
import { opcodeInfo } from '../../impl/wire/opcode.ts';
import { flipped, isCovered } from '../capture/covered.ts';
import { captureDatagrams, captureFixtures } from '../capture/fixtures.ts';
import { writePcap } from '../capture/pcap.ts';
import { isAccepted, verifyCapture, verifyCaptureBytes } from '../capture/verify.ts';
import { REPOSITORY } from '../source/tree.ts';
import { withIcrc } from './reference.ts';

const fixtures = captureFixtures();

/** Packet counts by capture, from the README beside them. */
const documented = new Map<string, number>(
  readFileSync(join(REPOSITORY, 'proofs-tests/fixtures/captures/README.md'), 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, name, count] = /^\| (\w+) \| (\d+) \|/.exec(line) ?? [];
      return name === undefined ? [] : [[name, Number(count)] as const];
    }),
);

test('WIRE-50: the captures are those of the README', () => {
  expect(fixtures.map(({ name }) => name)).toEqual([...documented.keys()].toSorted());
  expect(fixtures.length).toBeGreaterThanOrEqual(14);
});

describe.each(fixtures)('$name', ({ name, path }) => {
  test('WIRE-10, WIRE-40, WIRE-41, WIRE-42: every packet decodes, encodes to itself and is refused with a bit changed', () => {
    const { packets, icrcRight, decoded, reencoded, mutations, rejectedMutations, skipped, findings } =
      verifyCapture(path);
    expect(findings).toEqual([]);
    const count = documented.get(name);
    expect({ packets, icrcRight, decoded, reencoded, skipped }).toEqual({
      packets: count,
      icrcRight: count,
      decoded: count,
      reencoded: count,
      skipped: {},
    });
    expect(mutations).toBeGreaterThanOrEqual(packets);
    expect(rejectedMutations).toBe(mutations);
  });

  test('WIRE-41, WIRE-50: every bit of the shortest and a middling packet is noticed if covered, ignored if masked', () => {
    const all = [...captureDatagrams(name)].toSorted((a, b) => a.ip.length - b.ip.length);
    for (const datagram of [all[0], all[all.length >> 1]]) {
      if (datagram === undefined) throw new Error('no packets');
      const { ip } = datagram;
      const wrong: number[] = [];
      for (let bit = 0; bit < ip.length * 8; bit++)
        if (isAccepted(flipped(ip, bit)) === isCovered(ip, bit)) wrong.push(bit);
      expect(wrong).toEqual([]);
    }
  });
});

test('WIRE-10: the captures hold most opcodes of RC and UC and both of UD', () => {
  const seen = new Set(
    fixtures.flatMap(({ name }) =>
      captureDatagrams(name).map(({ payload, network }) => {
        const decoded = decodePacket(payload, network.path);
        return decoded.ok ? decoded.packet.opcode : decoded.reason;
      }),
    ),
  );
  expect(seen.size).toBeGreaterThanOrEqual(37);
  expect([...seen].filter((name) => name.startsWith('UD'))).toHaveLength(2);
});

test('WIRE-10: MADs of the connection manager are datagrams of QP 1 with the Q_Key of the GSI', () => {
  const mads = captureDatagrams('tool_rping').flatMap(({ payload, network }) => {
    const decoded = decodePacket(payload, network.path);
    return decoded.ok && opcodeInfo(decoded.packet.opcode).service === 'UD' ? [decoded.packet] : [];
  });
  expect(mads.length).toBeGreaterThanOrEqual(3);
  for (const { destQp, srcQp, qkey, payload } of mads)
    expect([destQp, srcQp, qkey, payload.length]).toEqual([1, 1, 0x80010000, 256]);
});

describe('the verdict finds', () => {
  const [{ path } = { path: '' }] = fixtures;
  const whole = readFileSync(path);

  test('WIRE-50: the same twice, for it leaves the bytes alone', () => {
    const bytes = Buffer.from(whole);
    expect(verifyCaptureBytes('once', bytes)).toEqual({ ...verifyCaptureBytes('twice', bytes), file: 'once' });
    expect(bytes.equals(whole)).toBe(true);
  });

  test('WIRE-50: a damaged packet', () => {
    const damaged = Uint8Array.from(whole);
    const at = damaged.length - 5;
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    const { packets, decoded, findings } = verifyCaptureBytes('damaged', damaged);
    expect(decoded).toBe(packets - 1);
    expect(findings).toEqual([
      { frame: packets, message: expect.stringMatching(/^BAD_ICRC: 0x[0-9a-f]+ instead of 0x/) },
    ]);
  });

  test('WIRE-3: reserved bits, which the encoder sends as zero', () => {
    const [first] = captureDatagrams('rc_access_error');
    if (first === undefined) throw new Error('no packets');
    const payload = Uint8Array.from(first.payload);
    payload[8] = (payload[8] ?? 0) | 1;
    const bytes = encodeNetwork(first.network, withIcrc(first.network.path, payload.subarray(0, -4)));
    const verdict = verifyCaptureBytes('reserved', writePcap([{ timestampNs: 0n, bytes }]));
    expect([verdict.decoded, verdict.reencoded]).toEqual([1, 0]);
    expect(verdict.findings).toEqual([{ frame: 1, message: 'encodes to other bytes' }]);
  });

  test('WIRE-50: a decoder that takes everything', () => {
    const { packets, rejectedMutations, mutations, findings } = verifyCaptureBytes('lax', whole, () => true);
    expect([rejectedMutations, findings.length]).toEqual([0, mutations]);
    expect(mutations).toBe(4 * packets);
    expect(findings[0]?.message).toMatch(/^accepted with bit \d of byte \d+ changed$/);
  });

  test('WIRE-50: a truncated file', () => {
    const { packets, findings } = verifyCaptureBytes('truncated', whole.subarray(0, -1));
    expect(findings).toEqual([{ frame: packets + 1, message: expect.stringMatching(/^byte \d+: frame 22 announces/) }]);
  });

  test('WIRE-50: a file that is none', () => {
    const { packets, findings } = verifyCaptureBytes('none', Buffer.from('not a capture'));
    expect([packets, findings]).toEqual([0, [{ frame: 1, message: 'byte 0: neither pcap nor pcapng' }]]);
  });
});
