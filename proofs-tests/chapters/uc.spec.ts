// Chapter 32.
import { expect, test } from 'vitest';
import { modifyQp, postSend, postSrqRecv, unwrap } from '../../impl/index.ts';
import { rkey } from '../../impl/wire/numbers.ts';
import { Lone } from './lone.ts';
import { pattern } from './pair.ts';

const MTU = new Uint8Array(256);
const uc = (config: ConstructorParameters<typeof Lone>[0] = {}): Lone => new Lone({ qpType: 'UC', ...config });
const REMOTE = { remoteAddr: 0x2000, rkey: 0x99 };

test('UC-1: SEND and WRITE are sent, READ, atomics and SEND with invalidate refused', () => {
  const lone = uc();
  expect(lone.send({ wrId: 1, opcode: 'SEND' })).toEqual(['UC_SEND_ONLY 100']);
  expect(lone.send({ wrId: 2, opcode: 'SEND_WITH_IMM', imm: 1 })).toEqual(['UC_SEND_ONLY_WITH_IMM 101']);
  expect(lone.send({ wrId: 3, opcode: 'RDMA_WRITE', ...REMOTE })).toEqual(['UC_WRITE_ONLY 102']);
  expect(lone.send({ wrId: 4, opcode: 'RDMA_WRITE_WITH_IMM', imm: 1, ...REMOTE })).toEqual([
    'UC_WRITE_ONLY_WITH_IMM 103',
  ]);
  const sgList = [lone.piece(0, 8)];
  for (const wr of [
    { wrId: 5, opcode: 'RDMA_READ', sgList, ...REMOTE },
    { wrId: 6, opcode: 'ATOMIC_FETCH_AND_ADD', compareAdd: 1n, sgList, ...REMOTE },
    { wrId: 7, opcode: 'SEND_WITH_INV', invalidateRkey: 1 },
  ] as const) {
    expect(postSend(lone.qp, wr)).toMatchObject({ ok: false, error: { errno: 'EINVAL' } });
  }
});

test('UC-2, UC-3: a message is cut into packets without AckReq and complete when the last has been sent', () => {
  const lone = uc();
  lone.bytes.set(pattern(600));
  unwrap(postSend(lone.qp, { wrId: 1, opcode: 'SEND', signaled: true, sgList: [lone.piece(0, 600)] }));
  lone.nic.tick(0, 2);
  expect(lone.done()).toEqual([]);
  lone.nic.tick(0);
  expect(lone.done()).toEqual(['1 SUCCESS']);
  const packets = lone.sent();
  expect(packets.map(({ opcode, ackReq }) => [opcode, ackReq])).toEqual([
    ['UC_SEND_FIRST', false],
    ['UC_SEND_MIDDLE', false],
    ['UC_SEND_LAST', false],
  ]);
  expect(Buffer.concat(packets.map(({ payload }) => payload))).toEqual(Buffer.from(pattern(600)));
});

test('UC-2: in SQD a begun message goes on, the next waits', () => {
  const lone = uc();
  unwrap(postSend(lone.qp, { wrId: 1, opcode: 'SEND', signaled: true, sgList: [lone.piece(0, 600)] }));
  lone.nic.tick(0, 1);
  unwrap(postSend(lone.qp, { wrId: 2, opcode: 'SEND', signaled: true }));
  unwrap(modifyQp(lone.qp, { qpState: 'SQD', enSqdAsyncNotify: true }));
  lone.nic.tick(0);
  expect(lone.done()).toEqual(['1 SUCCESS']);
  expect(lone.events()).toEqual(['SQ_DRAINED']);
});

test('UC-10: after a gap everything is dropped until a message begins, whose PSN is taken', () => {
  const lone = uc();
  lone.recv(1, 0);
  lone.recv(2, 600);
  lone.get('UC_SEND_FIRST', 100, { payload: MTU });
  lone.get('UC_SEND_LAST', 102, { payload: MTU });
  lone.get('UC_SEND_LAST', 101, { payload: MTU });
  expect(lone.done()).toEqual([]);
  lone.get('UC_SEND_ONLY', 200, { payload: new Uint8Array(3) });
  expect(lone.done()).toEqual(['1 SUCCESS']);
  lone.get('UC_SEND_ONLY', 201);
  expect(lone.done()).toEqual(['2 SUCCESS']);
  expect(lone.said()).toEqual([]);
});

test('UC-11, UC-12: a message that begins inside another ends it; its receive serves the new one', () => {
  const lone = uc();
  lone.recv(1, 0);
  lone.get('UC_SEND_FIRST', 100, { payload: MTU });
  lone.get('UC_SEND_FIRST', 101, { payload: pattern(256, 1) });
  lone.get('UC_SEND_LAST', 102, { payload: pattern(10, 2) });
  expect(lone.wcs()).toMatchObject([{ wrId: 1, status: 'SUCCESS', byteLen: 266 }]);
  expect(lone.bytes.subarray(0, 256)).toEqual(pattern(256, 1));
});

test('UC-12: a receive of an SRQ cannot go back: it completes with an error, and the QP lives', () => {
  const lone = uc({ srq: true });
  if (lone.srq === undefined) throw new Error('an SRQ was asked for');
  for (const wrId of [1, 2]) unwrap(postSrqRecv(lone.srq, { wrId, sgList: [lone.piece(0, 512)] }));
  lone.get('UC_SEND_FIRST', 100, { payload: MTU });
  lone.get('UC_SEND_ONLY', 101);
  expect(lone.done()).toEqual(['1 REM_INV_REQ_ERR', '2 SUCCESS']);
  expect(lone.state).toBe('RTS');
});

test.each([
  ['a key', { va: 1n, rkey: rkey(0xbad), dmaLength: 4, payload: new Uint8Array(4) }],
  ['a length', { dmaLength: 5, payload: new Uint8Array(4) }],
])('UC-13: a WRITE refused for %s is dropped without an answer', (_name, fields) => {
  const lone = uc();
  lone.get('UC_WRITE_ONLY', 100, fields);
  expect([lone.said(), lone.state, lone.nic.counters.drops.NOT_ALLOWED]).toEqual([[], 'RTS', 1]);
});

test('UC-13: a SEND without a receive, or longer than it, is dropped without an answer and the receive kept', () => {
  const lone = uc();
  lone.get('UC_SEND_ONLY', 100);
  lone.recv(1, 0, 3);
  lone.get('UC_SEND_ONLY', 101, { payload: new Uint8Array(4) });
  expect([lone.said(), lone.done()]).toEqual([[], []]);
  lone.get('UC_SEND_ONLY', 102, { payload: new Uint8Array(3) });
  expect(lone.done()).toEqual(['1 SUCCESS']);
});

test('UC-14: a receive that cannot be used completes with LOC_PROT_ERR and ends the QP', () => {
  const lone = uc({ access: 0 });
  lone.recv(1);
  lone.recv(2);
  lone.get('UC_SEND_ONLY', 100, { payload: new Uint8Array(4) });
  expect(lone.done()).toEqual(['1 LOC_PROT_ERR', '2 WR_FLUSH_ERR']);
  expect(lone.state).toBe('ERR');
});
