// A device on real sockets: two hosts in one process, over both transports and both families.
import { createSocket } from 'node:dgram';
import { afterEach, describe, expect, test } from 'vitest';
import {
  ACCESS,
  allocPd,
  createCompChannel,
  createCq,
  createQp,
  type IpAddress,
  ip,
  modifyQp,
  pollCq,
  postRecv,
  postSend,
  type Qp,
  regMr,
  reqNotifyCq,
  unwrap,
} from '../../impl/index.ts';
import { type HostConfig, UdpHost } from '../../impl/udp/host.ts';
import { ipToBytes } from '../../impl/wire/address.ts';
import { encodePacket } from '../../impl/wire/encode.ts';
import { qkey, qpn } from '../../impl/wire/numbers.ts';
import { makePacket } from '../../impl/wire/packet.ts';
import { path } from '../../impl/wire/path.ts';
import { psn } from '../../impl/wire/psn.ts';
import { patiently } from './patience.ts';

const open: UdpHost[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((host) => host.close()));
});

const host = async (config: HostConfig): Promise<UdpHost> => {
  const made = await patiently(() => UdpHost.open(config));
  open.push(made);
  return made;
};

const address = (n: number): IpAddress => ip(`127.${129 + (process.pid & 0x3f)}.${(process.pid >> 6) & 0xff}.${n}`);

const SIZE = 3000;

/** One end: a QP with its own memory and CQ. */
const endOf = ({ nic }: UdpHost) => {
  const context = nic.open();
  const pd = unwrap(allocPd(context));
  const cq = unwrap(createCq(context, { cqe: 4096 }));
  const bytes = new Uint8Array(SIZE * 8);
  const mr = unwrap(regMr(pd, bytes, ACCESS.LOCAL_WRITE));
  const cap = { maxSendWr: 64, maxRecvWr: 64 };
  const qp = unwrap(createQp(pd, { qpType: 'RC', sendCq: cq, recvCq: cq, cap }));
  return { cq, bytes, mr, qp };
};

const connect = (qp: Qp, dgid: IpAddress, destQpNum: number, timeout = 12): void => {
  unwrap(modifyQp(qp, { qpState: 'INIT', pkeyIndex: 0, portNum: 1, qpAccessFlags: 0 }));
  const rtr = { ahAttr: { dgid }, pathMtu: 1024, destQpNum, rqPsn: 5, maxDestRdAtomic: 1, minRnrTimer: 12 } as const;
  unwrap(modifyQp(qp, { qpState: 'RTR', ...rtr }));
  unwrap(modifyQp(qp, { qpState: 'RTS', timeout, retryCnt: 7, rnrRetry: 7, sqPsn: 5, maxRdAtomic: 1 }));
};

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

/** Sends `count` messages from one host to the other (or to itself) and returns them as received. */
const stream = async (from: UdpHost, to: UdpHost, count: number): Promise<readonly number[]> => {
  const [a, b] = [endOf(from), endOf(to)];
  const [source, destination] = [from.nic.addresses[0], to.nic.addresses[0]];
  if (source === undefined || destination === undefined) throw new Error('a host without address');
  connect(b.qp, source, a.qp.qpNum);
  const sge = (end: typeof a, slot: number, length: number) => ({
    addr: end.mr.addr + slot * SIZE,
    length,
    lkey: end.mr.lkey,
  });
  for (let i = 0; i < 8; i++) unwrap(postRecv(b.qp, { wrId: i, sgList: [sge(b, i, SIZE)] }));
  connect(a.qp, destination, b.qp.qpNum);
  const received: number[] = [];
  for (let sent = 0, rounds = 0; received.length < count && rounds < 20_000; rounds++) {
    for (; sent < count && sent < received.length + 4; sent++) {
      a.bytes.fill(sent, (sent % 8) * SIZE, ((sent % 8) + 1) * SIZE);
      unwrap(
        postSend(a.qp, {
          wrId: sent,
          opcode: 'SEND',
          signaled: true,
          sgList: [sge(a, sent % 8, 1 + ((sent * 997) % SIZE))],
        }),
      );
    }
    await turn();
    for (const wc of pollCq(a.cq, 100)) expect(wc.status).toBe('SUCCESS');
    for (const { status, wrId, byteLen } of pollCq(b.cq, 100)) {
      expect({ status, byteLen }).toEqual({ status: 'SUCCESS', byteLen: 1 + ((received.length * 997) % SIZE) });
      const slot = b.bytes.subarray(wrId * SIZE, wrId * SIZE + byteLen);
      received.push(slot.every((byte) => byte === slot[0]) ? (slot[0] ?? -1) : -1);
      unwrap(postRecv(b.qp, { wrId, sgList: [sge(b, wrId, SIZE)] }));
    }
  }
  return received;
};

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i & 0xff);

describe.each(['mmsg', 'dgram'] as const)('host over %s', (transport) => {
  test('messages cross, every ICRC is right, nothing is lost', async () => {
    const from = await host({ address: address(1), transport });
    const to = await host({ address: address(2), transport });
    expect(await stream(from, to, 300)).toEqual(numbers(300));
    expect(to.nic.counters.drops.BAD_ICRC).toBe(0);
    expect(from.dropped + to.dropped).toBe(0);
  });

  test('messages cross in order through loss in both directions', async () => {
    const from = await host({ address: address(3), transport, loss: 0.1, seed: 4 });
    const to = await host({ address: address(4), transport, loss: 0.1, seed: 5 });
    expect(await stream(from, to, 60)).toEqual(numbers(60));
    expect(from.dropped).toBeGreaterThan(0);
    expect(to.dropped).toBeGreaterThan(0);
    expect(from.nic.counters.tallies.retransmissions).toBeGreaterThan(0);
  });

  test('VRB-26: who polls as soon as it is woken, before the batch has ended, is given a turn', async () => {
    let called = 0;
    const to = await host({ address: address(15), transport, onActivity: () => called++ });
    const from = await host({ address: address(16), transport });
    const [a, b] = [endOf(from), endOf(to)];
    const channel = unwrap(createCompChannel(b.qp.context));
    const cq = unwrap(createCq(b.qp.context, { cqe: 8, channel }));
    const qp = unwrap(createQp(b.qp.pd, { qpType: 'RC', sendCq: cq, recvCq: cq, cap: { maxSendWr: 8, maxRecvWr: 8 } }));
    connect(qp, address(16), a.qp.qpNum);
    connect(a.qp, address(15), qp.qpNum);
    unwrap(postRecv(qp, { wrId: 1, sgList: [{ addr: b.mr.addr, length: 8, lkey: b.mr.lkey }] }));
    unwrap(reqNotifyCq(cq));
    const turns = new Promise<number>((resolve) => {
      channel.onEvent = () =>
        queueMicrotask(() => {
          const before = called;
          to.poll();
          resolve(called - before);
        });
    });
    unwrap(postSend(a.qp, { wrId: 1, opcode: 'SEND', sgList: [{ addr: a.mr.addr, length: 8, lkey: a.mr.lkey }] }));
    expect(await turns).toBe(1);
  });

  test('a host reaches itself over IPv6', async () => {
    const self = await host({ address: ip('::1'), transport });
    expect(await stream(self, self, 50)).toEqual(numbers(50));
    expect(self.nic.counters.drops.BAD_ICRC).toBe(0);
  });
});

/** A UD packet from a socket of another program, which sends with a TTL of its own. */
const fromStranger = async (to: IpAddress, send: (from: IpAddress, port: number) => Uint8Array): Promise<void> => {
  const socket = createSocket('udp4');
  const from = address(14);
  await new Promise<void>((resolve) => socket.bind({ address: from, port: 0 }, resolve));
  socket.setTTL(9);
  await new Promise((resolve) => socket.send(send(from, socket.address().port), 4791, to, resolve));
  await new Promise<void>((resolve) => socket.close(resolve));
};

describe.each(['mmsg', 'dgram'] as const)('UD over %s', (transport) => {
  test('UD-13: the header holds addresses and length of the datagram, and what godwit sends for what is not seen', async () => {
    const to = address(13);
    const { nic } = await host({ address: to, transport });
    const pd = unwrap(allocPd(nic.open()));
    const cq = unwrap(createCq(pd.context, { cqe: 4 }));
    const bytes = new Uint8Array(64).fill(0xee);
    const mr = unwrap(regMr(pd, bytes, ACCESS.LOCAL_WRITE));
    const cap = { maxSendWr: 1, maxRecvWr: 1 };
    const qp = unwrap(createQp(pd, { qpType: 'UD', sendCq: cq, recvCq: cq, cap }));
    unwrap(modifyQp(qp, { qpState: 'INIT', pkeyIndex: 0, portNum: 1, qkey: 7 }));
    unwrap(modifyQp(qp, { qpState: 'RTR' }));
    unwrap(postRecv(qp, { wrId: 1, sgList: [{ addr: mr.addr, length: 64, lkey: mr.lkey }] }));
    const packet = makePacket('UD_SEND_ONLY', qpn(qp.qpNum), psn(0), {
      qkey: qkey(7),
      srcQp: qpn(99),
      payload: Uint8Array.of(1, 2, 3, 4),
    });
    await fromStranger(to, (from, port) => encodePacket(packet, path(from, to, port)));
    for (let i = 0; i < 200 && cq.queue.count === 0; i++) await turn();
    expect(pollCq(cq, 2)).toMatchObject([{ status: 'SUCCESS', byteLen: 44, srcQp: 99, grh: true }]);
    const header = bytes.subarray(20, 40);
    const length = 20 + 8 + 12 + 8 + 4 + 4;
    expect([...header.subarray(0, 10)]).toEqual([0x45, 0, 0, length, 0, 0, 0x40, 0, 64, 17]);
    expect([...header.subarray(12)]).toEqual([...ipToBytes(address(14)), ...ipToBytes(to)]);
    expect([...bytes.subarray(0, 20), ...bytes.subarray(40, 44)]).toEqual([...Array(20).fill(0), 1, 2, 3, 4]);
  });
});

describe('host', () => {
  test('every packet leaves from the port it arrives at, so that the ICRC is right', async () => {
    const ports = new Set<number>();
    const from = await host({ address: address(5), onTransmit: (_, path) => ports.add(path.sourcePort) });
    const to = await host({ address: address(6), onTransmit: (_, path) => ports.add(path.sourcePort) });
    expect(await stream(from, to, 5)).toEqual(numbers(5));
    expect(ports).toEqual(new Set([4791]));
  });

  test('what a host is told to lose never reaches its device', async () => {
    const lossy = await host({ address: address(7), loss: 1 });
    const from = await host({ address: address(8) });
    const a = endOf(from);
    connect(a.qp, address(7), 99);
    unwrap(postSend(a.qp, { wrId: 1, opcode: 'SEND', sgList: [{ addr: a.mr.addr, length: 8, lkey: a.mr.lkey }] }));
    for (let i = 0; i < 200 && lossy.dropped === 0; i++) await turn();
    expect(lossy.dropped).toBeGreaterThan(0);
    expect(lossy.nic.counters.packetsReceived).toBe(0);
  });

  test('more than one turn of packets leaves without anything arriving', async () => {
    const from = await host({ address: address(11) });
    for (let i = 0; i < 12; i++) {
      const a = endOf(from);
      connect(a.qp, address(12), 99, 0);
      for (let n = 0; n < 64; n++) {
        unwrap(postSend(a.qp, { wrId: n, opcode: 'SEND', sgList: [{ addr: a.mr.addr, length: 8, lkey: a.mr.lkey }] }));
      }
    }
    for (let i = 0; i < 200 && from.nic.counters.packetsSent < 12 * 64; i++) await turn();
    expect(from.nic.counters.packetsSent).toBe(12 * 64);
  });

  test('a consumer is called when there is something to poll', async () => {
    let called = 0;
    const to = await host({ address: address(9), onActivity: () => called++ });
    const from = await host({ address: address(10) });
    expect(await stream(from, to, 3)).toEqual(numbers(3));
    expect(called).toBeGreaterThan(0);
  });
});
