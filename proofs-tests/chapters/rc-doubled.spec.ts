// Chapter 30: requests that the network doubles while long answers are on their way.
import { expect, test } from 'vitest';
import { rkey } from '../../impl/wire/numbers.ts';
import { Lone } from './lone.ts';
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
