// Chapter 30: the responder, in sequence and out of it.
import { describe, expect, test } from 'vitest';
import { ACCESS, modifyQp, postSrqRecv, unwrap } from '../../impl/index.ts';
import { creditCode } from '../../impl/wire/credit.ts';
import { rkey } from '../../impl/wire/numbers.ts';
import type { OpcodeName } from '../../impl/wire/opcode.ts';
import { Lone } from './lone.ts';
import { pattern } from './pair.ts';
import { ASK, MTU, responder, to } from './rc-stage.ts';

const bytesAt = (lone: Lone, offset: number, length: number): number[] => [
  ...lone.bytes.subarray(offset, offset + length),
];

describe('RC-50, RC-57: requests in sequence', () => {
  test('RC-50, RC-57: each is executed and advances the expected PSN; AckReq is answered, its absence is not', () => {
    const lone = new Lone();
    lone.recv(1);
    expect(lone.exchange('RC_SEND_FIRST', 100, { payload: MTU })).toEqual([]);
    expect(lone.exchange('RC_SEND_LAST', 101, { payload: new Uint8Array(5), ...ASK })).toEqual(['ACK 101']);
    expect(lone.wcs()).toMatchObject([{ wrId: 1, status: 'SUCCESS', opcode: 'RECV', byteLen: 261 }]);
    expect(responder(lone).expectedPsn).toBe(102);
  });
  test('RC-50: a READ advances it by its response packets, an empty one by one', () => {
    const lone = new Lone();
    expect(lone.exchange('RC_READ_REQUEST', 100, to(lone, 0, 600))).toEqual([
      'READ_RESPONSE_FIRST 100',
      'READ_RESPONSE_MIDDLE 101',
      'READ_RESPONSE_LAST 102',
    ]);
    expect(lone.exchange('RC_READ_REQUEST', 103, to(lone, 0, 0))).toEqual(['READ_RESPONSE_ONLY 103']);
    expect(responder(lone).expectedPsn).toBe(104);
  });
  test('RC-50: a SEND is scattered over its receive, a WRITE put where its RETH says', () => {
    const lone = new Lone();
    lone.recv(1, 1000, 300);
    const data = pattern(300, 3);
    lone.get('RC_SEND_FIRST', 100, { payload: data.subarray(0, 256) });
    lone.get('RC_SEND_LAST_WITH_IMM', 101, { payload: data.subarray(256), imm: 0xfeedf00d });
    lone.get('RC_WRITE_FIRST', 102, to(lone, 5000, 300, { payload: data.subarray(0, 256) }));
    lone.get('RC_WRITE_LAST', 103, { payload: data.subarray(256) });
    expect(lone.wcs()).toMatchObject([{ byteLen: 300, imm: 0xfeedf00d }]);
    expect(lone.bytes.subarray(1000, 1300)).toEqual(data);
    expect(lone.bytes.subarray(5000, 5300)).toEqual(data);
    expect([lone.bytes[999], lone.bytes[1300], lone.bytes[4999], lone.bytes[5300]]).toEqual([0, 0, 0, 0]);
  });
  test('RC-50: a WRITE with immediate completes a receive with its length', () => {
    const lone = new Lone();
    lone.recv(9);
    lone.get('RC_WRITE_ONLY_WITH_IMM', 100, to(lone, 0, 3, { payload: new Uint8Array(3), imm: 4 }));
    expect(lone.wcs()).toMatchObject([{ wrId: 9, opcode: 'RECV_RDMA_WITH_IMM', byteLen: 3, imm: 4 }]);
  });
  test('RC-50: atomics work on eight bytes, little-endian, modulo 2^64', () => {
    const lone = new Lone();
    const atomic = (opcode: OpcodeName, psn: number, swapAdd: bigint, compare: bigint): bigint | undefined => {
      lone.get(opcode, psn, { ...to(lone, 64, 0), swapAdd, compare });
      return lone.sent()[0]?.original;
    };
    expect(atomic('RC_FETCH_ADD', 100, 2n ** 64n - 1n, 0n)).toBe(0n);
    expect(bytesAt(lone, 64, 8)).toEqual(Array(8).fill(255));
    expect(atomic('RC_FETCH_ADD', 101, 3n, 0n)).toBe(2n ** 64n - 1n);
    expect(bytesAt(lone, 64, 8)).toEqual([2, 0, 0, 0, 0, 0, 0, 0]);
    expect(atomic('RC_COMPARE_SWAP', 102, 0x0102n, 9n)).toBe(2n);
    expect(bytesAt(lone, 64, 2)).toEqual([2, 0]);
    expect(atomic('RC_COMPARE_SWAP', 103, 0x0102n, 2n)).toBe(2n);
    expect(bytesAt(lone, 64, 2)).toEqual([2, 1]);
  });
  test('RC-50: ATOMIC WRITE and FLUSH are answered by an empty READ response', () => {
    const lone = new Lone({ access: 15 | ACCESS.FLUSH_GLOBAL, qpAccess: 15 | ACCESS.FLUSH_GLOBAL });
    const payload = pattern(8, 5);
    expect(lone.exchange('RC_ATOMIC_WRITE', 100, to(lone, 8, 8, { payload }))).toEqual(['READ_RESPONSE_ONLY 100']);
    expect(lone.bytes.subarray(8, 16)).toEqual(payload);
    expect(lone.exchange('RC_FLUSH', 101, to(lone, 0, 100, { placementType: 1 }))).toEqual(['READ_RESPONSE_ONLY 101']);
  });
});

describe('RC-51, RC-52: requests ahead', () => {
  test('RC-51, RC-52: a gap is NAKed once, with the expected PSN, and nothing behind it is executed', () => {
    const lone = new Lone();
    lone.recv(1);
    const said = [101, 102, 103].flatMap((psn) => lone.exchange('RC_SEND_ONLY', psn, ASK));
    expect(said).toEqual(['PSN_SEQUENCE_ERROR 100']);
    expect(lone.done()).toEqual([]);
    expect(lone.exchange('RC_SEND_ONLY', 100, ASK)).toEqual(['ACK 100']);
  });
  test('RC-52: the next gap is NAKed again', () => {
    const lone = new Lone();
    lone.recv(1);
    lone.exchange('RC_SEND_ONLY', 101);
    lone.exchange('RC_SEND_ONLY', 100);
    expect(lone.exchange('RC_SEND_ONLY', 102)).toEqual(['PSN_SEQUENCE_ERROR 101']);
  });
  test('RC-51: the furthest ahead is 2^23 - 1', () => {
    const lone = new Lone();
    expect(lone.exchange('RC_SEND_ONLY', 100 + 2 ** 23 - 1, ASK)).toEqual(['PSN_SEQUENCE_ERROR 100']);
  });
});

describe('RC-53, RC-54, RC-55, RC-56: duplicates', () => {
  test('RC-53: the midpoint is behind', () => {
    const lone = new Lone();
    expect(lone.exchange('RC_SEND_ONLY', 100 + 2 ** 23, ASK)).toEqual(['ACK 99']);
  });
  test('RC-54: a SEND or WRITE that comes again is not executed; with AckReq it is answered by an ACK of the last PSN', () => {
    const lone = new Lone();
    lone.recv(1, 0);
    lone.recv(2, 256);
    lone.get('RC_SEND_ONLY', 100, { payload: new Uint8Array(4).fill(1) });
    lone.get('RC_WRITE_ONLY', 101, to(lone, 512, 4, { payload: new Uint8Array(4).fill(2) }));
    lone.done();
    lone.sent();
    expect(lone.exchange('RC_SEND_ONLY', 100, { payload: new Uint8Array(4).fill(9), ...ASK })).toEqual(['ACK 101']);
    expect(lone.exchange('RC_SEND_ONLY', 100, { payload: new Uint8Array(4).fill(9) })).toEqual([]);
    expect(lone.exchange('RC_WRITE_ONLY', 101, to(lone, 512, 4, { payload: new Uint8Array(4).fill(9) }))).toEqual([
      'ACK 101',
    ]);
    expect([lone.done(), lone.bytes[0], lone.bytes[512]]).toEqual([[], 1, 2]);
    expect(responder(lone).expectedPsn).toBe(102);
  });
  test('RC-55: a READ that comes again is answered again, from memory as it is now', () => {
    const lone = new Lone();
    lone.get('RC_READ_REQUEST', 100, to(lone, 0, 600));
    lone.sent();
    lone.bytes.fill(7);
    lone.get('RC_READ_REQUEST', 101, to(lone, 256, 344));
    const again = lone.sent();
    expect(again).toMatchObject([
      { opcode: 'RC_READ_RESPONSE_FIRST', psn: 101 },
      { opcode: 'RC_READ_RESPONSE_LAST', psn: 102 },
    ]);
    expect(again[0]?.payload).toEqual(new Uint8Array(256).fill(7));
    expect(responder(lone).expectedPsn).toBe(103);
  });
  test.each([
    ['another key', (lone: Lone) => to(lone, 100, 256, { rkey: rkey(1) })],
    ['bytes before', (lone: Lone) => to(lone, 99, 256)],
    ['bytes behind', (lone: Lone) => to(lone, 100, 601)],
  ])('RC-55: a READ that comes again with %s is dropped', (_name, fields) => {
    const lone = new Lone();
    lone.get('RC_READ_REQUEST', 100, to(lone, 100, 600));
    lone.sent();
    expect(lone.exchange('RC_READ_REQUEST', 100, fields(lone))).toEqual([]);
    expect(lone.nic.counters.drops.NO_RESOURCE).toBe(1);
    expect(lone.state).toBe('RTS');
  });
  test('RC-56: an atomic that comes again is answered with the saved result and not executed', () => {
    const lone = new Lone();
    const fetchAdd = (): readonly bigint[] => {
      lone.get('RC_FETCH_ADD', 100, { ...to(lone, 0, 0), swapAdd: 5n });
      return lone.sent().map(({ original }) => original);
    };
    lone.bytes[0] = 3;
    expect([fetchAdd(), fetchAdd(), fetchAdd()]).toEqual([[3n], [3n], [3n]]);
    expect(lone.bytes[0]).toBe(8);
  });
  test('RC-56: an ATOMIC WRITE that comes again is answered and not executed', () => {
    const lone = new Lone();
    lone.get('RC_ATOMIC_WRITE', 100, to(lone, 0, 8, { payload: new Uint8Array(8).fill(1) }));
    lone.bytes.fill(2, 0, 8);
    lone.sent();
    const again = to(lone, 0, 8, { payload: new Uint8Array(8).fill(1) });
    expect(lone.exchange('RC_ATOMIC_WRITE', 100, again)).toEqual(['READ_RESPONSE_ONLY 100']);
    expect(lone.bytes[0]).toBe(2);
  });
  test('RC-56, RC-58: only the last MAX_DEST_RD_ATOMIC are kept', () => {
    const lone = new Lone({ rtr: { maxDestRdAtomic: 2 } });
    for (const psn of [100, 101, 102]) lone.get('RC_FETCH_ADD', psn, { ...to(lone, 0, 0), swapAdd: 1n });
    lone.sent();
    const said = [100, 101, 102].flatMap((psn) =>
      lone.exchange('RC_FETCH_ADD', psn, { ...to(lone, 0, 0), swapAdd: 1n }),
    );
    expect(said).toEqual(['ATOMIC_ACKNOWLEDGE 101', 'ATOMIC_ACKNOWLEDGE 102']);
    expect(lone.bytes[0]).toBe(3);
  });
});

test('RC-59: the MSN counts completed messages; a READ counts when accepted', () => {
  const lone = new Lone();
  lone.recv(1);
  lone.get('RC_SEND_FIRST', 100, { payload: MTU, ...ASK });
  lone.get('RC_SEND_LAST', 101, { payload: MTU, ...ASK });
  lone.get('RC_READ_REQUEST', 102, to(lone, 0, 300));
  lone.get('RC_FETCH_ADD', 104, to(lone, 0, 0));
  // The middle and end of a READ response carry an AETH only where the table says.
  expect(lone.sent().map(({ msn }) => msn)).toEqual([0, 1, 2, 2, 3]);
});

test('RC-59: the MSN wraps', () => {
  const lone = new Lone();
  responder(lone).msn = 0xffffff;
  lone.recv(1);
  lone.get('RC_SEND_ONLY', 100, ASK);
  expect(lone.sent()[0]?.msn).toBe(0);
});

describe('RC-70: order of answers', () => {
  test('RC-70: an ACK does not overtake the rest of a long READ response', () => {
    const lone = new Lone();
    lone.recv(1);
    const length = 256 * 100;
    lone.get('RC_READ_REQUEST', 100, to(lone, 0, length));
    lone.get('RC_SEND_ONLY', 200, ASK);
    lone.nic.tick(0);
    const said = lone.said();
    expect(said).toHaveLength(101);
    expect(said.at(-2)).toBe('READ_RESPONSE_LAST 199');
    expect(said.at(-1)).toBe('ACK 200');
  });
  test('RC-69, RC-70: a fatal NAK waits for the READ response before it', () => {
    const lone = new Lone();
    lone.get('RC_READ_REQUEST', 100, to(lone, 0, 256 * 200));
    lone.get('RC_SEND_MIDDLE', 300, { payload: MTU });
    // Too late: the refusal stands, though it has not left yet.
    lone.recv(1);
    lone.get('RC_SEND_ONLY', 300, ASK);
    lone.nic.tick(0);
    expect(lone.said().at(-1)).toBe('INVALID_REQUEST 300');
    expect(lone.done()).toEqual(['1 WR_FLUSH_ERR']);
    expect(lone.state).toBe('ERR');
  });
  test('RC-55, RC-70: a READ that is asked for again while it is being answered begins again, once', () => {
    const lone = new Lone();
    lone.get('RC_READ_REQUEST', 100, to(lone, 0, 256 * 100));
    lone.sent();
    lone.get('RC_READ_REQUEST', 100, to(lone, 0, 256 * 100));
    lone.nic.tick(0);
    expect(lone.sent().map(({ psn }) => psn)).toEqual(Array.from({ length: 100 }, (_, i) => 100 + i));
  });
});

test('RC-58: a smaller MAX_DEST_RD_ATOMIC gives up the oldest results', () => {
  const lone = new Lone();
  for (let psn = 100; psn < 104; psn++) lone.exchange('RC_FETCH_ADD', psn, to(lone, 0, 0));
  unwrap(modifyQp(lone.qp, { qpState: 'SQD' }));
  unwrap(modifyQp(lone.qp, { qpState: 'SQD', maxDestRdAtomic: 2 }));
  lone.exchange('RC_FETCH_ADD', 104, to(lone, 0, 0));
  const again = [102, 103, 104].flatMap((psn) => lone.exchange('RC_FETCH_ADD', psn, to(lone, 0, 0)));
  expect(again).toEqual(['ATOMIC_ACKNOWLEDGE 103', 'ATOMIC_ACKNOWLEDGE 104']);
});

test('RC-72: an answer carries the credit code of the receives that are left', () => {
  const lone = new Lone();
  for (let wrId = 0; wrId < 40; wrId++) lone.recv(wrId);
  const credits: number[] = [];
  for (let i = 0; i < 40; i++) {
    lone.get('RC_SEND_ONLY', 100 + i, ASK);
    const [packet] = lone.sent();
    if (packet?.syndrome.kind === 'ACK') credits.push(packet.syndrome.credit);
  }
  expect(credits).toEqual(Array.from({ length: 40 }, (_, i) => creditCode(39 - i)));
});

test('RC-72: a QP with an SRQ gives none', () => {
  const lone = new Lone({ srq: true });
  if (lone.srq === undefined) throw new Error('an SRQ was asked for');
  unwrap(postSrqRecv(lone.srq, { wrId: 1 }));
  lone.get('RC_SEND_ONLY', 100, ASK);
  expect(lone.sent()[0]?.syndrome).toMatchObject({ kind: 'ACK', credit: 31 });
});
