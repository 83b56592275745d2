// Chapter 30: requests that the network doubles while long answers are on their way.
import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { rkey } from '../../impl/wire/numbers.ts';
import { Lone } from './lone.ts';
import { completions, type Pair, piece, rcPair, recv, send, settle, statuses } from './pair.ts';
import { ASK, responder, to } from './rc-stage.ts';

const numbers = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);
/** PSNs of what is sent, once everything that waits has gone. */
const psnsSent = (lone: Lone): number[] => {
  lone.nic.tick(0);
  return lone.sent().map(({ psn }) => psn);
};

test('RC-78: a SEND that the network has doubled cancels no READ response', () => {
  const lone = new Lone();
  lone.recv(1);
  lone.get('RC_SEND_ONLY', 100, ASK);
  lone.get('RC_READ_REQUEST', 101, to(lone, 0, 256 * 100));
  lone.get('RC_SEND_ONLY', 100, ASK);
  lone.nic.tick(0);
  const reads = lone.sent().filter(({ opcode }) => opcode.startsWith('RC_READ_RESPONSE'));
  expect(reads.map(({ psn }) => psn)).toEqual(Array.from({ length: 100 }, (_, i) => 101 + i));
});

test('RC-70, RC-78: a READ that the network has doubled cancels no later answer, and is answered in its place', () => {
  const lone = new Lone();
  const atomic = { va: BigInt(lone.mr.addr), rkey: rkey(lone.mr.rkey) };
  lone.get('RC_READ_REQUEST', 100, to(lone, 0, 256 * 200));
  lone.get('RC_READ_REQUEST', 300, to(lone, 0, 256 * 10));
  lone.get('RC_FETCH_ADD', 310, atomic);
  lone.sent();
  lone.get('RC_READ_REQUEST', 100, to(lone, 0, 256 * 200));
  lone.get('RC_FETCH_ADD', 310, atomic);
  expect(psnsSent(lone)).toEqual([...numbers(100, 200), ...numbers(300, 10), 310]);
});

test('RC-79: an old READ that the network has doubled does not count against the peer’s limit', () => {
  const lone = new Lone({ rtr: { maxDestRdAtomic: 1 } });
  lone.get('RC_READ_REQUEST', 100, to(lone, 0, 256 * 200));
  expect(psnsSent(lone)).toEqual(numbers(100, 200));
  lone.get('RC_READ_REQUEST', 100, to(lone, 0, 256 * 200));
  lone.sent();
  lone.get('RC_READ_REQUEST', 300, to(lone, 0, 256 * 10));
  expect(psnsSent(lone)).toEqual(numbers(300, 10));
  expect(lone.state).toBe('RTS');
});

test('RC-79: a peer that doubles everything cannot make answers pile up', () => {
  const lone = new Lone({ rtr: { maxDestRdAtomic: 2 } });
  const long = to(lone, 0, 256 * 200);
  for (let i = 0; i < 50 && lone.state === 'RTS'; i++) {
    lone.get('RC_READ_REQUEST', 100 + 200 * i, long);
    for (const back of [0, 200]) lone.get('RC_READ_REQUEST', 100 + 200 * i - (i > 0 ? back : 0), long);
    expect(responder(lone).outbox.answers.length).toBeLessThanOrEqual(4);
  }
  expect(responder(lone).expectedPsn).toBeGreaterThan(100 + 200 * 40);
});

test('RC-52: a sequence NAK that still waits when the gap is closed is not sent', () => {
  const lone = new Lone();
  lone.recv(1);
  lone.get('RC_READ_REQUEST', 100, to(lone, 0, 256 * 200));
  lone.get('RC_SEND_ONLY', 301, ASK);
  lone.get('RC_SEND_ONLY', 300, ASK);
  lone.nic.tick(0);
  expect(lone.said().slice(-2)).toEqual(['READ_RESPONSE_LAST 299', 'ACK 300']);
});

type Work = { readonly kind: 'SEND' | 'READ' | 'ADD'; readonly length: number };
const anyWork: fc.Arbitrary<Work> = fc.record({ kind: fc.constantFrom('SEND', 'READ', 'ADD'), length: fc.nat(60_000) });
const anyDoubling = fc.record({
  nic: fc.constant(0),
  packet: fc.nat(40),
  kind: fc.constant('duplicate' as const),
  after: fc.nat(300_000),
});

const post = ({ a, b }: Pair, { kind, length }: Work, wrId: number): void => {
  const remote = { remoteAddr: b.mr.addr, rkey: b.mr.rkey };
  if (kind === 'READ') send(a, { wrId, opcode: 'RDMA_READ', sgList: [piece(a, 0, length)], ...remote });
  else if (kind === 'ADD')
    send(a, { wrId, opcode: 'ATOMIC_FETCH_AND_ADD', compareAdd: 0n, sgList: [piece(a, 65_528, 8)], ...remote });
  else {
    recv(b, wrId, 0, 3000);
    send(a, { wrId, opcode: 'SEND', sgList: [piece(a, 0, length % 3000)] });
  }
};

test.prop(
  [
    fc.array(anyDoubling, { maxLength: 25 }),
    fc.array(anyWork, { minLength: 2, maxLength: 8 }),
    fc.constantFrom(1, 2, 4),
  ],
  { numRuns: 300 },
)('RC-78, RC-79: requests doubled by the network cost no retry, and none is needed', (faults, works, rdAtomic) => {
  const limits = { rtr: { maxDestRdAtomic: rdAtomic }, rts: { maxRdAtomic: rdAtomic, retryCnt: 0 } };
  const pair = rcPair({ mtu: 256, faults, ...limits });
  works.forEach((work, wrId) => {
    post(pair, work, wrId);
  });
  settle(pair);
  expect(statuses(completions(pair.a).sent)).toEqual(works.map((_, wrId) => `${wrId} SUCCESS`));
  const { retransmissions, ackTimeouts, impliedNaks } = pair.world.nic(0).counters.tallies;
  expect([retransmissions, ackTimeouts, impliedNaks]).toEqual([0, 0, 0]);
});
