// Chapter 40: the device around its QPs.
import { describe, expect, test } from 'vitest';
import {
  ackCqEvents,
  allocPd,
  createCompChannel,
  createCq,
  createQp,
  destroyCq,
  destroyQp,
  type IpAddress,
  ip,
  modifyQp,
  Nic,
  openUdpDevice,
  pollCq,
  postRecv,
  postSend,
  queryPort,
  reqNotifyCq,
  SimNetwork,
  unwrap,
} from '../../impl/index.ts';
import { pkey } from '../../impl/wire/numbers.ts';
import { ACK_TIMEOUT, HERE, Lone, PEER } from './lone.ts';
import { INIT_ATTR, rtrAttr, rtsAttr } from './pair.ts';
import { ASK, MTU, outstanding, to } from './rc-stage.ts';

describe('VRB-62: a port that is down', () => {
  test('VRB-62: takes nothing and sends nothing, and counts neither', () => {
    const lone = new Lone();
    lone.recv(1);
    lone.nic.setPort('DOWN');
    lone.nic.setPort('DOWN');
    lone.get('RC_SEND_ONLY', 100, ASK);
    expect(lone.send({ wrId: 2, opcode: 'SEND' })).toEqual([]);
    expect([lone.done(), lone.events(), unwrap(queryPort(lone.context)).state]).toEqual([[], ['PORT_ERR'], 'DOWN']);
    expect(lone.nic.counters).toMatchObject({ packetsSent: 0, packetsReceived: 0, bytesSent: 0, bytesReceived: 0 });
    lone.nic.setPort('ACTIVE');
    expect(lone.pass(ACK_TIMEOUT)).toEqual(['SEND_ONLY 100']);
    expect(lone.exchange('RC_SEND_ONLY', 100, ASK)).toEqual(['ACK 100']);
  });
});

test('VRB-60: packets and bytes are counted as they come and go', () => {
  const lone = new Lone();
  lone.exchange('RC_READ_REQUEST', 100, to(lone, 0, 100));
  // BTH 12, RETH 16, ICRC 4; BTH 12, AETH 4, 100 bytes, ICRC 4.
  const counted = { packetsReceived: 1, bytesReceived: 32, packetsSent: 1, bytesSent: 120 };
  expect(lone.nic.counters).toMatchObject(counted);
});

describe('VRB-11: a QP that has been destroyed', () => {
  test('VRB-11: sends nothing of what was posted', () => {
    const lone = new Lone();
    unwrap(postSend(lone.qp, { wrId: 1, opcode: 'SEND' }));
    unwrap(destroyQp(lone.qp));
    lone.nic.tick(0);
    expect(lone.said()).toEqual([]);
  });
  test('VRB-11: does not time out, nor fail', () => {
    const lone = outstanding(1, { rts: { retryCnt: 0 } });
    unwrap(destroyQp(lone.qp));
    lone.pass(10 * ACK_TIMEOUT);
    expect([lone.done(), lone.nic.counters.tallies.ackTimeouts]).toEqual([[], 0]);
  });
});

test('VRB-61: a turn of so many packets has no more, answers and requests together', () => {
  const lone = new Lone();
  lone.get('RC_READ_REQUEST', 100, to(lone, 0, 256 * 80));
  expect(lone.said()).toHaveLength(64);
  for (const wrId of [1, 2, 3]) unwrap(postSend(lone.qp, { wrId, opcode: 'SEND', sgList: [lone.piece(0, 256 * 5)] }));
  lone.nic.tick(0, 16);
  expect(lone.said()).toHaveLength(16);
  lone.nic.tick(0, 4);
  expect(lone.said()).toHaveLength(4);
});

describe('VRB-10: QPNs', () => {
  const created = (lone: Lone, qpNum?: number): number => {
    const init = { qpType: 'UD', sendCq: lone.cq, recvCq: lone.cq, cap: {} } as const;
    return unwrap(createQp(lone.pd, qpNum === undefined ? init : { ...init, qpNum })).qpNum;
  };
  test('VRB-10: behind the last comes the first, and the number of multicast is never given', () => {
    const lone = new Lone({ nic: { firstQpn: 0xfffffd } });
    expect([lone.qp.qpNum, created(lone), created(lone)]).toEqual([0xfffffd, 0xfffffe, 16]);
  });
  test('VRB-10: a number that was asked for is not given again', () => {
    const lone = new Lone({ nic: { firstQpn: 100 } });
    expect([created(lone, 101), created(lone)]).toEqual([101, 102]);
  });
});

describe('RC-80, QP-20: the P_Key of PKEY_INDEX', () => {
  const pkeys = [pkey(0xffff), pkey(0x8001)];
  test('RC-80: is what a QP sends and takes', () => {
    const lone = new Lone({ state: 'INIT', nic: { pkeys } });
    unwrap(modifyQp(lone.qp, { pkeyIndex: 1 }));
    const other = new Lone({ nic: { pkeys } });
    for (const [each, key] of [
      [lone, 0x8001],
      [other, 0xffff],
    ] as const)
      expect(each.qp.engine.pkey).toBe(key);
    other.recv(1);
    expect(other.exchange('RC_SEND_ONLY', 100, { pkey: pkey(0x8001), ...ASK })).toEqual([]);
    expect(other.nic.counters.drops.WRONG_PKEY).toBe(1);
  });
  test('QP-20: an index behind the table is refused', () => {
    const lone = new Lone({ state: 'INIT', nic: { pkeys } });
    expect(modifyQp(lone.qp, { pkeyIndex: 2 })).toMatchObject({ ok: false, error: { errno: 'EINVAL' } });
    expect(lone.qp.engine.pkey).toBe(0xffff);
  });
});

test('VRB-29: an event that waits in its channel cannot be acknowledged before it is taken', () => {
  const lone = new Lone();
  const channel = unwrap(createCompChannel(lone.context));
  const cq = unwrap(createCq(lone.context, { cqe: 4, channel }));
  const init = { qpType: 'RC', sendCq: cq, recvCq: cq, cap: { maxSendWr: 1, maxRecvWr: 1 } } as const;
  const qp = unwrap(createQp(lone.pd, init));
  unwrap(modifyQp(qp, { qpState: 'INIT', pkeyIndex: 0, portNum: 1, qpAccessFlags: 0 }));
  unwrap(postRecv(qp, { wrId: 1, sgList: [lone.piece(0, MTU.length)] }));
  unwrap(reqNotifyCq(cq));
  unwrap(modifyQp(qp, { qpState: 'ERR' }));
  expect(ackCqEvents(cq, 1)).toMatchObject({ ok: false, error: { errno: 'EINVAL' } });
  expect(channel.getCqEvent()).toBe(cq);
  expect([ackCqEvents(cq, 2).ok, ackCqEvents(cq, 1).ok, pollCq(cq).length]).toEqual([false, true, 1]);
  unwrap(destroyQp(qp));
  unwrap(destroyCq(cq));
});

test.each([
  ['any text', ['banana']],
  ['none', []],
  ['that of no host', ['0.0.0.0']],
  ['multicast', ['ff02::1']],
  ['two of one family', ['10.0.0.1', '10.0.0.2']],
])('VRB-8, VRB-18: a device at an address that it cannot have, %s, is not opened', async (_name, texts) => {
  const addresses = texts as IpAddress[]; // as of a program that was not compiled
  expect(() => new SimNetwork().openDevice({ addresses })).toThrow(TypeError);
  if (texts.length === 1)
    await expect(openUdpDevice({ address: addresses[0] ?? ip('127.0.0.1') })).rejects.toThrow(TypeError);
});

test('VRB-8: a transport that there is not is refused', async () => {
  const transport = 'pigeon' as 'dgram'; // as of a program that was not compiled
  await expect(openUdpDevice({ address: ip('127.0.0.1'), transport })).rejects.toThrow(TypeError);
});

test('VRB-61: a device asks its host for a turn when it has work, once until the turn has come', () => {
  const wakes: number[] = [];
  const lone = new Lone();
  const nic = new Nic({ addresses: [HERE] }, { transmit: () => {}, wakeAt: (instant) => wakes.push(instant) });
  const pd = unwrap(allocPd(nic.open()));
  const cq = unwrap(createCq(pd.context, { cqe: 8 }));
  const qp = unwrap(createQp(pd, { qpType: 'RC', sendCq: cq, recvCq: cq, cap: { maxSendWr: 8 } }));
  unwrap(modifyQp(qp, { ...INIT_ATTR, qpAccessFlags: 0 }));
  unwrap(modifyQp(qp, rtrAttr(lone.qp, PEER, 256, 0)));
  unwrap(modifyQp(qp, rtsAttr(0)));
  nic.tick(0);
  wakes.length = 0;
  const post = (): void => unwrap(postSend(qp, { wrId: 1, opcode: 'SEND' }));
  post();
  post();
  expect(wakes).toEqual([0]);
  nic.tick(0);
  // In the turn the ACK timer has begun to run.
  expect(wakes).toEqual([0, ACK_TIMEOUT]);
  post();
  expect(wakes).toEqual([0, ACK_TIMEOUT, 0]);
});
