// Memory that a consumer gives away while it is registered: completions and answers, never an exception.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ACCESS,
  createAh,
  type Mr,
  postRecv,
  postSend,
  type QpType,
  regMr,
  type SendWr,
  type Sge,
  unwrap,
} from '../../impl/index.ts';
import { completionsOf, connected, type End, KINDS, pattern, QKEY, type Stage } from './stage.ts';

const OPEN = ACCESS.LOCAL_WRITE | ACCESS.REMOTE_READ | ACCESS.REMOTE_WRITE | ACCESS.REMOTE_ATOMIC;

type Doomed = { readonly mr: Mr; readonly giveAway: () => void };

/** A region of its own, and what takes its memory away for good. */
const doomed = ({ pd }: End, length = 4096): Doomed => {
  const bytes = new Uint8Array(length);
  const { buffer } = bytes;
  return {
    mr: unwrap(regMr(pd, bytes, OPEN)),
    giveAway: () => {
      structuredClone(buffer, { transfer: [buffer] });
    },
  };
};

const listOf = ({ addr, lkey }: Mr, length: number, offset = 0): readonly Sge[] => [
  { addr: addr + offset, length, lkey },
];
const placeOf = ({ addr, rkey }: Mr, offset = 0) => ({ remoteAddr: addr + offset, rkey });

const statusesOf = async (end: End, count = 1): Promise<readonly string[]> =>
  (await completionsOf(end, count)).map(({ wrId, status }) => `${wrId} ${status}`);

/** A buffer that can shrink and grow. The types of ES2023 do not have it, the engine does. */
const resizable = (length: number): { readonly bytes: Uint8Array; readonly resize: (to: number) => void } => {
  const buffer: ArrayBuffer = Reflect.construct(ArrayBuffer, [length, { maxByteLength: 2 * length }]);
  return { bytes: new Uint8Array(buffer), resize: (to) => Reflect.get(buffer, 'resize').call(buffer, to) };
};

describe.each(KINDS)('a device %s', (_name, open) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await open();
  });
  afterAll(() => stage.close());

  /** A SEND from a list, to where the QP's type needs it said. */
  const sendFrom = (a: End, b: End, qpType: QpType, sgList: readonly Sge[]): SendWr => {
    if (qpType !== 'UD') return { wrId: 1, opcode: 'SEND', sgList, signaled: true };
    const ah = unwrap(createAh(a.pd, { dgid: stage.addresses[1] }));
    const ud = { ah, remoteQpn: b.qp.qpNum, remoteQkey: QKEY };
    return { wrId: 1, opcode: 'SEND', sgList, signaled: true, ud };
  };

  test.each(['RC', 'UC', 'UD'] as const)('VRB-7: a %s SEND from memory that is gone fails at home', async (qpType) => {
    const [a, b] = connected(stage, qpType);
    const { mr, giveAway } = doomed(a);
    giveAway();
    unwrap(postSend(a.qp, sendFrom(a, b, qpType, listOf(mr, 100))));
    expect(await statusesOf(a)).toEqual(['1 LOC_PROT_ERR']);
  });

  test('VRB-7: a SEND whose memory goes while it is sent fails at home', async () => {
    const [a, b] = connected(stage, 'RC');
    const length = 1 << 20;
    const { mr, giveAway } = doomed(a, length);
    unwrap(postRecv(b.qp, { wrId: 2, sgList: listOf(doomed(b, length).mr, length) }));
    unwrap(postSend(a.qp, { wrId: 1, opcode: 'SEND', sgList: listOf(mr, length) }));
    stage.devices[0].progress();
    giveAway();
    expect(await statusesOf(a)).toEqual(['1 LOC_PROT_ERR']);
  });

  test.each(['RC', 'UC', 'UD'] as const)('VRB-7: a %s receive whose memory is gone fails', async (qpType) => {
    const [a, b] = connected(stage, qpType);
    const { mr, giveAway } = doomed(b);
    unwrap(postRecv(b.qp, { wrId: 2, sgList: listOf(mr, 200) }));
    giveAway();
    unwrap(postSend(a.qp, sendFrom(a, b, qpType, a.piece(0, 100))));
    expect(await statusesOf(b)).toEqual(['2 LOC_PROT_ERR']);
    expect(await statusesOf(a)).toEqual([qpType === 'RC' ? '1 REM_OP_ERR' : '1 SUCCESS']);
  });

  test.each(['RDMA_READ', 'ATOMIC_FETCH_AND_ADD'] as const)(
    'VRB-7: what %s brings for memory that is gone fails at home',
    async (opcode) => {
      const [a, b] = connected(stage, 'RC');
      const { mr, giveAway } = doomed(a);
      unwrap(postSend(a.qp, { wrId: 1, opcode, compareAdd: 1n, sgList: listOf(mr, 8), ...b.place(0) }));
      stage.devices[0].progress();
      giveAway();
      expect(await statusesOf(a)).toEqual(['1 LOC_PROT_ERR']);
    },
  );

  test.each(['RDMA_WRITE', 'RDMA_READ', 'ATOMIC_FETCH_AND_ADD'] as const)(
    'VRB-7, RC-66: %s of memory that the peer has given away fails with REM_ACCESS_ERR',
    async (opcode) => {
      const [a, b] = connected(stage, 'RC');
      const { mr, giveAway } = doomed(b);
      giveAway();
      unwrap(postSend(a.qp, { wrId: 1, opcode, compareAdd: 1n, sgList: a.piece(0, 8), ...placeOf(mr) }));
      expect(await statusesOf(a)).toEqual(['1 REM_ACCESS_ERR']);
      expect(b.context.getAsyncEvent()).toEqual({ type: 'QP_ACCESS_ERR', qpNum: b.qp.qpNum });
    },
  );

  test('VRB-7: a region whose buffer shrinks ends where the buffer does, and has what it grows by again', async () => {
    const [a, b] = connected(stage, 'RC');
    const { bytes, resize } = resizable(4096);
    const mr = unwrap(regMr(b.pd, bytes, OPEN));
    a.bytes.set(pattern(200));
    const write = async (wrId: number, offset: number, signaled = true): Promise<readonly string[]> => {
      unwrap(postSend(a.qp, { wrId, opcode: 'RDMA_WRITE', sgList: a.piece(0, 100), ...placeOf(mr, offset), signaled }));
      return statusesOf(a);
    };
    expect(await write(1, 1000)).toEqual(['1 SUCCESS']);
    resize(1000);
    expect(await write(2, 900)).toEqual(['2 SUCCESS']);
    resize(8192);
    expect(await write(3, 1000)).toEqual(['3 SUCCESS']);
    expect(bytes.subarray(900, 1100)).toEqual(Uint8Array.from({ length: 200 }, (_, i) => a.bytes[i % 100] ?? 0));
    // What the buffer has beyond the region was never registered.
    expect(await write(4, 4000)).toEqual(['4 REM_ACCESS_ERR']);
  });

  test('VRB-7: bytes behind the end of a shrunk buffer are refused', async () => {
    const [a, b] = connected(stage, 'RC');
    const { bytes, resize } = resizable(4096);
    const mr = unwrap(regMr(b.pd, bytes, OPEN));
    resize(1000);
    unwrap(postSend(a.qp, { wrId: 1, opcode: 'RDMA_READ', sgList: a.piece(0, 101), ...placeOf(mr, 900) }));
    expect(await statusesOf(a)).toEqual(['1 REM_ACCESS_ERR']);
  });

  test('VRB-7, VRB-43: inline data that is gone is refused at posting', () => {
    const [a] = connected(stage, 'RC');
    const { mr, giveAway } = doomed(a);
    giveAway();
    const result = postSend(a.qp, { wrId: 1, opcode: 'SEND', inline: true, sgList: listOf(mr, 8) });
    expect(result.ok ? 'accepted' : result.error.errno).toBe('EINVAL');
    expect(a.qp.engine.sq.head).toBe(0);
  });
});
