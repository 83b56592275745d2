// What programs do now and then, on both kinds of device.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAh, postRecv, postSend, type QpType, type SendWr, type Sge, unwrap } from '../../impl/index.ts';
import { completionsOf, connected, KINDS, pattern, QKEY, type Stage } from './stage.ts';

/** A piece of no bytes names no memory: its address and lkey may be anything. */
const NOTHING: Sge = { addr: 0, length: 0, lkey: 0xffffffff };

describe.each(KINDS)('a device %s', (_name, open) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await open();
  });
  afterAll(() => stage.close());

  test.each<QpType>(['RC', 'UC', 'UD'])('VRB-61: two %s QPs of one device talk to each other', async (qpType) => {
    const [device] = stage.devices;
    const [here] = stage.addresses;
    const [a, b] = connected({ ...stage, devices: [device, device], addresses: [here, here] }, qpType);
    a.bytes.set(pattern(100));
    unwrap(postRecv(b.qp, { wrId: 1, sgList: b.piece(0, 140) }));
    const ah = unwrap(createAh(a.pd, { dgid: here }));
    const ud = qpType === 'UD' ? { ud: { ah, remoteQpn: b.qp.qpNum, remoteQkey: QKEY } } : {};
    const wr: SendWr = { wrId: 2, opcode: 'SEND', sgList: a.piece(0, 100), signaled: true, ...ud };
    unwrap(postSend(a.qp, wr));
    expect(await completionsOf(b, 1)).toMatchObject([{ wrId: 1, status: 'SUCCESS' }]);
    expect(await completionsOf(a, 1)).toMatchObject([{ wrId: 2, status: 'SUCCESS' }]);
    const at = qpType === 'UD' ? 40 : 0;
    expect(b.bytes.subarray(at, at + 100)).toEqual(pattern(100));
  });

  test('VRB-45: pieces of no bytes stand anywhere in a list and name no memory', async () => {
    const [a, b] = connected(stage, 'RC');
    a.bytes.set(pattern(3000));
    unwrap(postRecv(b.qp, { wrId: 1, sgList: [NOTHING, ...b.piece(0, 1000), NOTHING, ...b.piece(5000, 2000)] }));
    const sgList = [...a.piece(0, 1500), NOTHING, ...a.piece(1500, 1500), NOTHING];
    unwrap(postSend(a.qp, { wrId: 2, opcode: 'SEND', sgList, signaled: true }));
    expect(await completionsOf(b, 1)).toMatchObject([{ status: 'SUCCESS', byteLen: 3000 }]);
    expect([...b.bytes.subarray(0, 1000), ...b.bytes.subarray(5000, 7000)]).toEqual([...pattern(3000)]);
    const read = [NOTHING, ...a.piece(10000, 700), NOTHING, ...a.piece(20000, 800)];
    unwrap(postSend(a.qp, { wrId: 3, opcode: 'RDMA_READ', sgList: read, ...b.place(5000), signaled: true }));
    expect(await completionsOf(a, 2)).toMatchObject([{ wrId: 2 }, { wrId: 3, status: 'SUCCESS' }]);
    expect([...a.bytes.subarray(10000, 10700), ...a.bytes.subarray(20000, 20800)]).toEqual([
      ...b.bytes.subarray(5000, 6500),
    ]);
  });
});
