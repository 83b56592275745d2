// Chapter 30: the requester.
import { describe, expect, test } from 'vitest';
import { deregMr, modifyQp, postSend, type SendWr, unwrap } from '../../impl/index.ts';
import type { Mtu } from '../../impl/wire/mtu.ts';
import { opcodeInfo } from '../../impl/wire/opcode.ts';
import { ack, nak } from '../../impl/wire/syndrome.ts';
import { ACK_TIMEOUT, Lone, PEER_QPN } from './lone.ts';
import { pattern } from './pair.ts';
import { REMOTE } from './rc-stage.ts';

test('RC-1: WQEs get consecutive PSNs in post order from SQ_PSN on, across the wrap', () => {
  const lone = new Lone({ rts: { sqPsn: 0xfffffe } });
  const said = [1, 2, 3].flatMap((wrId) => lone.send({ wrId, opcode: 'SEND', sgList: [lone.piece(0, 300)] }));
  expect(said).toEqual([
    'SEND_FIRST 16777214',
    'SEND_LAST 16777215',
    'SEND_FIRST 0',
    'SEND_LAST 1',
    'SEND_FIRST 2',
    'SEND_LAST 3',
  ]);
});

describe('RC-2: PSNs of a WQE', () => {
  const next = (wr: SendWr): number => {
    const lone = new Lone({ rts: { maxRdAtomic: 4 } });
    lone.send(wr);
    return lone.qp.engine.type === 'RC' ? lone.qp.engine.requester.nextPsn - 100 : 0;
  };
  const lone = new Lone();
  test.each([
    [0, 1],
    [1, 1],
    [256, 1],
    [257, 2],
    [1024, 4],
  ])('RC-2: %d bytes occupy %d PSNs as SEND, WRITE and READ', (length, psns) => {
    const sgList = [lone.piece(0, length)];
    expect(next({ wrId: 1, opcode: 'SEND', sgList })).toBe(psns);
    expect(next({ wrId: 1, opcode: 'RDMA_WRITE', sgList, ...REMOTE })).toBe(psns);
    expect(next({ wrId: 1, opcode: 'RDMA_READ', sgList, ...REMOTE })).toBe(psns);
  });
  test('RC-2: an atomic, a FLUSH and an ATOMIC WRITE occupy one', () => {
    const sgList = [lone.piece(0, 8)];
    expect(next({ wrId: 1, opcode: 'ATOMIC_FETCH_AND_ADD', sgList, compareAdd: 1n, ...REMOTE })).toBe(1);
    expect(next({ wrId: 1, opcode: 'ATOMIC_WRITE', sgList, ...REMOTE })).toBe(1);
    const flush = { opcode: 'FLUSH', length: 9999, placement: 'GLOBAL', selectivity: 'RANGE' } as const;
    expect(next({ wrId: 1, ...flush, ...REMOTE })).toBe(1);
  });
});

test.each([256, 1024] as const)(
  'RC-3: every packet but the last carries exactly %d bytes, and all of them in order',
  (mtu: Mtu) => {
    const lone = new Lone({ rtr: { pathMtu: mtu } });
    lone.bytes.set(pattern(5000));
    unwrap(postSend(lone.qp, { wrId: 1, opcode: 'SEND', sgList: [lone.piece(3, 4500)] }));
    lone.nic.tick(0);
    const packets = lone.sent();
    const lengths = packets.map(({ payload }) => payload.length);
    expect(lengths.slice(0, -1).every((length) => length === mtu)).toBe(true);
    expect(lengths.at(-1)).toBe(4500 % mtu);
    expect(Buffer.concat(packets.map(({ payload }) => payload))).toEqual(Buffer.from(pattern(5000).subarray(3, 4503)));
  },
);

test('RC-3: a message that fills its last packet has no empty packet behind it', () => {
  const lone = new Lone();
  expect(lone.send({ wrId: 1, opcode: 'SEND', sgList: [lone.piece(0, 512)] })).toEqual([
    'SEND_FIRST 100',
    'SEND_LAST 101',
  ]);
});

test('RC-4: a retransmission begins at the oldest unacknowledged PSN and repeats each packet, byte for byte', () => {
  const lone = new Lone();
  lone.bytes.set(pattern(4000));
  const first = postAll(lone);
  lone.get('RC_ACKNOWLEDGE', 101, { syndrome: ack() });
  lone.now = ACK_TIMEOUT * 2;
  lone.nic.tick(lone.now);
  const again = lone.sent();
  expect(again.map(({ psn }) => psn)).toEqual(first.slice(2).map(({ psn }) => psn));
  // Whether an answer is asked for may differ: it is no part of what is executed.
  const executed = (packets: typeof first) => packets.map(({ ackReq, ...rest }) => rest);
  expect(executed(again)).toEqual(executed(first.slice(2)));
});

const postAll = (lone: Lone) => {
  unwrap(postSend(lone.qp, { wrId: 1, opcode: 'SEND', sgList: [lone.piece(0, 1000)] }));
  unwrap(
    postSend(lone.qp, {
      wrId: 2,
      opcode: 'RDMA_WRITE_WITH_IMM',
      imm: 7,
      solicited: true,
      sgList: [lone.piece(1000, 600)],
      ...REMOTE,
    }),
  );
  unwrap(
    postSend(lone.qp, {
      wrId: 3,
      opcode: 'ATOMIC_CMP_AND_SWP',
      sgList: [lone.piece(0, 8)],
      compareAdd: 5n,
      swap: 6n,
      ...REMOTE,
    }),
  );
  lone.nic.tick(0);
  return lone.sent();
};

test('RC-5, RC-6: AckReq is set on every last packet, every sixteenth, and the first of a retransmission', () => {
  const lone = new Lone();
  unwrap(postSend(lone.qp, { wrId: 1, opcode: 'SEND', sgList: [lone.piece(0, 256 * 40)] }));
  lone.nic.tick(0);
  const asking = (): number[] => lone.sent().flatMap(({ psn, ackReq }) => (ackReq ? [psn - 100] : []));
  expect(asking()).toEqual([15, 31, 39]);
  lone.get('RC_ACKNOWLEDGE', 104, { syndrome: ack() });
  lone.now = ACK_TIMEOUT * 2;
  lone.nic.tick(lone.now);
  expect(asking()).toEqual([5, 15, 31, 39]);
});

test('RC-6: the packet that fills the window asks for an answer', () => {
  const lone = new Lone({ nic: { window: 3 } });
  unwrap(postSend(lone.qp, { wrId: 1, opcode: 'SEND', sgList: [lone.piece(0, 256 * 10)] }));
  lone.nic.tick(0);
  expect(lone.sent().map(({ ackReq }) => ackReq)).toEqual([false, false, true]);
});

test.each([
  ['unknown lkey', (lone: Lone) => [{ ...lone.piece(0, 8), lkey: 0xbad }]],
  ['address before the region', (lone: Lone) => [{ ...lone.piece(0, 8), addr: lone.mr.addr - 1 }]],
  ['end behind the region', (lone: Lone) => [lone.piece(65536 - 7, 8)]],
  ['second element', (lone: Lone) => [lone.piece(0, 8), { ...lone.piece(0, 8), lkey: 0xbad }]],
] as const)('RC-11: a list with %s fails without a packet, after what is before it', (_what, list) => {
  const lone = new Lone();
  lone.send({ wrId: 1, opcode: 'SEND' });
  expect(lone.send({ wrId: 2, opcode: 'SEND', sgList: list(lone) })).toEqual([]);
  lone.send({ wrId: 3, opcode: 'SEND' });
  expect(lone.done()).toEqual([]);
  lone.exchange('RC_ACKNOWLEDGE', 100, { syndrome: ack() });
  expect(lone.done()).toEqual(['1 SUCCESS', '2 LOC_PROT_ERR', '3 WR_FLUSH_ERR']);
  expect(lone.state).toBe('ERR');
});

test('RC-11: a READ into memory that may not be written fails the same way', () => {
  const lone = new Lone({ access: 0 });
  expect(lone.send({ wrId: 1, opcode: 'RDMA_READ', sgList: [lone.piece(0, 8)], ...REMOTE })).toEqual([]);
  expect(lone.done()).toEqual(['1 LOC_PROT_ERR']);
});

test('RC-11: memory that is deregistered in the middle of a message fails it', () => {
  const lone = new Lone({ nic: { window: 1 } });
  lone.send({ wrId: 1, opcode: 'SEND', sgList: [lone.piece(0, 600)] });
  unwrap(deregMr(lone.mr));
  expect(lone.exchange('RC_ACKNOWLEDGE', 100, { syndrome: ack() })).toEqual([]);
  expect(lone.done()).toEqual(['1 LOC_PROT_ERR']);
});

test('RC-11: an element of length 0 may have any key', () => {
  const lone = new Lone();
  expect(lone.send({ wrId: 1, opcode: 'SEND', sgList: [{ addr: 0, length: 0, lkey: 0xbad }] })).toEqual([
    'SEND_ONLY 100',
  ]);
});

test('RC-12: a READ on a QP that may have none fails', () => {
  const lone = new Lone({ rts: { maxRdAtomic: 0 } });
  expect(lone.send({ wrId: 1, opcode: 'RDMA_READ', sgList: [lone.piece(0, 8)], ...REMOTE })).toEqual([]);
  expect(lone.done()).toEqual(['1 LOC_QP_OP_ERR']);
});

test('RC-13: a READ of which part has arrived asks for the rest', () => {
  const lone = new Lone();
  lone.send({ wrId: 1, opcode: 'RDMA_READ', sgList: [lone.piece(0, 1000)], ...REMOTE });
  const mtu = new Uint8Array(256);
  lone.get('RC_READ_RESPONSE_FIRST', 100, { payload: mtu });
  lone.get('RC_READ_RESPONSE_MIDDLE', 101, { payload: mtu });
  lone.now = ACK_TIMEOUT * 2;
  lone.nic.tick(lone.now);
  expect(lone.sent()).toMatchObject([
    { opcode: 'RC_READ_REQUEST', psn: 102, va: 0x2000 + 512, dmaLength: 488, rkey: 0x99 },
  ]);
  lone.get('RC_READ_RESPONSE_FIRST', 102, { payload: mtu });
  lone.get('RC_READ_RESPONSE_LAST', 103, { payload: new Uint8Array(232) });
  expect(lone.done()).toEqual(['1 SUCCESS']);
});

test('RC-14: the solicited event bit is on the last packet of a SEND or WRITE with immediate that asks, and nowhere else', () => {
  const lone = new Lone();
  const sgList = [lone.piece(0, 300)];
  const ask = (wr: SendWr): boolean[] => {
    unwrap(postSend(lone.qp, wr));
    lone.nic.tick(0);
    return lone.sent().map(({ solicitedEvent }) => solicitedEvent);
  };
  expect(ask({ wrId: 1, opcode: 'SEND', sgList, solicited: true })).toEqual([false, true]);
  expect(ask({ wrId: 2, opcode: 'RDMA_WRITE_WITH_IMM', imm: 1, sgList, solicited: true, ...REMOTE })).toEqual([
    false,
    true,
  ]);
  expect(ask({ wrId: 3, opcode: 'RDMA_WRITE', sgList, solicited: true, ...REMOTE })).toEqual([false, false]);
  expect(ask({ wrId: 4, opcode: 'SEND', sgList })).toEqual([false, false]);
});

test('RC-1: request packets go to the peer’s QPN with the QP’s P_Key', () => {
  const lone = new Lone();
  unwrap(postSend(lone.qp, { wrId: 1, opcode: 'SEND' }));
  lone.nic.tick(0);
  const [packet] = lone.sent();
  expect(packet).toMatchObject({ destQp: PEER_QPN, pkey: 0xffff });
  expect(packet === undefined ? '' : opcodeInfo(packet.opcode).role).toBe('request');
});

test('RC-4: after a sequence NAK nothing before its PSN is sent again', () => {
  const lone = new Lone();
  for (const wrId of [1, 2, 3, 4]) lone.send({ wrId, opcode: 'SEND' });
  expect(lone.exchange('RC_ACKNOWLEDGE', 102, { syndrome: nak('PSN_SEQUENCE_ERROR') })).toEqual([
    'SEND_ONLY 102',
    'SEND_ONLY 103',
  ]);
  unwrap(modifyQp(lone.qp, { qpState: 'ERR' }));
});
