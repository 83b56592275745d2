// Chapters 30, 40: receives, lists and keys in their corners.
import { describe, expect, test } from 'vitest';
import {
  ACCESS,
  allocMw,
  allocPd,
  bindMw,
  createCompChannel,
  createCq,
  createQp,
  createSrq,
  deallocMw,
  deregMr,
  modifyQp,
  modifySrq,
  postRecv,
  postSend,
  queryQp,
  querySrq,
  regMr,
  reqNotifyCq,
  unwrap,
} from '../../impl/index.ts';
import { KeyTable } from '../../impl/memory/key-table.ts';
import { stopContext } from '../../impl/verbs/migrate-qp.ts';
import { ip } from '../../impl/wire/address.ts';
import { rkey } from '../../impl/wire/numbers.ts';
import { Lone } from './lone.ts';
import { ASK, MTU, outstanding, REMOTE, read, to } from './rc-stage.ts';

const READ_ONLY = 0;
const sgeOf = (mr: { addr: number; lkey: number }, length: number) => [{ addr: mr.addr, length, lkey: mr.lkey }];

describe('receives', () => {
  const withReadOnlyReceive = (): Lone => {
    const lone = new Lone();
    const mr = unwrap(regMr(lone.pd, new Uint8Array(64), READ_ONLY));
    unwrap(postRecv(lone.qp, { wrId: 1, sgList: sgeOf(mr, 64) }));
    return lone;
  };
  test('RC-68: a list that may not be written is refused even where nothing would be written', () => {
    const lone = withReadOnlyReceive();
    expect(lone.exchange('RC_SEND_ONLY', 100, ASK)).toEqual(['REMOTE_OPERATIONAL_ERROR 100']);
    expect(lone.done()).toEqual(['1 LOC_PROT_ERR']);
  });
  test('RC-68: the list of a receive that a WRITE with immediate takes is not looked at', () => {
    const lone = withReadOnlyReceive();
    const fields = to(lone, 0, 256, { payload: MTU, imm: 7 });
    expect(lone.exchange('RC_WRITE_ONLY_WITH_IMM', 100, fields)).toEqual(['ACK 100']);
    expect(lone.wcs()).toMatchObject([{ wrId: 1, status: 'SUCCESS', imm: 7, byteLen: 256 }]);
  });
  test('RC-60: that there is no receive comes before a wrong length', () => {
    const lone = new Lone();
    expect(lone.exchange('RC_SEND_ONLY', 100, { payload: new Uint8Array(260), ...ASK })).toEqual(['RNR 12 100']);
  });
  test('RC-50: a completion has immediate data only if there was any', () => {
    const lone = new Lone();
    for (const wrId of [1, 2]) lone.recv(wrId);
    lone.get('RC_SEND_ONLY_WITH_IMM', 100, { imm: 0 });
    lone.get('RC_SEND_ONLY', 101);
    expect(lone.wcs().map(({ imm }) => imm)).toEqual([0, undefined]);
    const ud = new Lone({ qpType: 'UD' });
    ud.recv(1);
    ud.get('UD_SEND_ONLY', 0, { qkey: ud.qp.engine.attributes.qkey as never });
    expect(ud.wcs().map(({ imm }) => imm)).toEqual([undefined]);
  });
});

describe('keys', () => {
  test('RC-11: an lkey of another protection domain opens nothing here', () => {
    const lone = new Lone();
    const mr = unwrap(regMr(unwrap(allocPd(lone.context)), new Uint8Array(64), 15));
    lone.send({ wrId: 1, opcode: 'SEND', sgList: sgeOf(mr, 8) });
    expect(lone.done()).toEqual(['1 LOC_PROT_ERR']);
  });
  test('RC-77: an R_Key of another protection domain grants no FLUSH', () => {
    const access = 15 | ACCESS.FLUSH_GLOBAL;
    const lone = new Lone({ qpAccess: access });
    const mr = unwrap(regMr(unwrap(allocPd(lone.context)), new Uint8Array(64), access));
    const fields = { va: 0n, rkey: rkey(mr.rkey), dmaLength: 0, placementType: 1 };
    expect(lone.exchange('RC_FLUSH', 100, fields as never)).toEqual(['REMOTE_ACCESS_ERROR 100']);
  });
  test('RC-11: memory registered again under its key, and not to be written, takes no answer of a READ', () => {
    const lone = new Lone();
    const bytes = new Uint8Array(64);
    const mr = unwrap(regMr(lone.pd, bytes, ACCESS.LOCAL_WRITE));
    lone.send({ wrId: 1, opcode: 'RDMA_READ', sgList: sgeOf(mr, 8), ...REMOTE });
    unwrap(deregMr(mr));
    unwrap(regMr(lone.pd, bytes, READ_ONLY, { addr: mr.addr, key: mr.lkey }));
    lone.get('RC_READ_RESPONSE_ONLY', 100, { payload: new Uint8Array(8).fill(1) });
    expect([lone.done(), bytes[0]]).toEqual([['1 LOC_PROT_ERR'], 0]);
  });
  test('RC-66: behind the last index keys begin again, and skip those in use', () => {
    const keys = new KeyTable();
    const first = keys.freeKey() ?? 0;
    keys.add({ kind: 'MW', handle: 1, pd: 1, type: 1, rkey: first, binding: undefined });
    let highest = 0;
    for (let i = 0; i < 2 ** 24 - 2; i++) highest = Math.max(highest, keys.freeKey() ?? 0);
    expect([highest >>> 8, (keys.freeKey() ?? 0) >>> 8]).toEqual([0xffffff, (first >>> 8) + 1]);
  });
});

describe('windows', () => {
  const BINDABLE = { access: ACCESS.LOCAL_WRITE | ACCESS.MW_BIND };
  test('VRB-53, RC-71: the peer of another QP cannot invalidate a window', () => {
    const lone = new Lone(BINDABLE);
    const mw = unwrap(allocMw(lone.pd, 2));
    const bind = { mr: lone.mr, addr: lone.mr.addr, length: 64, access: ACCESS.REMOTE_READ };
    lone.send({ wrId: 1, opcode: 'BIND_MW', mw, rkey: mw.rkey + 1, bind });
    const init = { qpType: 'RC', sendCq: lone.cq, recvCq: lone.cq, cap: { maxSendWr: 4 } } as const;
    const other = unwrap(createQp(lone.pd, init));
    unwrap(modifyQp(other, { qpState: 'INIT', pkeyIndex: 0, portNum: 1, qpAccessFlags: 0 }));
    const peer = { dgid: ip('10.0.0.2') };
    const rtr = { pathMtu: 256, destQpNum: 9, rqPsn: 0, maxDestRdAtomic: 1, minRnrTimer: 1 } as const;
    unwrap(modifyQp(other, { qpState: 'RTR', ahAttr: peer, ...rtr }));
    const rts = { timeout: 1, retryCnt: 1, rnrRetry: 1, sqPsn: 0, maxRdAtomic: 1 };
    unwrap(modifyQp(other, { qpState: 'RTS', ...rts }));
    unwrap(postSend(other, { wrId: 2, opcode: 'LOCAL_INV', invalidateRkey: mw.rkey }));
    lone.nic.tick(0);
    expect(lone.done()).toEqual(['1 SUCCESS', '2 LOC_QP_OP_ERR']);
    expect(mw.window.binding).toBeDefined();
  });
  test('VRB-53: a type 1 window is not invalidated', () => {
    const lone = new Lone(BINDABLE);
    const mw = unwrap(allocMw(lone.pd, 1));
    const bind = { mr: lone.mr, addr: lone.mr.addr, length: 64, access: ACCESS.REMOTE_READ };
    const key = unwrap(bindMw(lone.qp, mw, { wrId: 1, bind }));
    lone.nic.tick(0);
    lone.send({ wrId: 2, opcode: 'LOCAL_INV', invalidateRkey: key });
    expect([lone.done(), mw.window.binding === undefined]).toEqual([['2 LOC_QP_OP_ERR'], false]);
  });
  test('VRB-4: a window bound anew is bound once', () => {
    const lone = new Lone(BINDABLE);
    const mw = unwrap(allocMw(lone.pd, 1));
    const bind = { mr: lone.mr, addr: lone.mr.addr, length: 64, access: ACCESS.REMOTE_READ };
    for (const wrId of [1, 2, 3]) unwrap(bindMw(lone.qp, mw, { wrId, bind }));
    lone.nic.tick(0);
    unwrap(deallocMw(mw));
    unwrap(deregMr(lone.mr));
  });
});

test('VRB-43: of two regions at one address an inline send reads the one whose lkey it names', () => {
  const lone = new Lone();
  const [one, other] = [1, 2].map((fill) =>
    unwrap(regMr(lone.pd, new Uint8Array(8).fill(fill), READ_ONLY, { addr: 0x7000 })),
  );
  for (const mr of [one, other, one])
    unwrap(postSend(lone.qp, { wrId: 1, opcode: 'SEND', inline: true, sgList: sgeOf(mr ?? lone.mr, 1) }));
  lone.nic.tick(0);
  expect(lone.sent().map(({ payload }) => [...payload])).toEqual([[1], [2], [1]]);
});

test('VRB-26: a send that fails is an event to who waits for solicited ones, one that succeeds is not', () => {
  const lone = new Lone({ state: 'RESET' });
  const channel = unwrap(createCompChannel(lone.context));
  const sendCq = unwrap(createCq(lone.context, { cqe: 8, channel }));
  const qp = unwrap(createQp(lone.pd, { qpType: 'UD', sendCq, recvCq: lone.cq, cap: { maxSendWr: 4 } }));
  unwrap(modifyQp(qp, { qpState: 'INIT', pkeyIndex: 0, portNum: 1, qkey: 1 }));
  unwrap(modifyQp(qp, { qpState: 'RTR' }));
  unwrap(modifyQp(qp, { qpState: 'RTS', sqPsn: 0 }));
  const ud = {
    ah: { attr: { dgid: ip('10.0.0.2'), flowLabel: 0 }, pd: lone.pd, gone: false },
    remoteQpn: 9,
    remoteQkey: 1,
  };
  unwrap(reqNotifyCq(sendCq, true));
  unwrap(postSend(qp, { wrId: 1, opcode: 'SEND', signaled: true, ud }));
  lone.nic.tick(0);
  expect([sendCq.queue.count, channel.getCqEvent()]).toEqual([1, undefined]);
  unwrap(postSend(qp, { wrId: 2, opcode: 'SEND', ud, sgList: [{ addr: 0, length: 1, lkey: 0 }] }));
  lone.nic.tick(0);
  expect(channel.getCqEvent()).toBe(sendCq);
});

test('VRB-33: a capacity below the limit in force is refused', () => {
  const lone = new Lone();
  const srq = unwrap(createSrq(lone.pd, { maxWr: 16, maxSge: 1, srqLimit: 8 }));
  expect(modifySrq(srq, { maxWr: 7 })).toMatchObject({ ok: false, error: { errno: 'EINVAL' } });
  expect(unwrap(querySrq(srq))).toEqual({ maxWr: 16, maxSge: 1, srqLimit: 8 });
  unwrap(modifySrq(srq, { maxWr: 7, srqLimit: 7 }));
});

describe('queues that end', () => {
  test.each(['RC', 'UC'] as const)('QP-37: a %s QP that goes to ERR while it drains drains no more', (qpType) => {
    const lone = new Lone({ qpType });
    unwrap(postSend(lone.qp, { wrId: 1, opcode: 'SEND', sgList: [lone.piece(0, 600)] }));
    lone.nic.tick(0, 1);
    unwrap(modifyQp(lone.qp, { qpState: 'SQD' }));
    expect(unwrap(queryQp(lone.qp)).sqDraining).toBe(true);
    unwrap(modifyQp(lone.qp, { qpState: 'ERR' }));
    expect(unwrap(queryQp(lone.qp)).sqDraining).toBe(false);
  });
  test('QP-10: a UC QP that fails while it drains is in SQE, and drains no more', () => {
    const lone = new Lone({ qpType: 'UC' });
    const mr = unwrap(regMr(lone.pd, new Uint8Array(600), READ_ONLY));
    unwrap(postSend(lone.qp, { wrId: 1, opcode: 'SEND', sgList: sgeOf(mr, 600) }));
    lone.nic.tick(0, 1);
    unwrap(modifyQp(lone.qp, { qpState: 'SQD', enSqdAsyncNotify: true }));
    unwrap(deregMr(mr));
    lone.nic.tick(0);
    expect(unwrap(queryQp(lone.qp))).toMatchObject({ qpState: 'SQE', sqDraining: false });
    expect([lone.done(), lone.events()]).toEqual([['1 LOC_PROT_ERR'], []]);
  });
  test.each(['RC', 'UC', 'UD'] as const)(
    'QP-41: a %s QP that is moved to ERR twice raises LAST_WQE_REACHED once',
    (qpType) => {
      const lone = new Lone({ qpType, srq: true });
      for (const _ of [1, 2]) unwrap(modifyQp(lone.qp, { qpState: 'ERR' }));
      expect(lone.events()).toEqual(['LAST_WQE_REACHED']);
    },
  );
  test.each(['UC', 'UD'] as const)('MIG-3: a %s QP that has stopped sends nothing and takes nothing', (qpType) => {
    const lone = new Lone({ qpType });
    const ud = {
      ah: { attr: { dgid: ip('10.0.0.2'), flowLabel: 0 }, pd: lone.pd, gone: false },
      remoteQpn: 9,
      remoteQkey: 1,
    };
    lone.recv(1);
    unwrap(postSend(lone.qp, { wrId: 2, opcode: 'SEND', ...(qpType === 'UD' ? { ud } : {}) }));
    stopContext(lone.context, 0);
    lone.nic.tick(0);
    lone.get(qpType === 'UC' ? 'UC_SEND_ONLY' : 'UD_SEND_ONLY', 100);
    expect([lone.said(), lone.nic.counters.drops.QP_STOPPED]).toEqual([[], 1]);
  });
});

test('RC-80: a packet for a UC QP from elsewhere is dropped', () => {
  const lone = new Lone({ qpType: 'UC' });
  lone.recv(1);
  lone.get('UC_SEND_ONLY', 100, {}, ip('10.0.0.3'));
  expect([lone.done(), lone.nic.counters.drops.WRONG_SOURCE]).toEqual([[], 1]);
});

test('RC-36, RC-20: what is acknowledged twice completes once', () => {
  const lone = outstanding(1);
  read(lone, 2, 8);
  for (const _ of [1, 2]) lone.get('RC_ACKNOWLEDGE', 100);
  expect([lone.done(), lone.nic.counters.drops.OUTSIDE_WINDOW]).toEqual([['1 SUCCESS'], 1]);
});

test('VRB-40: a compare-and-swap has a word, no more and no less', () => {
  const lone = new Lone();
  const wr = { wrId: 1, opcode: 'ATOMIC_CMP_AND_SWP', compareAdd: 1n, swap: 2n, ...REMOTE } as const;
  for (const length of [0, 7, 9, 16])
    expect(postSend(lone.qp, { ...wr, sgList: [lone.piece(0, length)] })).toMatchObject({ error: { errno: 'EINVAL' } });
  unwrap(postSend(lone.qp, { ...wr, sgList: [lone.piece(0, 3), lone.piece(8, 5)] }));
});
