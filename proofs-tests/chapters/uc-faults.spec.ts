// Chapter 32: messages over a network that loses, doubles and delays.
import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { modifyQp, unwrap } from '../../impl/index.ts';
import type { Fault } from '../../impl/sim/faults.ts';
import {
  ADDRESSES,
  completions,
  INIT_ATTR,
  type Pair,
  pattern,
  piece,
  recv,
  send,
  settle,
  unconnectedPair,
} from './pair.ts';

const MESSAGES = 12;
const SLOT = 4096;

const anyLengths = fc.array(fc.oneof(fc.constantFrom(0, 1, 256, 257, 512), fc.nat(2000)), {
  minLength: MESSAGES,
  maxLength: MESSAGES,
});
const packet = { nic: fc.constant(0), packet: fc.nat(60) };
const anyFaults: fc.Arbitrary<readonly Fault[]> = fc.array(
  fc.oneof(
    fc.record({ ...packet, kind: fc.constant('drop' as const) }),
    fc.record({ ...packet, kind: fc.constant('duplicate' as const), after: fc.nat(20_000) }),
    fc.record({ ...packet, kind: fc.constant('delay' as const), by: fc.nat(20_000) }),
  ),
  { maxLength: 20 },
);
const FIRST = 0xfffffa;

const uc = (faults: readonly Fault[]): Pair => {
  const pair = unconnectedPair({ qpType: 'UC', faults });
  const { a, b } = pair;
  for (const [end, peer] of [
    [a, b],
    [b, a],
  ] as const) {
    const to = { ahAttr: { dgid: ADDRESSES[peer.index === 0 ? 0 : 1] }, destQpNum: peer.qp.qpNum };
    unwrap(modifyQp(end.qp, { ...INIT_ATTR, qpAccessFlags: 0 }));
    unwrap(modifyQp(end.qp, { qpState: 'RTR', ...to, pathMtu: 256, rqPsn: FIRST }));
    unwrap(modifyQp(end.qp, { qpState: 'RTS', sqPsn: FIRST }));
  }
  return pair;
};

test.prop([anyLengths, anyFaults])(
  'UC-10, UC-11, UC-12: what is received is a message that was sent, whole, and no receive is lost',
  (lengths, faults) => {
    const pair = uc(faults);
    const { a, b } = pair;
    a.bytes.set(pattern(SLOT * MESSAGES));
    const receives = 3 * MESSAGES;
    for (let i = 0; i < receives; i++) recv(b, i, 0, SLOT);
    lengths.forEach((length, imm) => {
      send(a, { wrId: imm, opcode: 'SEND_WITH_IMM', imm, sgList: [piece(a, SLOT * imm, length)] });
    });
    const got: { readonly imm: number | undefined; readonly bytes: Uint8Array }[] = [];
    let polled = 0;
    pair.world.run(() => {
      for (const { imm, byteLen, status, wrId } of completions(b).received) {
        expect([status, wrId]).toEqual(['SUCCESS', polled++]);
        got.push({ imm, bytes: b.bytes.slice(0, byteLen) });
      }
      return false;
    });
    settle(pair);
    expect(completions(a).sent.map(({ status }) => status)).toEqual(lengths.map(() => 'SUCCESS'));
    for (const { imm = -1, bytes } of got) {
      expect(bytes).toEqual(a.bytes.subarray(SLOT * imm, SLOT * imm + (lengths[imm] ?? -1)));
    }
    if (faults.length === 0) expect(got).toHaveLength(MESSAGES);
    const { held, rq } = b.qp.engine;
    expect(got.length + rq.count + (held === undefined ? 0 : 1)).toBe(receives);
  },
);

test.prop([anyLengths, fc.uniqueArray(fc.nat(50), { maxLength: 12 })])(
  'UC-10, UC-11: over a network that only loses, every message of which no packet is lost is received',
  (lengths, lost) => {
    const pair = uc(lost.map((ordinal) => ({ nic: 0, packet: ordinal, kind: 'drop' })));
    const { a, b } = pair;
    for (let i = 0; i < MESSAGES; i++) recv(b, i, 0, SLOT);
    let sent = 0;
    const whole: number[] = [];
    lengths.forEach((length, imm) => {
      const packets = Math.max(1, Math.ceil(length / 256));
      if (!lost.some((ordinal) => ordinal >= sent && ordinal < sent + packets)) whole.push(imm);
      sent += packets;
      send(a, { wrId: imm, opcode: 'SEND_WITH_IMM', imm, sgList: [piece(a, 0, length)] });
    });
    settle(pair);
    expect(completions(b).received.map(({ imm }) => imm)).toEqual(whole);
  },
);
