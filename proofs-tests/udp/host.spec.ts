// A device on real sockets: two hosts in one process, over both transports and both families.
import { afterEach, describe, expect, test } from 'vitest';
import {
  ACCESS,
  allocPd,
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
  unwrap,
} from '../../impl/index.ts';
import { type HostConfig, UdpHost } from '../../impl/udp/host.ts';
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

  test('a host reaches itself over IPv6', async () => {
    const self = await host({ address: ip('::1'), transport });
    expect(await stream(self, self, 50)).toEqual(numbers(50));
    expect(self.nic.counters.drops.BAD_ICRC).toBe(0);
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
