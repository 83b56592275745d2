// Every operation on both kinds of device: the same work, the same completions, the same bytes.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ACCESS,
  allocMw,
  bindMw,
  createAh,
  createSrq,
  incRkey,
  postRecv,
  postSend,
  postSrqRecv,
  type SendWr,
  type Srq,
  unwrap,
} from '../../impl/index.ts';
import { completionsOf, connected, type End, KINDS, pattern, QKEY, type Stage } from './stage.ts';

/** Posts signalled, and expects success. */
const succeeds = async (end: End, wr: SendWr) => {
  unwrap(postSend(end.qp, { ...wr, signaled: true }));
  const [wc] = await completionsOf(end, 1);
  expect(wc).toMatchObject({ wrId: wr.wrId, status: 'SUCCESS' });
  return wc;
};

const word = (bytes: Uint8Array, at: number): bigint => new DataView(bytes.buffer).getBigUint64(at, true);

describe.each(KINDS)('a device %s', (_name, open) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await open();
  });
  afterAll(() => stage.close());

  test.each([0, 1, 1024, 1025, 20000])('RC-3: RC SEND of %i bytes fills the receive', async (length) => {
    const [a, b] = connected(stage, 'RC');
    a.bytes.set(pattern(length));
    unwrap(postRecv(b.qp, { wrId: 7, sgList: b.piece(100, 20000) }));
    await succeeds(a, { wrId: 1, opcode: 'SEND', sgList: a.piece(0, length) });
    expect(await completionsOf(b, 1)).toMatchObject([{ wrId: 7, opcode: 'RECV', byteLen: length, imm: undefined }]);
    expect(b.bytes.subarray(100, 100 + length)).toEqual(pattern(length));
  });

  test('VRB-45: RC SEND gathers from pieces and scatters to pieces', async () => {
    const [a, b] = connected(stage, 'RC');
    a.bytes.set(pattern(3000));
    unwrap(postRecv(b.qp, { wrId: 1, sgList: [...b.piece(0, 10), ...b.piece(5000, 2000), ...b.piece(9000, 990)] }));
    const sgList = [...a.piece(0, 1500), ...a.piece(1500, 0), ...a.piece(1500, 1500)];
    await succeeds(a, { wrId: 1, opcode: 'SEND', sgList });
    await completionsOf(b, 1);
    const got = [b.bytes.subarray(0, 10), b.bytes.subarray(5000, 7000), b.bytes.subarray(9000, 9990)];
    expect(Buffer.concat(got)).toEqual(Buffer.from(pattern(3000)));
  });

  test('RC-9, VRB-21: work of every kind behind each other, a READ fenced, completes in order', async () => {
    const [a, b] = connected(stage, 'RC');
    a.bytes.set(pattern(20000));
    unwrap(postRecv(b.qp, { wrId: 100, sgList: b.piece(0, 20000) }));
    const add = {
      opcode: 'ATOMIC_FETCH_AND_ADD',
      compareAdd: 2n,
      sgList: a.piece(60000, 8),
      ...b.place(60000),
    } as const;
    const work: readonly SendWr[] = [
      { wrId: 1, opcode: 'SEND_WITH_IMM', imm: 9, sgList: a.piece(0, 20000) },
      { wrId: 2, opcode: 'RDMA_WRITE', sgList: a.piece(0, 5000), ...b.place(30000) },
      { wrId: 3, ...add },
      { wrId: 4, opcode: 'RDMA_READ', sgList: a.piece(40000, 5000), ...b.place(30000), fence: true },
      { wrId: 5, ...add },
    ];
    unwrap(
      postSend(
        a.qp,
        work.map((wr) => ({ ...wr, signaled: true })),
      ),
    );
    expect(await completionsOf(a, 5)).toMatchObject([1, 2, 3, 4, 5].map((wrId) => ({ wrId, status: 'SUCCESS' })));
    expect(await completionsOf(b, 1)).toMatchObject([{ wrId: 100, opcode: 'RECV', byteLen: 20000, imm: 9 }]);
    expect(b.bytes.subarray(0, 20000)).toEqual(pattern(20000));
    expect(a.bytes.subarray(40000, 45000)).toEqual(pattern(20000).subarray(0, 5000));
    expect([word(b.bytes, 60000), word(a.bytes, 60000)]).toEqual([4n, 2n]);
  });

  test('VRB-43: inline bytes are those at the time of posting', async () => {
    const [a, b] = connected(stage, 'RC');
    a.bytes.set(pattern(64));
    unwrap(postRecv(b.qp, { wrId: 1, sgList: b.piece(0, 64) }));
    unwrap(postSend(a.qp, { wrId: 1, opcode: 'SEND', sgList: a.piece(0, 64), inline: true, signaled: true }));
    a.bytes.fill(0);
    await completionsOf(a, 1);
    expect(b.bytes.subarray(0, 64)).toEqual(pattern(64));
  });

  test('RC-3: RC SEND with immediate shows the immediate', async () => {
    const [a, b] = connected(stage, 'RC');
    unwrap(postRecv(b.qp, { wrId: 1 }));
    await succeeds(a, { wrId: 1, opcode: 'SEND_WITH_IMM', imm: 0xdeadbeef });
    expect(await completionsOf(b, 1)).toMatchObject([{ opcode: 'RECV', byteLen: 0, imm: 0xdeadbeef }]);
  });

  test('VRB-53: RC SEND with invalidate closes the window it names', async () => {
    const [a, b] = connected(stage, 'RC');
    const mw = unwrap(allocMw(b.pd, 2));
    const rkey = incRkey(mw.rkey);
    const bind = { mr: b.mr, addr: b.mr.addr, length: 4096, access: ACCESS.REMOTE_WRITE };
    await succeeds(b, { wrId: 1, opcode: 'BIND_MW', mw, rkey, bind });
    await succeeds(a, { wrId: 2, opcode: 'RDMA_WRITE', sgList: a.piece(0, 8), remoteAddr: b.mr.addr, rkey });
    unwrap(postRecv(b.qp, { wrId: 3 }));
    await succeeds(a, { wrId: 4, opcode: 'SEND_WITH_INV', invalidateRkey: rkey });
    expect(await completionsOf(b, 1)).toMatchObject([{ wrId: 3, invalidatedRkey: rkey }]);
    unwrap(postSend(a.qp, { wrId: 5, opcode: 'RDMA_WRITE', sgList: a.piece(0, 8), remoteAddr: b.mr.addr, rkey }));
    expect(await completionsOf(a, 1)).toMatchObject([{ wrId: 5, status: 'REM_ACCESS_ERR' }]);
  });

  test('VRB-50: a WRITE through a type 1 window reaches what it was bound to', async () => {
    const [a, b] = connected(stage, 'RC');
    a.bytes.set(pattern(64));
    const mw = unwrap(allocMw(b.pd, 1));
    const bind = { mr: b.mr, addr: b.mr.addr + 512, length: 64, access: ACCESS.REMOTE_WRITE };
    const rkey = unwrap(bindMw(b.qp, mw, { wrId: 9, bind, signaled: true }));
    expect(await completionsOf(b, 1)).toMatchObject([{ wrId: 9, status: 'SUCCESS', opcode: 'BIND_MW' }]);
    const remoteAddr = b.mr.addr + 512;
    await succeeds(a, { wrId: 1, opcode: 'RDMA_WRITE', sgList: a.piece(0, 64), remoteAddr, rkey });
    expect(b.bytes.subarray(512, 576)).toEqual(pattern(64));
  });

  test.each([0, 1, 1024, 1025, 20000])(
    'RC-3: RDMA WRITE of %i bytes changes memory and nothing else',
    async (length) => {
      const [a, b] = connected(stage, 'RC');
      a.bytes.set(pattern(length));
      await succeeds(a, { wrId: 1, opcode: 'RDMA_WRITE', sgList: a.piece(0, length), ...b.place(300) });
      expect(b.bytes.subarray(300, 300 + length)).toEqual(pattern(length));
      expect(b.bytes.subarray(0, 300).some((byte) => byte !== 0)).toBe(false);
      expect(b.bytes.subarray(300 + length).some((byte) => byte !== 0)).toBe(false);
      expect(b.cq.queue.count).toBe(0);
    },
  );

  test('RC-3: RDMA WRITE with immediate takes a receive', async () => {
    const [a, b] = connected(stage, 'RC');
    a.bytes.set(pattern(3000));
    unwrap(postRecv(b.qp, { wrId: 5 }));
    await succeeds(a, { wrId: 1, opcode: 'RDMA_WRITE_WITH_IMM', imm: 3, sgList: a.piece(0, 3000), ...b.place(0) });
    expect(await completionsOf(b, 1)).toMatchObject([{ wrId: 5, opcode: 'RECV_RDMA_WITH_IMM', byteLen: 3000, imm: 3 }]);
    expect(b.bytes.subarray(0, 3000)).toEqual(pattern(3000));
  });

  test.each([0, 1, 1024, 1025, 20000])('RC-13: RDMA READ of %i bytes brings what is there', async (length) => {
    const [a, b] = connected(stage, 'RC');
    b.bytes.set(pattern(length), 200);
    const wc = await succeeds(a, { wrId: 1, opcode: 'RDMA_READ', sgList: a.piece(10, length), ...b.place(200) });
    expect(wc).toMatchObject({ opcode: 'RDMA_READ', byteLen: length });
    expect(a.bytes.subarray(10, 10 + length)).toEqual(pattern(length));
  });

  test('VRB-46: COMPARE_SWAP swaps where it compares equal, and answers what was there', async () => {
    const [a, b] = connected(stage, 'RC');
    new DataView(b.bytes.buffer).setBigUint64(64, 5n, true);
    const swap = (compareAdd: bigint, to: bigint): SendWr => ({
      wrId: 1,
      opcode: 'ATOMIC_CMP_AND_SWP',
      compareAdd,
      swap: to,
      sgList: a.piece(0, 8),
      ...b.place(64),
    });
    expect(await succeeds(a, swap(4n, 9n))).toMatchObject({ opcode: 'COMP_SWAP' });
    expect([word(a.bytes, 0), word(b.bytes, 64)]).toEqual([5n, 5n]);
    await succeeds(a, swap(5n, 0xfedcba9876543210n));
    expect([word(a.bytes, 0), word(b.bytes, 64)]).toEqual([5n, 0xfedcba9876543210n]);
  });

  test('VRB-46: FETCH_ADD adds modulo 2^64 and answers what was there', async () => {
    const [a, b] = connected(stage, 'RC');
    new DataView(b.bytes.buffer).setBigUint64(8, 2n ** 64n - 1n, true);
    const add = { opcode: 'ATOMIC_FETCH_AND_ADD', compareAdd: 3n, sgList: a.piece(0, 8), ...b.place(8) } as const;
    expect(await succeeds(a, { wrId: 1, ...add })).toMatchObject({ opcode: 'FETCH_ADD' });
    expect([word(a.bytes, 0), word(b.bytes, 8)]).toEqual([2n ** 64n - 1n, 2n]);
  });

  test('RC-56: ATOMIC WRITE and FLUSH are answered', async () => {
    const [a, b] = connected(stage, 'RC');
    a.bytes.set(pattern(8));
    await succeeds(a, { wrId: 1, opcode: 'ATOMIC_WRITE', sgList: a.piece(0, 8), ...b.place(16) });
    expect(b.bytes.subarray(16, 24)).toEqual(pattern(8));
    const range = { length: 8, placement: 'GLOBAL', selectivity: 'RANGE' } as const;
    await succeeds(a, { wrId: 2, opcode: 'FLUSH', ...range, ...b.place(16) });
  });

  test('RC-9: a fenced SEND carries what a READ before it has brought', async () => {
    const [a, b] = connected(stage, 'RC');
    b.bytes.set(pattern(4000));
    unwrap(postRecv(b.qp, { wrId: 9, sgList: b.piece(8000, 4000) }));
    unwrap(postSend(a.qp, { wrId: 1, opcode: 'RDMA_READ', sgList: a.piece(0, 4000), ...b.place(0) }));
    await succeeds(a, { wrId: 2, opcode: 'SEND', sgList: a.piece(0, 4000), fence: true });
    expect(b.bytes.subarray(8000, 12000)).toEqual(pattern(4000));
  });

  test('UC-2: UC SEND and WRITE with immediate arrive in order', async () => {
    const [a, b] = connected(stage, 'UC');
    a.bytes.set(pattern(5000));
    for (const wrId of [1, 2]) unwrap(postRecv(b.qp, { wrId, sgList: b.piece(0, 5000) }));
    await succeeds(a, { wrId: 1, opcode: 'SEND_WITH_IMM', imm: 1, sgList: a.piece(0, 5000) });
    const write = { opcode: 'RDMA_WRITE_WITH_IMM', imm: 2, sgList: a.piece(0, 3000), ...b.place(10000) } as const;
    await succeeds(a, { wrId: 2, ...write });
    expect(await completionsOf(b, 2)).toMatchObject([
      { wrId: 1, opcode: 'RECV', byteLen: 5000, imm: 1 },
      { wrId: 2, opcode: 'RECV_RDMA_WITH_IMM', byteLen: 3000, imm: 2 },
    ]);
    expect(b.bytes.subarray(0, 5000)).toEqual(pattern(5000));
    expect(b.bytes.subarray(10000, 13000)).toEqual(pattern(3000));
  });

  test('UD-12: UD SEND brings the sender behind 40 bytes of network header', async () => {
    const [a, b] = connected(stage, 'UD');
    a.bytes.set(pattern(1000));
    unwrap(postRecv(b.qp, { wrId: 1, sgList: b.piece(0, 1040) }));
    const ah = unwrap(createAh(a.pd, { dgid: stage.addresses[1] }));
    const ud = { ah, remoteQpn: b.qp.qpNum, remoteQkey: QKEY };
    await succeeds(a, { wrId: 1, opcode: 'SEND_WITH_IMM', imm: 4, sgList: a.piece(0, 1000), ud });
    expect(await completionsOf(b, 1)).toMatchObject([{ wrId: 1, byteLen: 1040, srcQp: a.qp.qpNum, grh: true, imm: 4 }]);
    expect(b.bytes.subarray(40, 1040)).toEqual(pattern(1000));
  });

  test('VRB-30: receives of an SRQ serve a QP in the order of their posting', async () => {
    let srq: Srq | undefined;
    const [a, b] = connected(stage, 'RC', (pd) => {
      srq = unwrap(createSrq(pd, { maxWr: 8, maxSge: 1, srqLimit: 2 }));
      return srq;
    });
    if (srq === undefined) throw new Error('an SRQ was made');
    for (const wrId of [11, 12, 13]) unwrap(postSrqRecv(srq, { wrId, sgList: b.piece(wrId * 100, 100) }));
    for (const wrId of [1, 2]) await succeeds(a, { wrId, opcode: 'SEND', sgList: a.piece(0, 50) });
    expect(await completionsOf(b, 2)).toMatchObject([{ wrId: 11 }, { wrId: 12 }]);
    expect(b.context.getAsyncEvent()).toEqual({ type: 'SRQ_LIMIT_REACHED', srq: srq.handle });
  });
});
