// Chapter 30: retries and timers.
import { describe, expect, test } from 'vitest';
import { deregMr, postSend, unwrap } from '../../impl/index.ts';
import { rnrNak } from '../../impl/wire/syndrome.ts';
import { ackTimeoutNs, rnrTimerNs } from '../../impl/wire/timer-code.ts';
import { ACK_TIMEOUT, Lone } from './lone.ts';
import { acked, engine, MTU, naked, outstanding, read } from './rc-stage.ts';

test('RC-31: each timeout costs a retry; the one that finds none left fails the oldest WQE', () => {
  const lone = outstanding(2, { rts: { retryCnt: 3 } });
  const rounds = lone.pass(ACK_TIMEOUT * 3 + 10);
  expect(rounds.filter((each) => each === 'SEND_ONLY 100')).toHaveLength(3);
  expect(lone.done()).toEqual([]);
  expect(lone.pass(ACK_TIMEOUT)).toEqual([]);
  expect(lone.done()).toEqual(['1 RETRY_EXC_ERR', '2 WR_FLUSH_ERR']);
});

test('RC-31: a NAK that finds no retry left fails the oldest WQE', () => {
  const lone = outstanding(3, { rts: { retryCnt: 0 } });
  expect(naked(lone, 100)).toEqual([]);
  expect(lone.done()).toEqual(['1 RETRY_EXC_ERR', '2 WR_FLUSH_ERR', '3 WR_FLUSH_ERR']);
});

test('RC-32: retry_cnt 7 means seven retries', () => {
  const lone = outstanding(1, { rts: { retryCnt: 7 } });
  expect(lone.pass(1e12)).toHaveLength(7);
  expect(lone.done()).toEqual(['1 RETRY_EXC_ERR']);
});

test('RC-33: an RNR NAK acknowledges what is before its PSN; the rest is sent again when its time is over, not before', () => {
  const lone = outstanding(3);
  expect(lone.exchange('RC_ACKNOWLEDGE', 101, { syndrome: rnrNak(14) })).toEqual([]);
  expect(lone.done()).toEqual(['1 SUCCESS']);
  expect(lone.pass(rnrTimerNs(14) - 1)).toEqual([]);
  expect(lone.pass(1)).toEqual(['SEND_ONLY 101', 'SEND_ONLY 102']);
});

const rnr = (lone: Lone): void => {
  lone.get('RC_ACKNOWLEDGE', 100, { syndrome: rnrNak(1) });
  lone.pass(rnrTimerNs(1));
};

test('RC-34: each RNR NAK that starts a wait costs one of rnr_retry; the one that finds none left fails the oldest WQE', () => {
  const lone = outstanding(1, { rts: { rnrRetry: 2 } });
  rnr(lone);
  lone.get('RC_ACKNOWLEDGE', 100, { syndrome: rnrNak(1) });
  // While it waits a second copy costs nothing.
  rnr(lone);
  expect(lone.done()).toEqual([]);
  rnr(lone);
  expect(lone.done()).toEqual(['1 RNR_RETRY_EXC_ERR']);
});

test('RC-4: what is acknowledged while it waits to be sent again is not sent again', () => {
  const lone = outstanding(3);
  lone.get('RC_ACKNOWLEDGE', 100, { syndrome: rnrNak(1) });
  expect(acked(lone, 101)).toEqual(['SEND_ONLY 102']);
  expect(lone.done()).toEqual(['1 SUCCESS', '2 SUCCESS']);
});

test('RC-34: an RNR NAK whose acknowledgement makes a local error due completes nothing twice', () => {
  const lone = new Lone({ rts: { rnrRetry: 0 } });
  unwrap(postSend(lone.qp, { wrId: 1, opcode: 'SEND', signaled: true }));
  unwrap(postSend(lone.qp, { wrId: 2, opcode: 'SEND', sgList: [lone.piece(0, 600)] }));
  lone.nic.tick(0, 2);
  unwrap(deregMr(lone.mr));
  lone.nic.tick(0);
  lone.sent();
  lone.get('RC_ACKNOWLEDGE', 101, { syndrome: rnrNak(1) });
  expect(lone.done()).toEqual(['1 SUCCESS', '2 LOC_PROT_ERR']);
  expect(lone.pass(1e9)).toEqual([]);
});

test('RC-34: rnr_retry 7 never ends', () => {
  const lone = outstanding(1, { rts: { rnrRetry: 7 } });
  for (let i = 0; i < 100; i++) rnr(lone);
  expect(lone.done()).toEqual([]);
});

test('RC-35: an acknowledgement reloads both counters', () => {
  const lone = outstanding(3, { rts: { retryCnt: 2, rnrRetry: 2 } });
  lone.pass(ACK_TIMEOUT * 2);
  rnr(lone);
  expect(engine(lone).completer).toMatchObject({ retryCnt: 0, rnrRetry: 1 });
  acked(lone, 100);
  expect(engine(lone).completer).toMatchObject({ retryCnt: 2, rnrRetry: 2 });
});

test('RC-39: of the implied NAKs behind one lost response the first starts a retransmission, at the cost of one retry', () => {
  const lone = new Lone({ rts: { retryCnt: 2 } });
  read(lone, 1, 256 * 6);
  lone.get('RC_READ_RESPONSE_FIRST', 100, { payload: MTU });
  const said = [102, 103, 104].flatMap((psn) => lone.exchange('RC_READ_RESPONSE_MIDDLE', psn, { payload: MTU }));
  expect(said).toEqual(['READ_REQUEST 101']);
  expect(engine(lone).completer.retryCnt).toBe(1);
});

test('RC-39: after an advance, and after a timeout, a NAK counts again', () => {
  const lone = outstanding(4);
  expect(naked(lone, 100)).toHaveLength(4);
  expect(naked(lone, 100)).toEqual([]);
  expect(naked(lone, 102)).toHaveLength(2);
  lone.pass(ACK_TIMEOUT);
  expect(naked(lone, 102)).toHaveLength(2);
});

describe('RC-40, RC-41, RC-42: the ACK timer', () => {
  test('RC-40: it runs while a request is unanswered and at no other time', () => {
    const lone = new Lone();
    expect(engine(lone).completer.ackDeadline).toBe(Number.POSITIVE_INFINITY);
    lone.send({ wrId: 1, opcode: 'SEND' });
    expect(engine(lone).completer.ackDeadline).toBe(ACK_TIMEOUT);
    acked(lone, 100);
    expect(engine(lone).completer.ackDeadline).toBe(Number.POSITIVE_INFINITY);
  });
  test('RC-40: it starts afresh when una advances and when a retransmission starts', () => {
    const lone = outstanding(3);
    lone.now = 1000;
    acked(lone, 100);
    expect(engine(lone).completer.ackDeadline).toBe(1000 + ACK_TIMEOUT);
    lone.now = 2000;
    naked(lone, 101);
    expect(engine(lone).completer.ackDeadline).toBe(2000 + ACK_TIMEOUT);
    lone.now = 3000;
    acked(lone, 100);
    expect(engine(lone).completer.ackDeadline).toBe(2000 + ACK_TIMEOUT);
  });
  test.each([1, 8, 14, 31])('RC-41: code %d lasts what the wire chapter says', (timeout) => {
    const lone = outstanding(1, { rts: { timeout } });
    expect(engine(lone).completer.ackDeadline).toBe(ackTimeoutNs(timeout));
  });
  test('RC-41: code 0 never fires', () => {
    const lone = outstanding(1, { rts: { timeout: 0 } });
    expect(lone.pass(1e15)).toEqual([]);
    expect(lone.done()).toEqual([]);
  });
  test('RC-42: it does not run while the requester waits for a receiver, and nothing is sent', () => {
    const lone = outstanding(1);
    lone.get('RC_ACKNOWLEDGE', 100, { syndrome: rnrNak(0) });
    expect(engine(lone).completer.ackDeadline).toBe(Number.POSITIVE_INFINITY);
    expect(lone.send({ wrId: 2, opcode: 'SEND' })).toEqual([]);
    expect(lone.pass(rnrTimerNs(0) - 1)).toEqual([]);
  });
});

test.each(Array.from({ length: 32 }, (_, code) => code))(
  'RC-43: RNR timer code %d lasts what the wire chapter says',
  (code) => {
    const lone = outstanding(1);
    lone.get('RC_ACKNOWLEDGE', 100, { syndrome: rnrNak(code) });
    expect(engine(lone).completer.rnrDeadline).toBe(rnrTimerNs(code));
  },
);

test('RC-31: an idle requester has nothing to time out', () => {
  const lone = outstanding(1);
  acked(lone, 100);
  lone.done();
  expect(lone.pass(1e12)).toEqual([]);
  expect(lone.state).toBe('RTS');
});
