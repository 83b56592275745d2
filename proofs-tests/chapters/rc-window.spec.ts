// Chapter 30: what a requester has to wait for.
import { expect, test } from 'vitest';
import { postSend, unwrap } from '../../impl/index.ts';
import { psnAdd } from '../../impl/wire/psn.ts';
import { ack } from '../../impl/wire/syndrome.ts';
import { ACK_TIMEOUT, Lone } from './lone.ts';
import { MTU, REMOTE, responder, to } from './rc-stage.ts';

/** More memory than a test should take: the system gives none for what is never touched. */
const GREAT = { length: 2 ** 31, bytes: new Uint8Array(2 ** 31) };

test('RC-7: no more request packets are unanswered than the window; each answer lets as many follow', () => {
  const lone = new Lone({ nic: { window: 8 } });
  unwrap(postSend(lone.qp, { wrId: 1, opcode: 'SEND', sgList: [lone.piece(0, 256 * 20)] }));
  lone.nic.tick(0);
  expect(lone.sent()).toHaveLength(8);
  lone.get('RC_ACKNOWLEDGE', 102, { syndrome: ack() });
  lone.nic.tick(0);
  expect(lone.sent()).toHaveLength(3);
});

test('RC-7: the response packets of a READ take no room in the window', () => {
  const lone = new Lone({ nic: { window: 2 } });
  const read = { opcode: 'RDMA_READ', sgList: [lone.piece(0, 256 * 20)], ...REMOTE } as const;
  expect([1, 2, 3].flatMap((wrId) => lone.send({ wrId, ...read }))).toEqual(['READ_REQUEST 100', 'READ_REQUEST 120']);
});

test('RC-7: nor while they arrive', () => {
  const lone = new Lone({ nic: { window: 2 } });
  lone.send({ wrId: 1, opcode: 'RDMA_READ', sgList: [lone.piece(0, 256 * 20)], ...REMOTE });
  lone.get('RC_READ_RESPONSE_FIRST', 100, { payload: new Uint8Array(256) });
  for (let psn = 101; psn < 110; psn++) lone.get('RC_READ_RESPONSE_MIDDLE', psn, { payload: new Uint8Array(256) });
  expect([2, 3, 4].flatMap((wrId) => lone.send({ wrId, opcode: 'SEND' }))).toEqual(['SEND_ONLY 120']);
});

test('RC-7: nor do they after the READ has been sent again', () => {
  const lone = new Lone({ nic: { window: 2 } });
  lone.send({ wrId: 1, opcode: 'RDMA_READ', sgList: [lone.piece(0, 256 * 20)], ...REMOTE });
  for (const wrId of [2, 3, 4]) lone.send({ wrId, opcode: 'SEND' });
  for (let i = 0; i < 3; i++) expect(lone.pass(ACK_TIMEOUT)).toEqual(['READ_REQUEST 100', 'SEND_ONLY 120']);
});

test('RC-7: PSNs from the oldest unanswered one on never span more than half the space', () => {
  const lone = new Lone();
  const chunk = 2 ** 21;
  const sgList = Array.from({ length: 32 }, () => ({ addr: lone.mr.addr, length: 65536, lkey: lone.mr.lkey }));
  const said = [1, 2, 3, 4, 5].flatMap((wrId) => lone.send({ wrId, opcode: 'RDMA_READ', sgList, ...REMOTE }));
  expect(said).toHaveLength(4);
  const { engine } = lone.qp;
  if (engine.type !== 'RC') throw new Error('RC');
  engine.attributes = { ...engine.attributes, maxRdAtomic: 128 };
  engine.requester.nextPsn = psnAdd(engine.completer.una, 2 ** 23 - chunk / 256 + 1);
  expect(lone.send({ wrId: 6, opcode: 'SEND' })).toEqual([]);
});

test('RC-2, RC-7: a READ of 2^31 bytes spans half the PSN space: nothing is begun behind it before it has begun to arrive', () => {
  const lone = new Lone();
  Object.assign(lone.mr.region, GREAT);
  const end = 100 + 2 ** 23;
  const read = { opcode: 'RDMA_READ', sgList: [lone.piece(0, 2 ** 31)], ...REMOTE } as const;
  expect(lone.send({ wrId: 1, ...read })).toEqual(['READ_REQUEST 100']);
  expect(lone.send({ wrId: 2, opcode: 'SEND' })).toEqual([]);
  expect(lone.exchange('RC_READ_RESPONSE_FIRST', 100, { payload: new Uint8Array(256) })).toEqual([`SEND_ONLY ${end}`]);
  expect(lone.pass(ACK_TIMEOUT)).toEqual(['READ_REQUEST 101', `SEND_ONLY ${end}`]);
  expect(lone.nic.counters.tallies.retransmissions).toBe(2);
});

test('RC-50, RC-53: answering a READ of 2^31 bytes, its own PSN is the midpoint: asked for again it is a duplicate', () => {
  const lone = new Lone();
  Object.assign(lone.mr.region, GREAT);
  lone.recv(1);
  const end = (100 + 2 ** 23) & 0xffffff;
  lone.get('RC_READ_REQUEST', 100, to(lone, 0, 2 ** 31));
  expect(lone.said().slice(0, 2)).toEqual(['READ_RESPONSE_FIRST 100', 'READ_RESPONSE_MIDDLE 101']);
  expect(responder(lone).expectedPsn).toBe(end);
  lone.get('RC_READ_REQUEST', 100, to(lone, 0, 2 ** 31));
  expect(lone.said().slice(0, 2)).toEqual(['READ_RESPONSE_FIRST 100', 'READ_RESPONSE_MIDDLE 101']);
  lone.get('RC_READ_REQUEST', end - 1, to(lone, 2 ** 31 - 256, 256));
  lone.get('RC_SEND_ONLY', end);
  expect([responder(lone).expectedPsn, lone.done()]).toEqual([end + 1, ['1 SUCCESS']]);
  expect(lone.nic.counters.drops.NO_RESOURCE).toBe(0);
});

test('RC-8: no more READs and atomics are unanswered than MAX_QP_RD_ATOMIC; what is behind waits', () => {
  const lone = new Lone({ rts: { maxRdAtomic: 2 } });
  const sgList = [lone.piece(0, 8)];
  const said = [
    ...lone.send({ wrId: 1, opcode: 'RDMA_READ', sgList, ...REMOTE }),
    ...lone.send({ wrId: 2, opcode: 'ATOMIC_FETCH_AND_ADD', sgList, compareAdd: 1n, ...REMOTE }),
    ...lone.send({ wrId: 3, opcode: 'RDMA_READ', sgList, ...REMOTE }),
    ...lone.send({ wrId: 4, opcode: 'SEND' }),
  ];
  expect(said).toEqual(['READ_REQUEST 100', 'FETCH_ADD 101']);
  expect(lone.exchange('RC_READ_RESPONSE_ONLY', 100, { payload: new Uint8Array(8) })).toEqual([
    'READ_REQUEST 102',
    'SEND_ONLY 103',
  ]);
});

test('RC-9: a fenced WQE waits for earlier READs and atomics, not for SENDs', () => {
  const lone = new Lone();
  lone.send({ wrId: 1, opcode: 'RDMA_READ', sgList: [lone.piece(0, 8)], ...REMOTE });
  expect(lone.send({ wrId: 2, opcode: 'SEND', fence: true })).toEqual([]);
  expect(lone.exchange('RC_READ_RESPONSE_ONLY', 100, { payload: new Uint8Array(8) })).toEqual(['SEND_ONLY 101']);
  expect(lone.send({ wrId: 3, opcode: 'SEND', fence: true })).toEqual(['SEND_ONLY 102']);
});

test('RC-10: LOCAL_INV waits for everything before it, and what is behind waits for it', () => {
  const lone = new Lone();
  lone.send({ wrId: 1, opcode: 'SEND' });
  lone.send({ wrId: 2, opcode: 'LOCAL_INV', invalidateRkey: 0x123 });
  expect(lone.send({ wrId: 3, opcode: 'SEND' })).toEqual([]);
  lone.exchange('RC_ACKNOWLEDGE', 100, { syndrome: ack() });
  // The key is unknown: it fails, but only now.
  expect(lone.done()).toEqual(['1 SUCCESS', '2 LOC_QP_OP_ERR', '3 WR_FLUSH_ERR']);
});

test('RC-7: what is answered makes room for as many, atomics among READs and the last packet of a READ too', () => {
  const lone = new Lone({ nic: { window: 3 }, rts: { maxRdAtomic: 16 } });
  const read = { opcode: 'RDMA_READ', sgList: [lone.piece(0, 512)], ...REMOTE } as const;
  const atomic = { opcode: 'ATOMIC_FETCH_AND_ADD', compareAdd: 1n, sgList: [lone.piece(600, 8)], ...REMOTE } as const;
  const said = [1, 2, 3, 4].flatMap((wrId) => lone.send({ wrId, ...(wrId % 2 === 1 ? atomic : read) }));
  expect(said).toEqual(['FETCH_ADD 100', 'READ_REQUEST 101', 'FETCH_ADD 103']);
  expect(lone.exchange('RC_ATOMIC_ACKNOWLEDGE', 100)).toEqual(['READ_REQUEST 104']);
  lone.get('RC_READ_RESPONSE_FIRST', 101, { payload: MTU });
  lone.get('RC_READ_RESPONSE_LAST', 102, { payload: MTU });
  const more = [5, 6].flatMap((wrId) => lone.send({ wrId, opcode: 'SEND' }));
  expect(more).toEqual(['SEND_ONLY 106']);
  lone.get('RC_ATOMIC_ACKNOWLEDGE', 103);
  lone.nic.tick(0);
  expect(lone.said()).toEqual(['SEND_ONLY 107']);
});
