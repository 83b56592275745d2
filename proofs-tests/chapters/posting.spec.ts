// Chapter 40: lists of work requests, and inline bytes.
import { expect, test } from 'vitest';
import { createSrq, modifyQp, postRecv, postSend, postSrqRecv, type SendWr, unwrap } from '../../impl/index.ts';
import { Lone } from './lone.ts';
import { REMOTE } from './rc-stage.ts';

const sends = (...wrIds: readonly number[]): readonly SendWr[] =>
  wrIds.map((wrId) => ({ wrId, opcode: 'SEND', signaled: true }));

test('VRB-48: a list is posted in order', () => {
  const lone = new Lone();
  unwrap(postSend(lone.qp, sends(1, 2, 3)));
  unwrap(postSend(lone.qp, []));
  lone.nic.tick(0);
  expect(lone.said()).toEqual(['SEND_ONLY 100', 'SEND_ONLY 101', 'SEND_ONLY 102']);
});

test('VRB-48: what stands before the first that is refused is posted, the rest is not', () => {
  const lone = new Lone();
  const refused = postSend(lone.qp, [...sends(1, 2), { wrId: -1, opcode: 'SEND' }, ...sends(4)]);
  expect(refused).toMatchObject({ ok: false, error: { errno: 'EINVAL', badWr: 2 } });
  lone.nic.tick(0);
  expect(lone.said()).toEqual(['SEND_ONLY 100', 'SEND_ONLY 101']);
  expect(postSend(lone.qp, { wrId: -1, opcode: 'SEND' })).toMatchObject({ error: { badWr: undefined } });
});

test('VRB-48: receives alike, a QP’s own and an SRQ’s', () => {
  const lone = new Lone({ init: { cap: { maxRecvWr: 2 } } });
  const wrs = [1, 2, 3].map((wrId) => ({ wrId }));
  expect(postRecv(lone.qp, wrs)).toMatchObject({ error: { errno: 'ENOMEM', badWr: 2 } });
  const srq = unwrap(createSrq(lone.pd, { maxWr: 1, maxSge: 1 }));
  expect(postSrqRecv(srq, wrs)).toMatchObject({ error: { errno: 'ENOMEM', badWr: 1 } });
  unwrap(modifyQp(lone.qp, { qpState: 'ERR' }));
  expect(lone.done()).toEqual(['1 WR_FLUSH_ERR', '2 WR_FLUSH_ERR']);
});

test('VRB-43: inline bytes need no registered memory, and may change when they are posted', () => {
  const lone = new Lone();
  const bytes = Uint8Array.of(1, 2, 3);
  unwrap(postSend(lone.qp, { wrId: 1, opcode: 'SEND', inline: bytes, signaled: true }));
  bytes.fill(9);
  unwrap(postSend(lone.qp, { wrId: 2, opcode: 'RDMA_WRITE', inline: bytes, ...REMOTE }));
  lone.nic.tick(0);
  expect(lone.sent().map(({ payload }) => [...payload])).toEqual([
    [1, 2, 3],
    [9, 9, 9],
  ]);
  lone.get('RC_ACKNOWLEDGE', 101);
  expect(lone.wcs()).toMatchObject([{ wrId: 1, status: 'SUCCESS', byteLen: 3 }]);
});

test('VRB-42: inline bytes obey the limit, and stand alone', () => {
  const lone = new Lone();
  const post = (inline: Uint8Array, sgList: SendWr['sgList'] = []): unknown =>
    postSend(lone.qp, { wrId: 1, opcode: 'SEND', inline, sgList });
  expect(post(new Uint8Array(257))).toMatchObject({ error: { errno: 'EINVAL' } });
  expect(post(new Uint8Array(1), [lone.piece(0, 1)])).toMatchObject({ error: { errno: 'EINVAL' } });
  const read: SendWr = { wrId: 1, opcode: 'RDMA_READ', inline: new Uint8Array(8), ...REMOTE };
  expect(postSend(lone.qp, read)).toMatchObject({ error: { errno: 'EINVAL' } });
  expect(post(new Uint8Array(256))).toMatchObject({ ok: true });
});
