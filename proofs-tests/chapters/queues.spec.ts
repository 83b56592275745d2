// Chapter 40: completion queues, channels, shared receive queues.
import { describe, expect, test } from 'vitest';
import {
  createCompChannel,
  createCq,
  createQp,
  destroyCq,
  modifyQp,
  modifySrq,
  pollCq,
  postRecv,
  postSrqRecv,
  querySrq,
  reqNotifyCq,
  resizeCq,
  unwrap,
} from '../../impl/index.ts';
import { ack } from '../../impl/wire/syndrome.ts';
import { Lone } from './lone.ts';
import { INIT_ATTR } from './pair.ts';

const completion = (wrId: number) => ({
  wrId,
  status: 'SUCCESS' as const,
  opcode: 'RECV' as const,
  byteLen: 0,
  qpNum: 1,
  imm: undefined,
  invalidatedRkey: undefined,
  srcQp: 0,
  grh: false,
});
const refusedWith = (errno: string) => ({ ok: false, error: { errno } });

describe('VRB-20, VRB-21, VRB-22, VRB-23, VRB-24: completion queues', () => {
  test('VRB-20, VRB-21: completions come in the order of posting, in pieces as asked for', () => {
    const lone = new Lone();
    for (let wrId = 0; wrId < 10; wrId++) lone.send({ wrId, opcode: 'SEND' });
    lone.get('RC_ACKNOWLEDGE', 109, { syndrome: ack() });
    expect(
      [pollCq(lone.cq, 3), pollCq(lone.cq, 3), pollCq(lone.cq, 30)].map((wcs) => wcs.map(({ wrId }) => wrId)),
    ).toEqual([
      [0, 1, 2],
      [3, 4, 5],
      [6, 7, 8, 9],
    ]);
  });
  test('VRB-22: a resize keeps what is there and is refused when that does not fit', () => {
    const lone = new Lone();
    for (let wrId = 0; wrId < 5; wrId++) lone.send({ wrId, opcode: 'SEND' });
    lone.get('RC_ACKNOWLEDGE', 104, { syndrome: ack() });
    pollCq(lone.cq, 2);
    expect(resizeCq(lone.cq, 2)).toMatchObject(refusedWith('EINVAL'));
    expect(resizeCq(lone.cq, 0)).toMatchObject(refusedWith('EINVAL'));
    unwrap(resizeCq(lone.cq, 3));
    expect(lone.done()).toEqual(['2 SUCCESS', '3 SUCCESS', '4 SUCCESS']);
  });
  test('VRB-23: a CQ in use, or with events not acknowledged, cannot be destroyed', () => {
    const lone = new Lone();
    expect(destroyCq(lone.cq)).toMatchObject(refusedWith('EBUSY'));
    const idle = unwrap(createCq(lone.context, { cqe: 1 }));
    idle.unacked = 1;
    expect(destroyCq(idle)).toMatchObject(refusedWith('EBUSY'));
    idle.unacked = 0;
    expect(destroyCq(idle).ok).toBe(true);
  });
  test('VRB-24: a completion without room raises CQ_ERR once and ends every QP of the CQ', () => {
    const lone = new Lone();
    const cq = unwrap(createCq(lone.context, { cqe: 2 }));
    const cap = { maxSendWr: 8, maxRecvWr: 8 };
    const other = unwrap(createQp(lone.pd, { qpType: 'RC', sendCq: cq, recvCq: lone.cq, cap }));
    other.engine.state = 'RTS';
    unwrap(resizeCq(lone.cq, 2));
    for (let wrId = 0; wrId < 4; wrId++) lone.send({ wrId, opcode: 'SEND' });
    lone.get('RC_ACKNOWLEDGE', 103, { syndrome: ack() });
    expect(lone.events()).toEqual(['CQ_ERR', 'QP_FATAL', 'QP_FATAL']);
    expect([lone.state, other.engine.state]).toEqual(['ERR', 'ERR']);
    expect(lone.done()).toEqual(['0 SUCCESS', '1 SUCCESS']);
  });
  test('RC-83: a message whose completion found no room is not answered, one that needs none is', () => {
    for (const [opcode, fields, answered] of [
      ['RC_SEND_ONLY', {}, false],
      ['RC_WRITE_ONLY_WITH_IMM', { imm: 1 }, false],
      ['RC_WRITE_ONLY', {}, true],
    ] as const) {
      const lone = new Lone();
      for (const wrId of [1, 2]) lone.recv(wrId);
      unwrap(resizeCq(lone.cq, 1));
      lone.get('RC_SEND_ONLY', 100, { ackReq: true });
      expect(lone.said()).toEqual(['ACK 100']);
      lone.get(opcode, 101, { ackReq: true, ...fields });
      expect([lone.said(), lone.state]).toEqual(answered ? [['ACK 101'], 'RTS'] : [[], 'ERR']);
      expect(lone.done()).toEqual(['1 SUCCESS']);
    }
  });
  test('VRB-24: a QP in RESET is left there', () => {
    const lone = new Lone({ state: 'RESET' });
    unwrap(resizeCq(lone.cq, 1));
    for (const _ of [1, 2]) lone.cq.queue.push(completion(1), false);
    lone.nic.tick(0);
    expect([lone.state, lone.events()]).toEqual(['RESET', ['CQ_ERR']]);
  });
  test('VRB-28: a QP that comes back to a CQ that has overrun goes to ERR by its first completion', () => {
    const lone = new Lone({ state: 'INIT' });
    unwrap(resizeCq(lone.cq, 1));
    for (const wrId of [1, 2]) lone.cq.queue.push(completion(wrId), false);
    lone.nic.tick(0);
    expect([lone.state, lone.events(), lone.done()]).toEqual(['ERR', ['CQ_ERR', 'QP_FATAL'], ['1 SUCCESS']]);
    unwrap(modifyQp(lone.qp, { qpState: 'RESET' }));
    unwrap(modifyQp(lone.qp, { ...INIT_ATTR, qpAccessFlags: 0 }));
    lone.cq.queue.push(completion(3), false);
    lone.nic.tick(0);
    expect([lone.state, lone.events(), lone.done()]).toEqual(['ERR', ['QP_FATAL'], []]);
  });
});

describe('VRB-25, VRB-26, VRB-27: completion channels', () => {
  const armed = () => {
    const lone = new Lone();
    const channel = unwrap(createCompChannel(lone.context));
    const cq = unwrap(createCq(lone.context, { cqe: 16, channel }));
    return { lone, channel, cq };
  };
  const wc = completion;
  test('VRB-25: a CQ without a channel cannot be armed', () => {
    expect(reqNotifyCq(new Lone().cq)).toMatchObject(refusedWith('EINVAL'));
  });
  test('VRB-26: one event for the next completion, then none before it is armed again', () => {
    const { channel, cq } = armed();
    unwrap(reqNotifyCq(cq));
    cq.queue.push(wc(1), false);
    cq.queue.push(wc(2), false);
    expect([channel.getCqEvent(), channel.getCqEvent()]).toEqual([cq, undefined]);
    unwrap(reqNotifyCq(cq));
    cq.queue.push(wc(3), false);
    expect(channel.getCqEvent()).toBe(cq);
    expect(cq.unacked).toBe(2);
  });
  test('VRB-26: armed for solicited ones, an unsolicited completion gives no event, a solicited one does', () => {
    const { channel, cq } = armed();
    unwrap(reqNotifyCq(cq, true));
    cq.queue.push(wc(1), false);
    expect(channel.getCqEvent()).toBeUndefined();
    cq.queue.push(wc(2), true);
    expect(channel.getCqEvent()).toBe(cq);
  });
  test('VRB-26: arming for all is not weakened by arming for solicited ones', () => {
    const { channel, cq } = armed();
    unwrap(reqNotifyCq(cq));
    unwrap(reqNotifyCq(cq, true));
    cq.queue.push(wc(1), false);
    expect(channel.getCqEvent()).toBe(cq);
  });
  test('VRB-26: the solicited bit of a packet, and a failed completion, count as solicited', () => {
    const { lone, channel, cq } = armed();
    const seen = (solicitedEvent: boolean): boolean => {
      const end = new Lone();
      const queue = end.qp.engine.recvCq;
      let events = 0;
      queue.arm(true);
      const pushed = queue.push.bind(queue);
      queue.push = (each, solicited) => {
        if (solicited) events++;
        pushed(each, solicited);
      };
      end.recv(1);
      end.get('RC_SEND_ONLY', 100, { solicitedEvent });
      return events === 1;
    };
    expect([seen(true), seen(false)]).toEqual([true, false]);
    unwrap(reqNotifyCq(cq, true));
    const qp = unwrap(createQp(lone.pd, { qpType: 'RC', sendCq: cq, recvCq: cq, cap: { maxRecvWr: 1 } }));
    qp.engine.state = 'ERR';
    unwrap(postRecv(qp, { wrId: 1 }));
    expect(channel.getCqEvent()).toBe(cq);
  });
  test('VRB-27: what is there when a CQ is armed gives no event', () => {
    const { channel, cq } = armed();
    cq.queue.push(wc(1), true);
    unwrap(reqNotifyCq(cq));
    expect(channel.getCqEvent()).toBeUndefined();
  });
});

describe('VRB-30, VRB-31, VRB-32, QP-40, QP-41: shared receive queues', () => {
  const shared = () => {
    const lone = new Lone({ srq: true });
    if (lone.srq === undefined) throw new Error('an SRQ was asked for');
    return { lone, srq: lone.srq };
  };
  test('VRB-30: its receives are taken in order, whichever QP needs one', () => {
    const { lone, srq } = shared();
    for (const wrId of [1, 2, 3]) unwrap(postSrqRecv(srq, { wrId, sgList: [lone.piece(0, 512)] }));
    lone.get('RC_SEND_FIRST', 100, { payload: new Uint8Array(256) });
    expect(srq.queue.take(lone.qp.engine.spare)?.wrId).toBe(2);
    lone.get('RC_SEND_LAST', 101, { payload: new Uint8Array(1) });
    lone.get('RC_SEND_ONLY', 102);
    expect(lone.done()).toEqual(['1 SUCCESS', '3 SUCCESS']);
  });
  test('VRB-31: a QP with an SRQ takes no receives of its own', () => {
    expect(postRecv(shared().lone.qp, { wrId: 1 })).toMatchObject(refusedWith('EINVAL'));
  });
  test('VRB-32: the limit event comes once when fewer are left, and again only when set again', () => {
    const { lone, srq } = shared();
    for (let wrId = 0; wrId < 6; wrId++) unwrap(postSrqRecv(srq, { wrId }));
    expect(modifySrq(srq, { srqLimit: 65 })).toMatchObject(refusedWith('EINVAL'));
    unwrap(modifySrq(srq, { srqLimit: 4 }));
    const events = [100, 101, 102, 103].map((psn) => {
      lone.get('RC_SEND_ONLY', psn);
      return lone.events().join();
    });
    expect(events).toEqual(['', '', 'SRQ_LIMIT_REACHED', '']);
    expect(unwrap(querySrq(srq)).srqLimit).toBe(0);
    unwrap(modifySrq(srq, { srqLimit: 2 }));
    lone.get('RC_SEND_ONLY', 104);
    expect(lone.events()).toEqual(['SRQ_LIMIT_REACHED']);
  });
  test('VRB-32: a limit above what is posted is told at once', () => {
    const { lone, srq } = shared();
    unwrap(postSrqRecv(srq, { wrId: 1 }));
    unwrap(modifySrq(srq, { srqLimit: 1 }));
    expect(lone.events()).toEqual([]);
    unwrap(modifySrq(srq, { srqLimit: 2 }));
    expect([lone.events(), unwrap(querySrq(srq)).srqLimit]).toEqual([['SRQ_LIMIT_REACHED'], 0]);
  });
  test('VRB-33: a resize keeps the receives in order, and is refused whole when they or the limit do not fit', () => {
    const { lone, srq } = shared();
    for (let wrId = 0; wrId < 64; wrId++) unwrap(postSrqRecv(srq, { wrId }));
    lone.get('RC_SEND_ONLY', 100);
    unwrap(postSrqRecv(srq, { wrId: 64 }));
    unwrap(modifySrq(srq, { srqLimit: 10 }));
    expect(modifySrq(srq, { maxWr: 63, srqLimit: 1 })).toMatchObject(refusedWith('EINVAL'));
    expect(modifySrq(srq, { maxWr: 16385 })).toMatchObject(refusedWith('EINVAL'));
    expect(unwrap(querySrq(srq))).toMatchObject({ maxWr: 64, srqLimit: 10 });
    unwrap(modifySrq(srq, { maxWr: 65 }));
    unwrap(postSrqRecv(srq, { wrId: 65 }));
    expect(postSrqRecv(srq, { wrId: 66 })).toMatchObject(refusedWith('ENOMEM'));
    for (let psn = 101; psn < 166; psn++) lone.get('RC_SEND_ONLY', psn);
    expect(lone.done()).toEqual(Array.from({ length: 66 }, (_, wrId) => `${wrId} SUCCESS`));
    expect(modifySrq(srq, { maxWr: 1, srqLimit: 2 })).toMatchObject(refusedWith('EINVAL'));
  });
  test('QP-40, QP-41: in ERR the SRQ keeps its receives and LAST_WQE_REACHED is raised', () => {
    const { lone, srq } = shared();
    unwrap(postSrqRecv(srq, { wrId: 1 }));
    unwrap(modifyQp(lone.qp, { qpState: 'ERR' }));
    expect([lone.done(), srq.queue.queue.count, lone.events()]).toEqual([[], 1, ['LAST_WQE_REACHED']]);
    unwrap(modifyQp(lone.qp, { qpState: 'ERR' }));
    expect(lone.events()).toEqual([]);
  });
  test('QP-41: a refusal raises it once, behind its cause; a receive it holds completes', () => {
    const { lone, srq } = shared();
    for (const wrId of [1, 2]) unwrap(postSrqRecv(srq, { wrId, sgList: [lone.piece(0, 512)] }));
    lone.get('RC_SEND_FIRST', 100, { payload: new Uint8Array(256) });
    lone.get('RC_WRITE_MIDDLE', 101, { payload: new Uint8Array(256) });
    lone.nic.tick(0);
    lone.get('RC_SEND_ONLY', 102);
    expect([lone.done(), srq.queue.queue.count, lone.events()]).toEqual([
      ['1 REM_INV_REQ_ERR'],
      1,
      ['LAST_WQE_REACHED'],
    ]);
    const idle = shared().lone;
    idle.get('RC_WRITE_MIDDLE', 100, { payload: new Uint8Array(256) });
    expect(idle.events()).toEqual(['QP_REQ_ERR', 'LAST_WQE_REACHED']);
  });
  test('VRB-44: a full SRQ refuses with ENOMEM', () => {
    const { srq } = shared();
    for (let wrId = 0; wrId < 64; wrId++) unwrap(postSrqRecv(srq, { wrId }));
    expect(postSrqRecv(srq, { wrId: 64 })).toMatchObject(refusedWith('ENOMEM'));
  });
});
