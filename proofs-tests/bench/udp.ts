// What the bare transports move: the bound against which the RNIC over loopback UDP is measured.

import { openTransport, type TransportKind } from '../../impl/udp/open.ts';
import { type IpAddress, ip } from '../../impl/wire/address.ts';
import type { BenchRow } from './row.ts';

/** UDP payload of the measured datagrams: about a 1,024-byte SEND. */
const SIZE = 1100;

/** Datagrams under way at once; more than a socket buffer holds would only measure loss. */
const IN_FLIGHT = 512;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

type Moved = { readonly perSecond: number; readonly lost: number };

/** Sends and receives `count` datagrams in this thread, between two addresses. */
export const move = async (kind: TransportKind, from: IpAddress, to: IpAddress, count: number): Promise<Moved> => {
  const receiver = await openTransport(to, { datagram: () => {}, batchEnd: () => {} }, kind);
  const sender = await openTransport(from, { datagram: () => {}, batchEnd: () => {} }, kind);
  const bytes = new Uint8Array(SIZE).fill(0x5a);
  const started = process.hrtime.bigint();
  let sent = 0;
  let idle = 0;
  while (receiver.counters.received < count && idle < 1000) {
    const before = receiver.counters.received;
    for (; sent < count && sent - before < IN_FLIGHT; sent++) sender.send(bytes, to);
    sender.flush();
    await turn();
    idle = receiver.counters.received === before ? idle + 1 : 0;
  }
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  const { received } = receiver.counters;
  await Promise.all([sender.close(), receiver.close()]);
  return { perSecond: received / seconds, lost: sent - received };
};

/** Datagrams per second of node:dgram and of batched system calls, measured one after the other. */
export const benchUdp = async (count = 400_000): Promise<readonly BenchRow[]> => {
  const [from, to] = [ip('127.88.1.1'), ip('127.88.1.2')];
  await move('mmsg', from, to, count / 10);
  const dgram = await move('dgram', from, to, count / 2);
  const mmsg = await move('mmsg', from, to, count);
  const unit = 'datagrams/s';
  return [
    { name: 'udp bare node:dgram, 1100 bytes', value: Math.round(dgram.perSecond), unit },
    {
      name: 'udp bare sendmmsg/recvmmsg, 1100 bytes',
      value: Math.round(mmsg.perSecond),
      unit,
      baseline: 'udp bare node:dgram, 1100 bytes',
      ratio: mmsg.perSecond / dgram.perSecond,
    },
  ];
};
