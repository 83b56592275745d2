// Chapter 20: what a state allows, and what leads to ERR, SQE and SQD.
import { describe, expect, test } from 'vitest';
import { modifyQp, postRecv, postSend, queryQp, unwrap } from '../../impl/index.ts';
import { ABILITIES, QP_STATES, QP_TYPES, type QpState } from '../../impl/qp/state.ts';
import { ack } from '../../impl/wire/syndrome.ts';
import { ACK_TIMEOUT, Lone, PEER } from './lone.ts';

const at = (state: QpState): Lone => {
  const lone = new Lone();
  lone.qp.engine.state = state;
  return lone;
};

test.each(QP_STATES)('QP-30, QP-31: posting in %s is taken or refused by the table, with nothing queued', (state) => {
  const lone = at(state);
  const { sq, rq } = lone.qp.engine;
  const { postSend: sends, postRecv: receives, flushSend, flushRecv } = ABILITIES[state];
  const sent = postSend(lone.qp, { wrId: 1, opcode: 'SEND' });
  const received = postRecv(lone.qp, { wrId: 2 });
  expect([sent.ok, received.ok]).toEqual([sends, receives]);
  for (const result of [sent, received]) if (!result.ok) expect(result.error.errno).toBe('EINVAL');
  expect([sq.head - sq.tail, rq.count]).toEqual([sends && !flushSend ? 1 : 0, receives && !flushRecv ? 1 : 0]);
});

test.each(['RESET', 'INIT', 'ERR'] as const)(
  'QP-32: a request that arrives in %s is dropped without an answer',
  (state) => {
    const lone = at(state);
    expect(lone.exchange('RC_SEND_ONLY', 100)).toEqual([]);
    expect(lone.nic.counters.drops.QP_STATE).toBe(1);
  },
);

test.each(['INIT', 'RTR', 'SQE', 'ERR'] as const)('QP-33: a response that arrives in %s is dropped', (state) => {
  const lone = new Lone();
  lone.send({ wrId: 1, opcode: 'SEND' });
  lone.qp.engine.state = state;
  lone.get('RC_ACKNOWLEDGE', 100, { syndrome: ack() });
  expect(lone.done()).toEqual([]);
  expect(lone.nic.counters.drops.QP_STATE).toBe(1);
});

test.each(['INIT', 'RTR', 'SQE'] as const)('QP-34: no request is sent in %s', (state) => {
  const lone = new Lone();
  unwrap(postSend(lone.qp, { wrId: 1, opcode: 'SEND' }));
  lone.qp.engine.state = state;
  lone.nic.tick(0);
  expect(lone.said()).toEqual([]);
});

const SEND_SIX = (lone: Lone): void => {
  unwrap(postSend(lone.qp, { wrId: 1, opcode: 'SEND', signaled: true, sgList: [lone.piece(0, 256 * 6)] }));
};

test('QP-35, QP-36: in SQD what is begun goes on to its end, what is not waits, and SQ_DRAINED comes once', () => {
  const lone = new Lone();
  SEND_SIX(lone);
  lone.nic.tick(0, 2);
  expect(lone.said()).toEqual(['SEND_FIRST 100', 'SEND_MIDDLE 101']);
  unwrap(postSend(lone.qp, { wrId: 2, opcode: 'SEND', signaled: true }));
  unwrap(modifyQp(lone.qp, { qpState: 'SQD', enSqdAsyncNotify: true }));
  expect(unwrap(queryQp(lone.qp)).sqDraining).toBe(true);
  lone.nic.tick(0);
  expect(lone.said()).toEqual(['SEND_MIDDLE 102', 'SEND_MIDDLE 103', 'SEND_MIDDLE 104', 'SEND_LAST 105']);
  expect(lone.events()).toEqual([]);
  lone.get('RC_ACKNOWLEDGE', 105, { syndrome: ack() });
  expect(lone.done()).toEqual(['1 SUCCESS']);
  expect(lone.events()).toEqual(['SQ_DRAINED']);
  expect(unwrap(queryQp(lone.qp)).sqDraining).toBe(false);
  expect(lone.pass(1e9)).toEqual([]);
  expect(lone.events()).toEqual([]);
  unwrap(modifyQp(lone.qp, { qpState: 'RTS' }));
  lone.nic.tick(0);
  expect(lone.said()).toEqual(['SEND_ONLY 106']);
});

test('QP-35: a WQE for which the window had no room has not begun', () => {
  const lone = new Lone({ nic: { window: 1 } });
  lone.send({ wrId: 1, opcode: 'SEND' });
  lone.send({ wrId: 2, opcode: 'SEND' });
  expect(unwrap(queryQp(lone.qp)).sqPsn).toBe(101);
  unwrap(modifyQp(lone.qp, { qpState: 'SQD', enSqdAsyncNotify: true }));
  lone.get('RC_ACKNOWLEDGE', 100, { syndrome: ack() });
  lone.nic.tick(0);
  expect(lone.said()).toEqual([]);
  expect(lone.done()).toEqual(['1 SUCCESS']);
  expect(lone.events()).toEqual(['SQ_DRAINED']);
  unwrap(modifyQp(lone.qp, { qpState: 'RTS' }));
  lone.nic.tick(0);
  expect(lone.said()).toEqual(['SEND_ONLY 101']);
});

test('QP-12: a retry budget given in SQD holds from then on', () => {
  const lone = new Lone();
  unwrap(modifyQp(lone.qp, { qpState: 'SQD' }));
  unwrap(modifyQp(lone.qp, { qpState: 'SQD', retryCnt: 0 }));
  unwrap(modifyQp(lone.qp, { qpState: 'RTS' }));
  lone.send({ wrId: 1, opcode: 'SEND' });
  lone.pass(ACK_TIMEOUT);
  expect(lone.done()).toEqual(['1 RETRY_EXC_ERR']);
});

test('QP-36: a queue with nothing begun has drained at once, and is silent unless asked', () => {
  const asked = new Lone();
  unwrap(modifyQp(asked.qp, { qpState: 'SQD', enSqdAsyncNotify: true }));
  expect(asked.events()).toEqual(['SQ_DRAINED']);
  const silent = new Lone();
  unwrap(modifyQp(silent.qp, { qpState: 'SQD' }));
  expect(silent.events()).toEqual([]);
  unwrap(modifyQp(asked.qp, { qpState: 'RTS' }));
  unwrap(modifyQp(asked.qp, { qpState: 'SQD' }));
  expect(asked.events()).toEqual([]);
});

test('QP-37: a queue that is draining can be left to ERR and RESET only', () => {
  const draining = (): Lone => {
    const lone = new Lone();
    lone.send({ wrId: 1, opcode: 'SEND' });
    unwrap(modifyQp(lone.qp, { qpState: 'SQD' }));
    return lone;
  };
  for (const qpState of ['RTS', 'SQD'] as const) {
    expect(modifyQp(draining().qp, { qpState })).toMatchObject({ ok: false, error: { errno: 'EINVAL' } });
  }
  for (const qpState of ['ERR', 'RESET'] as const) expect(modifyQp(draining().qp, { qpState }).ok).toBe(true);
});

test('QP-9, QP-38: a failed send carries its cause, everything behind it is flushed in post order, and the QP is in ERR', () => {
  const lone = new Lone({ rts: { retryCnt: 0 } });
  lone.recv(10);
  lone.recv(11);
  for (const wrId of [1, 2, 3]) lone.send({ wrId, opcode: 'SEND', signaled: false });
  lone.pass(1e9);
  expect(lone.done()).toEqual([
    '1 RETRY_EXC_ERR',
    '2 WR_FLUSH_ERR',
    '3 WR_FLUSH_ERR',
    '10 WR_FLUSH_ERR',
    '11 WR_FLUSH_ERR',
  ]);
  expect(lone.state).toBe('ERR');
});

test('QP-38: a receive whose message is arriving is flushed before those that wait', () => {
  const lone = new Lone();
  lone.recv(1);
  lone.recv(2);
  lone.get('RC_SEND_FIRST', 100, { payload: new Uint8Array(256) });
  unwrap(modifyQp(lone.qp, { qpState: 'ERR' }));
  expect(lone.done()).toEqual(['1 WR_FLUSH_ERR', '2 WR_FLUSH_ERR']);
});

test.each(QP_TYPES)('QP-39: what is posted to a %s QP in ERR is flushed', (qpType) => {
  const lone = new Lone({ qpType, state: 'RESET' });
  lone.qp.engine.state = 'ERR';
  const ah = { attr: { dgid: PEER, flowLabel: 0 }, pd: lone.pd, gone: false };
  const destination = { ah, remoteQpn: 1, remoteQkey: 1 };
  const ud = qpType === 'UD' ? { ud: destination } : {};
  unwrap(postSend(lone.qp, { wrId: 1, opcode: 'SEND', ...ud }));
  unwrap(postRecv(lone.qp, { wrId: 2 }));
  expect(lone.done()).toEqual(['1 WR_FLUSH_ERR', '2 WR_FLUSH_ERR']);
});

test('QP-42: RESET empties the queues without a word and begins anew', () => {
  const lone = new Lone();
  lone.recv(1);
  lone.get('RC_SEND_FIRST', 100, { payload: new Uint8Array(256) });
  lone.send({ wrId: 2, opcode: 'SEND' });
  unwrap(modifyQp(lone.qp, { qpState: 'RESET' }));
  expect(lone.done()).toEqual([]);
  const { sq, rq, held } = lone.qp.engine;
  expect([sq.head, sq.tail, rq.count, held]).toEqual([0, 0, 0, undefined]);
  expect(lone.pass(1e9)).toEqual([]);
  expect(unwrap(queryQp(lone.qp))).toMatchObject({ qpState: 'RESET', rqPsn: 0, sqPsn: 0, timeout: 0 });
});

test('QP-11: a fatal error of the responder moves the QP to ERR', () => {
  const lone = new Lone();
  expect(lone.exchange('RC_SEND_MIDDLE', 100, { payload: new Uint8Array(256) })).toEqual(['INVALID_REQUEST 100']);
  expect(lone.state).toBe('ERR');
});

describe('QP-10, QP-43, QP-44: a failed send of UC', () => {
  const failed = (): Lone => {
    const lone = new Lone({ qpType: 'UC' });
    unwrap(postSend(lone.qp, { wrId: 1, opcode: 'SEND', sgList: [{ addr: 0, length: 8, lkey: 0xbad }] }));
    unwrap(postSend(lone.qp, { wrId: 2, opcode: 'SEND' }));
    lone.nic.tick(0);
    return lone;
  };
  test('QP-10: it moves the QP to SQE', () => {
    expect(failed().state).toBe('SQE');
  });
  test('QP-43: what is behind it is flushed', () => {
    const lone = failed();
    expect(lone.done()).toEqual(['1 LOC_PROT_ERR', '2 WR_FLUSH_ERR']);
    expect(lone.said()).toEqual([]);
  });
  test('QP-44: what is posted in SQE waits, and goes after SQE', () => {
    const lone = failed();
    lone.done();
    unwrap(postSend(lone.qp, { wrId: 3, opcode: 'SEND', signaled: true }));
    lone.nic.tick(0);
    expect([lone.said(), lone.done()]).toEqual([[], []]);
    unwrap(modifyQp(lone.qp, { qpState: 'RTS' }));
    lone.nic.tick(0);
    expect([lone.said(), lone.done()]).toEqual([['UC_SEND_ONLY 100'], ['3 SUCCESS']]);
  });
});

test('QP-45: the first request accepted in RTR raises COMM_EST, once', () => {
  const lone = new Lone({ state: 'RTR' });
  lone.recv(1);
  lone.recv(2);
  lone.get('RC_SEND_ONLY', 105);
  expect(lone.events()).toEqual([]);
  lone.get('RC_SEND_ONLY', 100);
  lone.get('RC_SEND_ONLY', 101);
  expect(lone.events()).toEqual(['COMM_EST']);
});
