// Chapter 40: objects and calls.
import { describe, expect, test } from 'vitest';
import {
  ACCESS,
  allocPd,
  createAh,
  createQp,
  createSrq,
  deallocPd,
  deregMr,
  destroyQp,
  modifyQp,
  modifySrq,
  pollCq,
  postRecv,
  postSend,
  postSrqRecv,
  queryDevice,
  queryGid,
  queryPkey,
  queryPort,
  regMr,
  resizeCq,
  type SendWr,
  unwrap,
} from '../../impl/index.ts';
import { captureQp, stopContext } from '../../impl/verbs/migrate-qp.ts';
import { pkey, qkey } from '../../impl/wire/numbers.ts';
import { ack } from '../../impl/wire/syndrome.ts';
import { ACK_TIMEOUT, HERE, Lone, QKEY } from './lone.ts';
import { pattern, piece, rcPair, recv, send, settle } from './pair.ts';

const refusedWith = (errno: string) => ({ ok: false, error: { errno } });
const REMOTE = { remoteAddr: 0x2000, rkey: 0x99 };

test('VRB-1: a refused call says why and changes nothing', () => {
  const lone = new Lone();
  const before = captureQp(lone.qp, 0);
  const results = [
    postSend(lone.qp, { wrId: -1, opcode: 'SEND' }),
    postSend(lone.qp, { wrId: 1, opcode: 'SEND_WITH_IMM', imm: 2 ** 32 }),
    postSend(lone.qp, { wrId: 1, opcode: 'RDMA_WRITE', remoteAddr: -1, rkey: 0 }),
    postSend(lone.qp, {
      wrId: 1,
      opcode: 'ATOMIC_FETCH_AND_ADD',
      compareAdd: -1n,
      sgList: [lone.piece(0, 8)],
      ...REMOTE,
    }),
    postSend(lone.qp, { wrId: 1, opcode: 'RDMA_READ', remoteAddr: 1n << 64n, rkey: 1 }),
    postRecv(lone.qp, { wrId: 0.5 }),
    createQp(lone.pd, { qpType: 'RC', sendCq: lone.cq, recvCq: lone.cq, cap: {}, qpNum: 0xffffff }),
    postRecv(lone.qp, { wrId: 1, sgList: [{ addr: 0, length: -1, lkey: 0 }] }),
    modifyQp(lone.qp, { qpState: 'INIT' }),
  ];
  for (const result of results) expect(result).toMatchObject(refusedWith('EINVAL'));
  expect(captureQp(lone.qp, 0)).toEqual(before);
});

test('VRB-1: a destination that no packet could carry is refused', () => {
  const lone = new Lone({ qpType: 'UD' });
  const ah = unwrap(createAh(lone.pd, { dgid: HERE }));
  for (const [remoteQpn, remoteQkey] of [
    [2 ** 24, 0],
    [-1, 0],
    [5, 2 ** 32],
  ] as const) {
    const wr: SendWr = { wrId: 1, opcode: 'SEND', ud: { ah, remoteQpn, remoteQkey } };
    expect(postSend(lone.qp, wr)).toMatchObject(refusedWith('EINVAL'));
  }
});

test('VRB-1: a remote address may be any of 64 bits; past the last it begins again', () => {
  const lone = new Lone();
  const sgList = [lone.piece(0, 600)];
  unwrap(postSend(lone.qp, { wrId: 1, opcode: 'RDMA_READ', sgList, remoteAddr: (1n << 64n) - 1n, rkey: 1 }));
  lone.nic.tick(0);
  lone.sent();
  lone.get('RC_READ_RESPONSE_FIRST', 100, { payload: new Uint8Array(256) });
  lone.now = ACK_TIMEOUT * 2;
  lone.nic.tick(lone.now);
  expect(lone.sent()).toMatchObject([{ psn: 101, va: 255 }]);
});

test('VRB-2: a protection domain in use cannot be deallocated', () => {
  const lone = new Lone({ state: 'RESET' });
  expect(deallocPd(lone.pd)).toMatchObject(refusedWith('EBUSY'));
  unwrap(destroyQp(lone.qp));
  expect(deallocPd(lone.pd)).toMatchObject(refusedWith('EBUSY'));
  unwrap(deregMr(lone.mr));
  expect(deallocPd(lone.pd).ok).toBe(true);
});

test('VRB-3: remote write or atomic access needs local write access; unknown bits are refused', () => {
  const { pd } = new Lone();
  const memory = new Uint8Array(8);
  for (const access of [ACCESS.REMOTE_WRITE, ACCESS.REMOTE_ATOMIC, 1 << 20]) {
    expect(regMr(pd, memory, access)).toMatchObject(refusedWith('EINVAL'));
  }
  expect(regMr(pd, memory, ACCESS.REMOTE_READ).ok).toBe(true);
});

test('VRB-9: a region that names no address lies apart from the others, wherever they were put', () => {
  const { pd } = new Lone();
  const high = Number.MAX_SAFE_INTEGER - 100;
  const places = [undefined, high, undefined, 0x40000, undefined, 0x40064].map((addr) =>
    unwrap(regMr(pd, new Uint8Array(100), 0, addr === undefined ? {} : { addr })),
  );
  const starts = places.map(({ addr }) => addr).sort((a, b) => a - b);
  expect(starts).toContain(high);
  for (const [i, start] of starts.slice(1).entries()) expect(start - (starts[i] ?? 0)).toBeGreaterThanOrEqual(100);
});

test('VRB-5: what a peer writes stands in the consumer’s own memory', () => {
  const pair = rcPair();
  pair.a.bytes.set(pattern(64));
  send(pair.a, {
    wrId: 1,
    opcode: 'RDMA_WRITE',
    sgList: [piece(pair.a, 0, 64)],
    remoteAddr: pair.b.mr.addr,
    rkey: pair.b.mr.rkey,
  });
  settle(pair);
  expect(pair.b.bytes.subarray(0, 64)).toEqual(pattern(64));
});

test('VRB-6: a stopped context takes no posts and no modifies, and its queues give nothing', () => {
  const lone = new Lone();
  lone.recv(1);
  lone.get('RC_SEND_ONLY', 100);
  const srq = unwrap(createSrq(lone.pd, { maxWr: 2, maxSge: 1 }));
  stopContext(lone.context, 0);
  const before = captureQp(lone.qp, 0);
  expect(postSend(lone.qp, { wrId: 2, opcode: 'SEND' })).toMatchObject(refusedWith('EAGAIN'));
  expect(postRecv(lone.qp, { wrId: 2 })).toMatchObject(refusedWith('EAGAIN'));
  expect(modifyQp(lone.qp, { qpState: 'ERR' })).toMatchObject(refusedWith('EAGAIN'));
  expect(resizeCq(lone.cq, 9)).toMatchObject(refusedWith('EAGAIN'));
  expect(modifySrq(srq, { srqLimit: 1 })).toMatchObject(refusedWith('EAGAIN'));
  expect(postSrqRecv(srq, { wrId: 2 })).toMatchObject(refusedWith('EAGAIN'));
  expect(lone.done()).toEqual([]);
  expect(captureQp(lone.qp, 0)).toEqual(before);
  lone.context.stopped = false;
  expect(lone.done()).toEqual(['1 SUCCESS']);
});

test('VRB-10: a QP beyond the limits, or of mixed domains, is refused', () => {
  const lone = new Lone({ nic: { limits: { maxQpWr: 100, maxSge: 4 } }, init: { cap: { maxSendWr: 1 } } });
  const other = new Lone();
  const make = (more: object) =>
    createQp(lone.pd, { qpType: 'RC', sendCq: lone.cq, recvCq: lone.cq, cap: {}, ...more });
  expect(make({ cap: { maxSendWr: 101 } })).toMatchObject(refusedWith('EINVAL'));
  expect(make({ cap: { maxRecvSge: 5 } })).toMatchObject(refusedWith('EINVAL'));
  expect(make({ sendCq: other.cq })).toMatchObject(refusedWith('EINVAL'));
  const srq = unwrap(createSrq(unwrap(allocPd(lone.context)), { maxWr: 1, maxSge: 1 }));
  expect(make({ srq })).toMatchObject(refusedWith('EINVAL'));
  expect(make({ qpNum: lone.qp.qpNum })).toMatchObject(refusedWith('EEXIST'));
  expect(make({}).ok).toBe(true);
});

describe('VRB-40, VRB-41, VRB-42, VRB-43, VRB-44, VRB-45, VRB-46: work requests', () => {
  test('VRB-40, VRB-41: lists longer than the queue’s and messages longer than 2^31 bytes are refused', () => {
    const lone = new Lone();
    const sgList = Array.from({ length: 33 }, () => lone.piece(0, 1));
    expect(postSend(lone.qp, { wrId: 1, opcode: 'SEND', sgList })).toMatchObject(refusedWith('EINVAL'));
    expect(postRecv(lone.qp, { wrId: 1, sgList })).toMatchObject(refusedWith('EINVAL'));
    const huge = [2 ** 30, 2 ** 30, 1].map((length) => ({ addr: 0, length, lkey: 0 }));
    expect(postSend(lone.qp, { wrId: 1, opcode: 'SEND', sgList: huge })).toMatchObject(refusedWith('EINVAL'));
    expect(postSend(lone.qp, { wrId: 1, opcode: 'SEND', sgList: huge.slice(0, 2) }).ok).toBe(true);
  });
  test('VRB-40: an atomic has eight bytes', () => {
    const lone = new Lone();
    const sgList = [lone.piece(0, 4)];
    const wr: SendWr = { wrId: 1, opcode: 'ATOMIC_FETCH_AND_ADD', compareAdd: 1n, sgList, ...REMOTE };
    expect(postSend(lone.qp, wr)).toMatchObject(refusedWith('EINVAL'));
  });
  test('VRB-42: inline data beyond the limit, or for a READ, is refused', () => {
    const lone = new Lone();
    expect(postSend(lone.qp, { wrId: 1, opcode: 'SEND', inline: true, sgList: [lone.piece(0, 257)] })).toMatchObject(
      refusedWith('EINVAL'),
    );
    const read: SendWr = { wrId: 1, opcode: 'RDMA_READ', inline: true, sgList: [lone.piece(0, 8)], ...REMOTE };
    expect(postSend(lone.qp, read)).toMatchObject(refusedWith('EINVAL'));
    expect(postSend(lone.qp, { wrId: 1, opcode: 'SEND', inline: true, sgList: [lone.piece(0, 256)] }).ok).toBe(true);
  });
  test('VRB-43: inline data is what memory held at posting, whatever the lkey', () => {
    const lone = new Lone();
    lone.bytes.fill(1, 0, 300);
    const sgList = [{ ...lone.piece(0, 3), lkey: 0xbad }, lone.piece(5, 2)];
    unwrap(postSend(lone.qp, { wrId: 1, opcode: 'SEND', inline: true, sgList }));
    lone.bytes.fill(2, 0, 300);
    lone.nic.tick(0);
    expect(lone.sent()[0]?.payload).toEqual(new Uint8Array(5).fill(1));
  });
  test('VRB-44: a full queue refuses with ENOMEM, and takes again when a WQE has completed', () => {
    const lone = new Lone({ init: { cap: { maxSendWr: 2, maxRecvWr: 1 } } });
    for (const wrId of [1, 2]) lone.send({ wrId, opcode: 'SEND' });
    expect(postSend(lone.qp, { wrId: 3, opcode: 'SEND' })).toMatchObject(refusedWith('ENOMEM'));
    lone.get('RC_ACKNOWLEDGE', 100, { syndrome: ack() });
    expect(postSend(lone.qp, { wrId: 3, opcode: 'SEND' }).ok).toBe(true);
    unwrap(postRecv(lone.qp, { wrId: 1 }));
    expect(postRecv(lone.qp, { wrId: 2 })).toMatchObject(refusedWith('ENOMEM'));
  });
  test('VRB-45: lists of 32 elements, empty ones among them, are gathered and scattered in order', () => {
    const pair = rcPair({ mtu: 256 });
    const { a, b } = pair;
    a.bytes.set(pattern(40000));
    const lengths = Array.from({ length: 32 }, (_, i) => (i % 5 === 0 ? 0 : i * 17));
    const total = lengths.reduce((sum, length) => sum + length, 0);
    const places = lengths.map((length, i) => ({ offset: 1000 * (31 - i), length }));
    unwrap(postRecv(b.qp, { wrId: 1, sgList: places.map(({ offset, length }) => piece(b, offset, length)) }));
    send(a, { wrId: 1, opcode: 'SEND', sgList: places.map(({ offset, length }) => piece(a, offset, length)) });
    settle(pair);
    const [wc] = pollCq(b.recvCq);
    expect(wc).toMatchObject({ status: 'SUCCESS', byteLen: total });
    for (const { offset, length } of places) {
      expect(b.bytes.subarray(offset, offset + length)).toEqual(a.bytes.subarray(offset, offset + length));
    }
  });
  test('VRB-45: gathering and scattering need not be cut alike', () => {
    const pair = rcPair({ mtu: 256 });
    const { a, b } = pair;
    a.bytes.set(pattern(1000));
    unwrap(postRecv(b.qp, { wrId: 1, sgList: [piece(b, 0, 700), piece(b, 700, 300)] }));
    send(a, { wrId: 1, opcode: 'SEND', sgList: [piece(a, 0, 100), piece(a, 100, 650), piece(a, 750, 250)] });
    settle(pair);
    expect(b.bytes.subarray(0, 1000)).toEqual(pattern(1000));
  });
  test('VRB-46: the result of an atomic stands little-endian in memory', () => {
    const pair = rcPair();
    const { a, b } = pair;
    new DataView(b.bytes.buffer).setBigUint64(8, 0x0102030405060708n, true);
    const remote = { remoteAddr: b.mr.addr + 8, rkey: b.mr.rkey };
    send(a, { wrId: 1, opcode: 'ATOMIC_FETCH_AND_ADD', compareAdd: 1n, sgList: [piece(a, 0, 8)], ...remote });
    settle(pair);
    expect([...a.bytes.subarray(0, 8)]).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
    expect(b.bytes[8]).toBe(9);
  });
});

test('VRB-62: a port that goes down says so in every context, and nothing passes it until it is back', () => {
  const lone = new Lone();
  const other = lone.nic.open();
  lone.recv(1);
  lone.nic.setPort('DOWN');
  lone.nic.setPort('DOWN');
  expect(lone.exchange('RC_SEND_ONLY', 100, { ackReq: true })).toEqual([]);
  expect(lone.send({ wrId: 2, opcode: 'SEND' })).toEqual([]);
  lone.nic.setPort('ACTIVE');
  expect([lone.events(), other.asyncEvents.length]).toEqual([['PORT_ERR', 'PORT_ACTIVE'], 2]);
  expect(lone.pass(ACK_TIMEOUT)).toEqual(['SEND_ONLY 100']);
  expect(lone.exchange('RC_SEND_ONLY', 100, { ackReq: true })).toEqual(['ACK 100']);
});

test('VRB-63: limits, port and tables are found by query', () => {
  const { context } = new Lone({ nic: { limits: { maxMtu: 2048, maxSge: 40 } } });
  expect(queryDevice(context).maxSge).toBe(40);
  expect(queryPort(context)).toMatchObject({
    ok: true,
    value: { state: 'ACTIVE', maxMtu: 2048, gidTblLen: 1, pkeyTblLen: 1 },
  });
  const ud = new Lone({ qpType: 'UD' });
  ud.get('UD_SEND_ONLY', 1, { qkey: qkey(QKEY + 1) });
  for (const _ of [1, 2]) ud.get('UD_SEND_ONLY', 1, { qkey: qkey(QKEY), pkey: pkey(0x7ffe) });
  expect(queryPort(ud.context)).toMatchObject({ value: { badPkeyCntr: 2, qkeyViolCntr: 1, maxMsgSz: 2 ** 31 } });
  expect(queryPort(context, 2)).toMatchObject(refusedWith('EINVAL'));
  expect([queryGid(context, 0), queryPkey(context, 0)]).toMatchObject([{ value: HERE }, { value: 0xffff }]);
  expect(queryGid(context, 1)).toMatchObject(refusedWith('EINVAL'));
});

test('VRB-44: the receive queue of a QP gives back room when a message takes a receive', () => {
  const pair = rcPair({ init: { cap: { maxSendWr: 8, maxRecvWr: 1, maxSendSge: 1, maxRecvSge: 1 } } });
  for (let wrId = 0; wrId < 5; wrId++) {
    recv(pair.b, wrId);
    send(pair.a, { wrId, opcode: 'SEND' });
    settle(pair);
  }
  expect(pollCq(pair.b.recvCq).map(({ wrId }) => wrId)).toEqual([0, 1, 2, 3, 4]);
});
