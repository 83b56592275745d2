/** Who checks the checker: an abstraction that is wrong in one field, and an input that the world hides, are noticed. */
import { expect, test } from 'vitest';
import { judge } from '../campaigns/judge.ts';
import type { Run } from '../campaigns/run.ts';
import { alpha, type Seen } from './alpha.ts';
import { EDGES } from './coverage.ts';

/** One message of three packets each way, the second packet of A lost, A moved while B sends. */
const RUN: Run = {
  version: 1,
  kind: 'run',
  mtu: 256,
  window: 4,
  timeout: 8,
  retryCnt: 7,
  rnrRetry: 7,
  rnrTimer: 5,
  depth: 4,
  receives: { early: 0, at: 3_000 },
  sends: {
    A: { firstPsn: 0xfffffe, messages: [[{ bytes: 700, imm: 7 }, { bytes: 1 }, { bytes: 2 }]] },
    B: { firstPsn: 5, messages: [[{ bytes: 700 }, { bytes: 0 }]] },
  },
  moves: [{ side: 'A', afterEvents: 6, blackout: 2_000_000, oldCopyGoes: 'at resume' }],
  faults: [
    { nic: 0, packet: 1, kind: 'drop' },
    { nic: 1, packet: 8, kind: 'drop' },
  ],
};

const falsified = (wrong: (seen: Seen) => Seen) =>
  judge(RUN, { refine: true, abstraction: (...args) => wrong(alpha(...args)) }).violations.map(
    ({ property }) => property,
  );

test('REFINES: a run with loss, RNR and a move is one of the model', () => {
  const { violations, compared, coverage } = judge(RUN, { refine: true });
  expect(violations).toEqual([]);
  expect(compared).toBeGreaterThan(40);
  expect(coverage.states).toEqual(new Set(['RESET', 'INIT', 'RTR', 'RTS', 'PAUSED', 'STOPPED']));
});

test.each(['una', 'nxt', 'sent', 'retries', 'rnrWait', 'expected', 'nakSent', 'receives', 'peerHost'] as const)(
  'REFINES: an abstraction that is off by one in %s is noticed',
  (field) => {
    expect(
      falsified((seen) => ({ ...seen, context: { ...seen.context, [field]: seen.context[field] + 1 } })),
    ).toContain('REFINES');
  },
);

test.each([
  ['never PAUSED', (seen: Seen): Seen => ({ ...seen, value: { ...seen.value, peer: 'REACHABLE' } })],
  ['never STOPPED', (seen: Seen): Seen => ({ ...seen, value: { ...seen.value, self: 'RUNNING' } })],
  ['never in a message', (seen: Seen): Seen => ({ ...seen, context: { ...seen.context, inProgress: '' } })],
  ['without an ACK timer', (seen: Seen): Seen => ({ ...seen, ackTimer: false })],
  ['with work not completed', (seen: Seen): Seen => ({ ...seen, completed: 0 })],
  ['with no NAK handled', (seen: Seen): Seen => ({ ...seen, nakHandled: false })],
  [
    'that executed nothing',
    (seen: Seen): Seen => ({
      ...seen,
      context: { ...seen.context, ghost: { executed: 0, broke: '' } },
    }),
  ],
])('REFINES: an abstraction that sees a QP %s is noticed', (_, wrong) => {
  expect(falsified(wrong)).toContain('REFINES');
});

test('edges of the model are counted once each', () => {
  expect(new Set(EDGES).size).toBe(EDGES.length);
  expect(EDGES.length).toBeGreaterThan(60);
});
