// Chapter 40: one suite, two kinds of device; and waiting instead of polling.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ACCESS,
  allocPd,
  asyncEvents,
  completions,
  createAh,
  createCompChannel,
  createCq,
  createQp,
  type IpAddress,
  ip,
  modifyQp,
  type Nic,
  pollCq,
  postRecv,
  postSend,
  type QpType,
  regMr,
  type SendWr,
  UdpHost,
  unwrap,
  World,
} from '../../impl/index.ts';
import { pattern } from './pair.ts';

/** Two devices and the passing of time. */
type Stage = {
  readonly nics: readonly [Nic, Nic];
  readonly addresses: readonly [IpAddress, IpAddress];
  readonly until: (done: () => boolean) => Promise<void>;
  readonly close: () => Promise<void>;
};

const simulated = async (): Promise<Stage> => {
  const addresses = [ip('10.0.0.1'), ip('10.0.0.2')] as const;
  const world = new World({ mode: 'timed', nics: addresses.map((address) => ({ addresses: [address] })) });
  return {
    addresses,
    nics: [world.nic(0), world.nic(1)],
    until: async (done) => {
      world.run(done);
    },
    close: async () => {},
  };
};

const overUdp = async (): Promise<Stage> => {
  const addresses = [ip('127.88.7.1'), ip('127.88.7.2')] as const;
  const [a, b] = await Promise.all([UdpHost.open({ address: addresses[0] }), UdpHost.open({ address: addresses[1] })]);
  return {
    addresses,
    nics: [a.nic, b.nic],
    until: async (done) => {
      while (!done()) await new Promise((resolve) => setImmediate(resolve));
    },
    close: async () => {
      await Promise.all([a.close(), b.close()]);
    },
  };
};

const MEMORY = 65536;

const makeEnd = (nic: Nic, qpType: QpType) => {
  const context = nic.open();
  const pd = unwrap(allocPd(context));
  const channel = unwrap(createCompChannel(context));
  const cq = unwrap(createCq(context, { cqe: 64, channel }));
  const bytes = new Uint8Array(MEMORY);
  const access = ACCESS.LOCAL_WRITE | ACCESS.REMOTE_READ | ACCESS.REMOTE_WRITE | ACCESS.REMOTE_ATOMIC;
  const mr = unwrap(regMr(pd, bytes, access));
  const qp = unwrap(createQp(pd, { qpType, sendCq: cq, recvCq: cq, cap: { maxSendWr: 32, maxRecvWr: 32 } }));
  const piece = (offset: number, length: number) => [{ addr: mr.addr + offset, length, lkey: mr.lkey }];
  return { context, pd, cq, bytes, mr, qp, piece };
};
type End = ReturnType<typeof makeEnd>;

const connectEnd = ({ qp }: End, peer: End, dgid: IpAddress): void => {
  const connected = qp.qpType !== 'UD';
  unwrap(
    modifyQp(qp, { qpState: 'INIT', pkeyIndex: 0, portNum: 1, ...(connected ? { qpAccessFlags: 15 } : { qkey: 7 }) }),
  );
  const to = { ahAttr: { dgid }, pathMtu: 1024, destQpNum: peer.qp.qpNum, rqPsn: 5 } as const;
  const reliable = qp.qpType === 'RC';
  unwrap(
    modifyQp(qp, {
      qpState: 'RTR',
      ...(connected ? to : {}),
      ...(reliable ? { maxDestRdAtomic: 4, minRnrTimer: 12 } : {}),
    }),
  );
  const limits = { timeout: 17, retryCnt: 7, rnrRetry: 7, maxRdAtomic: 4 };
  unwrap(modifyQp(qp, { qpState: 'RTS', sqPsn: 5, ...(reliable ? limits : {}) }));
};

const connected = (stage: Stage, qpType: QpType): readonly [End, End] => {
  const [a, b] = [makeEnd(stage.nics[0], qpType), makeEnd(stage.nics[1], qpType)];
  connectEnd(a, b, stage.addresses[1]);
  connectEnd(b, a, stage.addresses[0]);
  return [a, b];
};

/** Polls until so many completions are there. */
const wcsOf = async (stage: Stage, end: End, count: number) => {
  const wcs: ReturnType<typeof pollCq> = [];
  await stage.until(() => {
    wcs.push(...pollCq(end.cq, 64));
    return wcs.length >= count;
  });
  return wcs.map(({ wrId, status, opcode, byteLen, imm }) => ({ wrId, status, opcode, byteLen, imm }));
};

describe.each([
  ['in a simulated world', simulated],
  ['on UDP', overUdp],
] as const)('a device %s', (_name, open) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await open();
  });
  afterAll(async () => {
    await stage.close();
  });

  test('VRB-61: RC moves messages, memory and atomics', async () => {
    const [a, b] = connected(stage, 'RC');
    a.bytes.set(pattern(20000));
    const remote = { remoteAddr: b.mr.addr + 30000, rkey: b.mr.rkey };
    unwrap(postRecv(b.qp, { wrId: 100, sgList: b.piece(0, 20000) }));
    const work: readonly SendWr[] = [
      { wrId: 1, opcode: 'SEND_WITH_IMM', imm: 9, sgList: a.piece(0, 20000) },
      { wrId: 2, opcode: 'RDMA_WRITE', sgList: a.piece(0, 5000), ...remote },
      { wrId: 3, opcode: 'RDMA_READ', sgList: a.piece(40000, 5000), ...remote, fence: true },
      {
        wrId: 4,
        opcode: 'ATOMIC_FETCH_AND_ADD',
        compareAdd: 2n,
        sgList: a.piece(60000, 8),
        rkey: b.mr.rkey,
        remoteAddr: b.mr.addr + 60000,
      },
    ];
    for (const wr of work) unwrap(postSend(a.qp, { signaled: true, ...wr }));
    expect(await wcsOf(stage, a, 4)).toMatchObject([1, 2, 3, 4].map((wrId) => ({ wrId, status: 'SUCCESS' })));
    expect(await wcsOf(stage, b, 1)).toEqual([
      { wrId: 100, status: 'SUCCESS', opcode: 'RECV', byteLen: 20000, imm: 9 },
    ]);
    expect(b.bytes.subarray(0, 20000)).toEqual(pattern(20000));
    expect(a.bytes.subarray(40000, 45000)).toEqual(pattern(20000).subarray(0, 5000));
    expect(b.bytes[60000]).toBe(2);
  });

  test('VRB-61: a refused request fails at both ends alike', async () => {
    const [a, b] = connected(stage, 'RC');
    unwrap(postRecv(b.qp, { wrId: 100 }));
    unwrap(
      postSend(a.qp, {
        wrId: 1,
        opcode: 'RDMA_WRITE',
        sgList: a.piece(0, 8),
        remoteAddr: b.mr.addr,
        rkey: b.mr.rkey ^ 1,
      }),
    );
    expect(await wcsOf(stage, a, 1)).toMatchObject([{ wrId: 1, status: 'REM_ACCESS_ERR' }]);
    expect(await wcsOf(stage, b, 1)).toMatchObject([{ wrId: 100, status: 'WR_FLUSH_ERR' }]);
    expect(b.context.getAsyncEvent()).toMatchObject({ type: 'QP_ACCESS_ERR' });
  });

  test('VRB-61: UC and UD move messages', async () => {
    const [a, b] = connected(stage, 'UC');
    a.bytes.set(pattern(3000));
    unwrap(postRecv(b.qp, { wrId: 1, sgList: b.piece(0, 3000) }));
    unwrap(postSend(a.qp, { wrId: 2, opcode: 'SEND', sgList: a.piece(0, 3000), signaled: true }));
    expect(await wcsOf(stage, b, 1)).toMatchObject([{ wrId: 1, byteLen: 3000 }]);
    expect(b.bytes.subarray(0, 3000)).toEqual(pattern(3000));
    const [c, d] = connected(stage, 'UD');
    c.bytes.set(pattern(100));
    unwrap(postRecv(d.qp, { wrId: 3, sgList: d.piece(0, 200) }));
    const ah = unwrap(createAh(c.pd, { dgid: stage.addresses[1] }));
    unwrap(
      postSend(c.qp, {
        wrId: 4,
        opcode: 'SEND',
        sgList: c.piece(0, 100),
        ud: { ah, remoteQpn: d.qp.qpNum, remoteQkey: 7 },
      }),
    );
    expect(await wcsOf(stage, d, 1)).toMatchObject([{ wrId: 3, byteLen: 140 }]);
    expect(d.bytes.subarray(40, 140)).toEqual(pattern(100));
  });

  test('VRB-26: completions and async events can be waited for', async () => {
    const [a, b] = connected(stage, 'RC');
    const stop = new AbortController();
    const received: number[] = [];
    const reading = (async () => {
      for await (const { wrId } of completions(b.cq, { signal: stop.signal })) received.push(wrId);
    })();
    const events: string[] = [];
    const listening = (async () => {
      for await (const { type } of asyncEvents(a.context, { signal: stop.signal })) events.push(type);
    })();
    for (const wrId of [1, 2, 3]) {
      unwrap(postRecv(b.qp, { wrId }));
      unwrap(postSend(a.qp, { wrId, opcode: 'SEND' }));
      await stage.until(() => b.cq.queue.count > 0 || received.length >= wrId);
      await new Promise((resolve) => setImmediate(resolve));
    }
    unwrap(modifyQp(a.qp, { qpState: 'SQD', enSqdAsyncNotify: true }));
    await stage.until(() => a.qp.engine.draining === 'DRAINED');
    await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    await Promise.all([reading, listening]);
    expect([received, events]).toEqual([[1, 2, 3], ['SQ_DRAINED']]);
  });
});
