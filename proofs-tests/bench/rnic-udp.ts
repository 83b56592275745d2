// What two whole devices move over loopback UDP in one thread, as a share of the bare transport.
import { ip } from '../../impl/index.ts';
import { UdpHost } from '../../impl/udp/host.ts';
import type { TransportKind } from '../../impl/udp/open.ts';
import { connect, makeEnd, makeStream, type Operation } from './connect.ts';
import type { BenchRow } from './row.ts';
import { move } from './udp.ts';

const ADDRESSES = [ip('127.88.2.1'), ip('127.88.2.2')] as const;
/** Bytes of the messages; with headers and ICRC about what the bare transport is measured with. */
const SIZE = 1024;
const MESSAGES = 40_000;

/** Packets per second in both directions. */
const stream = async (kind: TransportKind, operation: Operation, count: number): Promise<number> => {
  let turn = (): void => {};
  const onActivity = (): void => turn();
  const hosts = await Promise.all(ADDRESSES.map((address) => UdpHost.open({ address, transport: kind, onActivity })));
  const [a, b] = hosts.map(({ nic }) => makeEnd(nic));
  if (a === undefined || b === undefined) throw new Error('two hosts were opened');
  connect(a, b, ADDRESSES[1]);
  connect(b, a, ADDRESSES[0]);
  const work = makeStream(a, b, operation, SIZE);
  const started = process.hrtime.bigint();
  await new Promise<void>((resolve) => {
    turn = () => {
      work.poll();
      if (work.done >= count) resolve();
      else work.post(count);
    };
    turn();
  });
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  await Promise.all(hosts.map((host) => host.close()));
  return work.packets / seconds;
};

const rowsOf = async (kind: TransportKind, name: string): Promise<readonly BenchRow[]> => {
  await stream(kind, 'SEND', MESSAGES / 10);
  const bare = await move(kind, ADDRESSES[0], ADDRESSES[1], MESSAGES * 2);
  const unit = 'packets/s';
  const baseline = `${name}, bare`;
  const rows: BenchRow[] = [{ name: baseline, value: Math.round(bare.perSecond), unit }];
  for (const operation of ['SEND', 'RDMA_WRITE', 'RDMA_READ'] as const) {
    const rate = await stream(kind, operation, MESSAGES);
    rows.push({
      name: `${name}, ${operation} ${SIZE} bytes`,
      value: Math.round(rate),
      unit,
      baseline,
      ratio: rate / bare.perSecond,
    });
  }
  return rows;
};

/** Two devices in one thread, loopback between them: node:dgram, then batched system calls. */
export const benchRnicUdp = async (): Promise<readonly BenchRow[]> => [
  ...(await rowsOf('dgram', 'rnic over node:dgram')),
  ...(await rowsOf('mmsg', 'rnic over sendmmsg/recvmmsg')),
];
