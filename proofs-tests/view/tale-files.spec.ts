import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { tsharkFields, tsharkVersion } from '../capture/tshark.ts';
import { check } from '../checker/check.ts';
import { scenarioNamed } from '../scenario/load.ts';
import { taleOf } from './counterexample.ts';
import { writeTale } from './tale-files.ts';

const version = tsharkVersion();
const folder = mkdtempSync(join(tmpdir(), 'godwit-tale-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(version === undefined)(
  `Wireshark opens the packets of a counterexample (${version ?? 'no tshark'})`,
  () => {
    test.each([
      ['the-first-packet-meets-no-one', 'SAFE-7'],
      ['both-ends-migrate-at-once', 'REC-1'],
    ] as const)(
      '%s, %s: every request that the sequence shows is there, and nothing is malformed',
      (name, property) => {
        const scenario = scenarioNamed(name);
        const found = check({ name: 'tardis' }, scenario).properties.find(({ id }) => id === property);
        if (!found?.counterexample) throw new Error(`${property} holds`);
        const tale = taleOf(scenario, { name: 'tardis' }, property, found.counterexample);
        const file = writeTale(folder, tale).find((each) => each.endsWith('.pcapng')) ?? '';
        const frames = tsharkFields(join(folder, file), ['_ws.malformed', 'infiniband.bth.opcode', 'udp.dstport']);
        const sent = tale.run.flatMap(({ before, after }) =>
          after.network.packets.filter((packet) => !before.network.packets.includes(packet)),
        );
        expect(sent.length).toBeGreaterThan(0);
        const opcodes = { 'rx.request': '4', 'rx.resume': '25', 'rx.ack': '17', 'rx.nakStopped': '17' } as const;
        expect(frames.map((frame) => frame['infiniband.bth.opcode'])).toEqual(
          sent.map(({ packet: { type } }) => opcodes[type as keyof typeof opcodes]),
        );
        expect(new Set(frames.map((frame) => [frame['_ws.malformed'], frame['udp.dstport']].join()))).toEqual(
          new Set([',4791']),
        );
      },
    );
  },
);
