// Mistakes, failures and events on both kinds of device.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ackCqEvents,
  asyncEvents,
  createAh,
  destroyCq,
  modifyQp,
  openUdpDevice,
  pollCq,
  postRecv,
  postSend,
  queryQp,
  reqNotifyCq,
  type SendWr,
  TransportError,
  unwrap,
} from '../../impl/index.ts';
import { completionsOf, connected, type End, KINDS, QKEY, type Stage, until } from './stage.ts';

/** Everything of an end that a refused call could have changed. */
const stateOf = ({ qp, cq, bytes, context }: End): unknown => ({
  query: unwrap(queryQp(qp)),
  queued: [qp.engine.sq.head, qp.engine.sq.begun, qp.engine.sq.tail, qp.engine.rq.count],
  completions: cq.queue.count,
  bytes: bytes.slice(),
  events: context.asyncEvents.length,
});

describe.each(KINDS)('a device %s', (name, open) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await open();
  });
  afterAll(() => stage.close());

  const refusals: readonly (readonly [string, string, (a: End) => ReturnType<typeof postSend>])[] = [
    ['a negative wrId', 'EINVAL', (a) => postSend(a.qp, { wrId: -1, opcode: 'SEND' })],
    [
      'too many pieces',
      'EINVAL',
      (a) => postRecv(a.qp, { wrId: 1, sgList: [0, 1, 2, 3, 4].flatMap((i) => a.piece(i, 1)) }),
    ],
    [
      'an atomic of 4 bytes',
      'EINVAL',
      (a) =>
        postSend(a.qp, {
          wrId: 1,
          opcode: 'ATOMIC_FETCH_AND_ADD',
          compareAdd: 1n,
          sgList: a.piece(0, 4),
          remoteAddr: 0,
          rkey: 0,
        }),
    ],
    [
      'too much inline',
      'EINVAL',
      (a) => postSend(a.qp, { wrId: 1, opcode: 'SEND', inline: true, sgList: a.piece(0, 65) }),
    ],
    ['RTS to INIT', 'EINVAL', (a) => modifyQp(a.qp, { qpState: 'INIT', pkeyIndex: 0, portNum: 1, qpAccessFlags: 0 })],
    ['a retry count of 8', 'EINVAL', (a) => modifyQp(a.qp, { retryCnt: 8 })],
    ['a CQ in use', 'EBUSY', (a) => destroyCq(a.cq)],
  ];

  test.each(refusals)('VRB-1: %s is refused with %s, and nothing is changed', (_what, errno, call) => {
    const [a] = connected(stage, 'RC');
    const before = stateOf(a);
    const result = call(a);
    expect(result.ok ? 'accepted' : result.error.errno).toBe(errno);
    expect(stateOf(a)).toEqual(before);
  });

  test('VRB-44: a full send queue refuses with ENOMEM what comes next', () => {
    const [a] = connected(stage, 'RC');
    for (let wrId = 0; wrId < 32; wrId++) unwrap(postSend(a.qp, { wrId, opcode: 'SEND' }));
    const result = postSend(a.qp, { wrId: 32, opcode: 'SEND' });
    expect(result.ok ? 'accepted' : result.error.errno).toBe('ENOMEM');
    unwrap(modifyQp(a.qp, { qpState: 'RESET' }));
  });

  const faults: readonly (readonly [string, string, string, (a: End, b: End) => SendWr])[] = [
    [
      'a wrong rkey',
      'REM_ACCESS_ERR',
      'QP_ACCESS_ERR',
      (a, b) => ({ wrId: 1, opcode: 'RDMA_WRITE', sgList: a.piece(0, 8), ...b.place(0), rkey: b.mr.rkey ^ 1 }),
    ],
    [
      'a READ past the region',
      'REM_ACCESS_ERR',
      'QP_ACCESS_ERR',
      (a, b) => ({ wrId: 1, opcode: 'RDMA_READ', sgList: a.piece(0, 8), ...b.place(65530) }),
    ],
    [
      'an atomic off its alignment',
      'REM_INV_REQ_ERR',
      'QP_REQ_ERR',
      (a, b) => ({ wrId: 1, opcode: 'ATOMIC_FETCH_AND_ADD', compareAdd: 1n, sgList: a.piece(0, 8), ...b.place(4) }),
    ],
  ];

  test.each(faults)('RC-36: %s fails with %s, and the peer hears %s', async (_what, status, event, request) => {
    const [a, b] = connected(stage, 'RC');
    const before = b.bytes.slice();
    unwrap(postRecv(b.qp, { wrId: 3 }));
    unwrap(postSend(a.qp, request(a, b)));
    unwrap(postSend(a.qp, { wrId: 2, opcode: 'SEND' }));
    expect(await completionsOf(a, 2)).toMatchObject([
      { wrId: 1, status },
      { wrId: 2, status: 'WR_FLUSH_ERR' },
    ]);
    expect(await completionsOf(b, 1)).toMatchObject([{ wrId: 3, status: 'WR_FLUSH_ERR' }]);
    expect(b.bytes).toEqual(before);
    expect(b.context.getAsyncEvent()).toEqual({ type: event, qpNum: b.qp.qpNum });
    expect([unwrap(queryQp(a.qp)).qpState, unwrap(queryQp(b.qp)).qpState]).toEqual(['ERR', 'ERR']);
  });

  test('RC-11: a wrong lkey fails at home', async () => {
    const [a] = connected(stage, 'RC');
    unwrap(postSend(a.qp, { wrId: 1, opcode: 'SEND', sgList: [{ addr: a.mr.addr, length: 8, lkey: a.mr.lkey ^ 1 }] }));
    expect(await completionsOf(a, 1)).toMatchObject([{ wrId: 1, status: 'LOC_PROT_ERR' }]);
  });

  test('RC-65: a SEND longer than the receive fails at both ends', async () => {
    const [a, b] = connected(stage, 'RC');
    unwrap(postRecv(b.qp, { wrId: 5, sgList: b.piece(0, 7) }));
    unwrap(postSend(a.qp, { wrId: 1, opcode: 'SEND', sgList: a.piece(0, 8) }));
    expect(await completionsOf(a, 1)).toMatchObject([{ wrId: 1, status: 'REM_INV_REQ_ERR' }]);
    expect(await completionsOf(b, 1)).toMatchObject([{ wrId: 5, status: 'LOC_LEN_ERR' }]);
  });

  test('RC-33: a SEND waits for a receive that is posted late', async () => {
    const [a, b] = connected(stage, 'RC');
    unwrap(postSend(a.qp, { wrId: 1, opcode: 'SEND', sgList: a.piece(0, 100), signaled: true }));
    await until(() => stage.devices[1].counters.tallies.rnrNaksSent > 0);
    unwrap(postRecv(b.qp, { wrId: 2, sgList: b.piece(0, 100) }));
    expect(await completionsOf(a, 1)).toMatchObject([{ wrId: 1, status: 'SUCCESS' }]);
    expect(await completionsOf(b, 1)).toMatchObject([{ wrId: 2, byteLen: 100 }]);
  });

  test('UD-11: a datagram with another Q_Key is dropped and counted', async () => {
    const [a, b] = connected(stage, 'UD');
    unwrap(postRecv(b.qp, { wrId: 1, sgList: b.piece(0, 100) }));
    const ah = unwrap(createAh(a.pd, { dgid: stage.addresses[1] }));
    const dropped = stage.devices[1].counters.drops.WRONG_QKEY;
    unwrap(postSend(a.qp, { wrId: 1, opcode: 'SEND', ud: { ah, remoteQpn: b.qp.qpNum, remoteQkey: QKEY + 1 } }));
    await until(() => stage.devices[1].counters.drops.WRONG_QKEY > dropped);
    expect(pollCq(b.cq)).toEqual([]);
  });

  test('VRB-26: an armed CQ gives its channel one event', async () => {
    const [a, b] = connected(stage, 'RC');
    unwrap(reqNotifyCq(b.cq));
    for (const wrId of [1, 2]) {
      unwrap(postRecv(b.qp, { wrId }));
      unwrap(postSend(a.qp, { wrId, opcode: 'SEND', signaled: true }));
    }
    await completionsOf(a, 2);
    expect(b.channel.getCqEvent()).toBe(b.cq);
    expect(b.channel.getCqEvent()).toBeUndefined();
    ackCqEvents(b.cq, 1);
  });

  test('VRB-29: no more events are acknowledged than have been taken', async () => {
    const [a, b] = connected(stage, 'RC');
    unwrap(reqNotifyCq(b.cq));
    unwrap(postRecv(b.qp, { wrId: 1 }));
    unwrap(postSend(a.qp, { wrId: 1, opcode: 'SEND' }));
    await until(() => b.cq.unacked === 1);
    expect(ackCqEvents(b.cq, 1)).toMatchObject({ ok: false, error: { errno: 'EINVAL' } });
    expect(b.channel.getCqEvent()).toBe(b.cq);
    for (const count of [2, -1, Number.NaN]) expect(ackCqEvents(b.cq, count).ok).toBe(false);
    unwrap(ackCqEvents(b.cq, 1));
    expect(ackCqEvents(b.cq, 1).ok).toBe(false);
  });

  test('QP-36: a drained send queue is an async event to wait for', async () => {
    const [a, b] = connected(stage, 'RC');
    unwrap(postRecv(b.qp, { wrId: 1 }));
    unwrap(postSend(a.qp, { wrId: 1, opcode: 'SEND' }));
    const stop = new AbortController();
    const events = asyncEvents(a.context, { signal: stop.signal });
    const next = events.next();
    unwrap(modifyQp(a.qp, { qpState: 'SQD', enSqdAsyncNotify: true }));
    expect((await next).value).toEqual({ type: 'SQ_DRAINED', qpNum: a.qp.qpNum });
    const last = events.next();
    stop.abort();
    expect((await last).done).toBe(true);
  });

  test('VRB-61: a program that polls moves the device by progress alone', async () => {
    const [a, b] = connected(stage, 'RC');
    unwrap(postRecv(b.qp, { wrId: 1 }));
    unwrap(postSend(a.qp, { wrId: 1, opcode: 'SEND', signaled: true }));
    let found = pollCq(a.cq);
    for (let spins = 0; found.length === 0 && spins < 100_000; spins++) {
      for (const device of stage.devices) device.progress();
      found = pollCq(a.cq);
    }
    expect(found).toMatchObject([{ wrId: 1, status: 'SUCCESS' }]);
  });

  // Addresses of a simulated network are not the machine's: the second device takes the address over.
  test.skipIf(name !== 'on UDP')('VRB-61: a taken address is refused with its errno name', async () => {
    const refused = openUdpDevice({ address: stage.addresses[0] });
    await expect(refused).rejects.toBeInstanceOf(TransportError);
    await expect(refused).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
