// Chapter 20: a QP that has been used, in ERR, in RESET and in its next life.
import { describe, expect, test } from 'vitest';
import {
  createAh,
  createCq,
  createQp,
  modifyQp,
  pollCq,
  postRecv,
  postSend,
  type QpAttr,
  type QpType,
  queryQp,
  unwrap,
} from '../../impl/index.ts';
import { NEVER } from '../../impl/qp/instant.ts';
import { captureQp } from '../../impl/verbs/migrate-qp.ts';
import { rnrNak } from '../../impl/wire/syndrome.ts';
import { Lone, PEER, QKEY } from './lone.ts';
import { INIT_ATTR, rtrAttr, rtsAttr } from './pair.ts';
import { ASK, acked, engine, MTU, naked, outstanding, REMOTE, to } from './rc-stage.ts';

const reconnect = (lone: Lone): void => {
  unwrap(modifyQp(lone.qp, { ...INIT_ATTR, qpAccessFlags: 15 }));
  unwrap(modifyQp(lone.qp, rtrAttr({ ...lone.qp, qpNum: 0x777 }, PEER, 256, 100)));
  unwrap(modifyQp(lone.qp, rtsAttr(100)));
};

/** Work of every kind, at every stage: sent and not, refused, half arrived, kept, waiting to be answered. */
const use = (lone: Lone): void => {
  for (let wrId = 1; wrId <= 4; wrId++) lone.recv(wrId);
  lone.send({ wrId: 5, opcode: 'SEND' });
  lone.send({ wrId: 6, opcode: 'RDMA_READ', sgList: [lone.piece(0, 1000)], ...REMOTE });
  lone.send({ wrId: 7, opcode: 'SEND', fence: true });
  naked(lone, 100);
  lone.get('RC_SEND_ONLY', 100, ASK);
  lone.get('RC_FETCH_ADD', 101, to(lone, 0, 8));
  lone.get('RC_READ_REQUEST', 102, to(lone, 0, 256 * 100));
  lone.get('RC_SEND_FIRST', 202, { payload: MTU });
  lone.get('RC_SEND_MIDDLE', 205, { payload: MTU });
  lone.get('RC_ACKNOWLEDGE', 100, { syndrome: rnrNak(31) });
};

/** What the QP is, without what only goes on counting. */
const isNow = (lone: Lone): unknown => captureQp(lone.qp, lone.now);

describe('QP-2, QP-42: RESET', () => {
  test.each<readonly QpAttr[]>([[[]], [[{ qpState: 'ERR' }]], [[{ qpState: 'SQD', enSqdAsyncNotify: true }]]] as never)(
    'QP-42: a used QP that has come to RESET, by %j, is as a new one',
    (way) => {
      const lone = new Lone();
      use(lone);
      for (const attr of [way].flat()) unwrap(modifyQp(lone.qp, attr));
      unwrap(modifyQp(lone.qp, { qpState: 'RESET' }));
      expect(isNow(lone)).toEqual(isNow(new Lone({ state: 'RESET' })));
      expect([lone.qp.engine.path, engine(lone).responder.outbox.answers]).toEqual([undefined, []]);
      lone.nic.tick(0);
      lone.said();
      reconnect(lone);
      expect(isNow(lone)).toEqual(isNow(new Lone()));
    },
  );

  test('QP-42: what had arrived in part is forgotten, and what was posted', () => {
    const lone = new Lone();
    for (const wrId of [1, 2]) lone.recv(wrId);
    lone.get('RC_SEND_FIRST', 100, { payload: MTU });
    unwrap(modifyQp(lone.qp, { qpState: 'ERR' }));
    expect(lone.done()).toEqual(['1 WR_FLUSH_ERR', '2 WR_FLUSH_ERR']);
    unwrap(modifyQp(lone.qp, { qpState: 'RESET' }));
    reconnect(lone);
    expect(lone.exchange('RC_SEND_ONLY', 100, ASK)).toEqual(['RNR 12 100']);
    lone.recv(3);
    expect([lone.exchange('RC_SEND_ONLY', 100, ASK), lone.done()]).toEqual([['ACK 100'], ['3 SUCCESS']]);
  });

  test.each<QpType>(['UC', 'UD'])('QP-42: so it is with a %s QP', (qpType) => {
    const lone = new Lone({ qpType });
    for (let wrId = 1; wrId <= 3; wrId++) lone.recv(wrId);
    if (qpType === 'UC') {
      unwrap(postSend(lone.qp, { wrId: 4, opcode: 'SEND', sgList: [lone.piece(0, 1000)] }));
      lone.nic.tick(0, 2);
      lone.get('UC_SEND_FIRST', 100, { payload: MTU });
    }
    unwrap(modifyQp(lone.qp, { qpState: 'RESET' }));
    expect(isNow(lone)).toEqual(isNow(new Lone({ qpType, state: 'RESET' })));
    expect(lone.done()).toEqual([]);
    if (qpType === 'UD') unwrap(modifyQp(lone.qp, { ...INIT_ATTR, qkey: QKEY }));
  });
});

test('QP-11, RC-42: no timer of a QP in ERR runs, not that of a wait for its receiver either', () => {
  const lone = outstanding(1);
  lone.get('RC_ACKNOWLEDGE', 100, { syndrome: rnrNak(31) });
  unwrap(modifyQp(lone.qp, { qpState: 'ERR' }));
  expect([engine(lone).completer.rnrDeadline, engine(lone).completer.ackDeadline]).toEqual([NEVER, NEVER]);
  lone.pass(1e9);
  expect(lone.nic.counters.tallies).toMatchObject({ rnrTimeouts: 0, ackTimeouts: 0 });
});

describe('QP-36: draining', () => {
  test('QP-36: a QP that has drained and is modified in SQD does not drain again', () => {
    const lone = new Lone();
    unwrap(modifyQp(lone.qp, { qpState: 'SQD', enSqdAsyncNotify: true }));
    expect(lone.events()).toEqual(['SQ_DRAINED']);
    unwrap(modifyQp(lone.qp, { qpState: 'SQD', timeout: 12 }));
    unwrap(modifyQp(lone.qp, { retryCnt: 3 }));
    expect([lone.events(), unwrap(queryQp(lone.qp)).sqDraining]).toEqual([[], false]);
  });
  test('QP-36: back in RTS nothing is left of it', () => {
    const lone = new Lone();
    const before = isNow(lone);
    unwrap(modifyQp(lone.qp, { qpState: 'SQD' }));
    unwrap(modifyQp(lone.qp, { qpState: 'RTS' }));
    expect(isNow(lone)).toEqual(before);
  });
  test('RC-58, RC-79: answers given for the first time are given though MAX_DEST_RD_ATOMIC has become less', () => {
    const lone = new Lone();
    for (const i of [0, 1, 2]) lone.get('RC_READ_REQUEST', 100 + 200 * i, to(lone, 0, 256 * 200));
    unwrap(modifyQp(lone.qp, { qpState: 'SQD' }));
    unwrap(modifyQp(lone.qp, { qpState: 'SQD', maxDestRdAtomic: 1 }));
    expect(engine(lone).responder.kept.list()).toMatchObject([{ firstPsn: 500 }]);
    lone.nic.tick(0);
    expect(lone.said().at(-1)).toBe('READ_RESPONSE_LAST 699');
    expect(lone.nic.counters.packetsSent).toBe(600);
  });
});

test('VRB-24: a send CQ that overruns ends the QP as a receive CQ does, in a call too', () => {
  const lone = new Lone({ state: 'RESET' });
  const sendCq = unwrap(createCq(lone.context, { cqe: 1 }));
  const init = { qpType: 'UD', sendCq, recvCq: lone.cq, cap: { maxSendWr: 4, maxRecvWr: 4 } } as const;
  const qp = unwrap(createQp(lone.pd, init));
  unwrap(modifyQp(qp, { ...INIT_ATTR, qkey: QKEY }));
  unwrap(postRecv(qp, { wrId: 9 }));
  unwrap(modifyQp(qp, { qpState: 'RTR' }));
  unwrap(modifyQp(qp, { qpState: 'RTS', sqPsn: 0 }));
  const ud = { ah: unwrap(createAh(lone.pd, { dgid: PEER })), remoteQpn: 9, remoteQkey: QKEY };
  for (const wrId of [1, 2]) unwrap(postSend(qp, { wrId, opcode: 'SEND', signaled: true, ud }));
  lone.nic.tick(0);
  expect([qp.engine.state, lone.done(), lone.events()]).toEqual(['ERR', ['9 WR_FLUSH_ERR'], ['CQ_ERR', 'QP_FATAL']]);
  // The next completion finds no room while a call is under way: what follows is done in the device's next turn.
  unwrap(postSend(qp, { wrId: 3, opcode: 'SEND', ud }));
  expect(lone.nic.nextWake).toBe(0);
  lone.nic.tick(0);
  expect([lone.nic.nextWake, pollCq(sendCq).map(({ wrId }) => wrId)]).toEqual([NEVER, [1]]);
});

test('QP-33: an acknowledgement for the life before RESET changes nothing in the next', () => {
  const lone = outstanding(2);
  unwrap(modifyQp(lone.qp, { qpState: 'RESET' }));
  reconnect(lone);
  acked(lone, 101);
  expect([lone.done(), lone.nic.counters.drops.OUTSIDE_WINDOW]).toEqual([[], 1]);
});
