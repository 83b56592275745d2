// What two whole devices move over loopback UDP in one thread, as a share of the bare transport with the same datagrams.
import { ip } from '../../impl/index.ts';
import { UdpHost } from '../../impl/udp/host.ts';
import type { TransportKind } from '../../impl/udp/open.ts';
import { BareExchange, type Flow } from './bare.ts';
import { connect, MTU, makeEnd, makeStream, type Operation } from './connect.ts';
import { bestRatesAsync } from './rounds.ts';
import type { BenchRow } from './row.ts';

const ADDRESSES = [ip('127.88.2.1'), ip('127.88.2.2')] as const;
const BARE_ADDRESSES = [ip('127.88.2.3'), ip('127.88.2.4')] as const;
const ROUNDS = 200;
/** Rounds before the first that counts: everything is compiled then. */
const WARM = 60;
/** Packets of a round, both ways: some milliseconds, so that a busy machine leaves some rounds alone. */
const PACKETS = 1000;

type Connection = {
  /** Moves so many messages; resolves with the packets that took, both ways. */
  readonly run: () => Promise<number>;
  /** What went each way in a round. */
  readonly flows: () => Promise<readonly [Flow, Flow]>;
  readonly close: () => Promise<unknown>;
};

const open = async (kind: TransportKind, operation: Operation, size: number): Promise<Connection> => {
  let turn = (): void => {};
  const onActivity = (): void => turn();
  const hosts = await Promise.all(ADDRESSES.map((address) => UdpHost.open({ address, transport: kind, onActivity })));
  const [a, b] = hosts.map(({ nic }) => makeEnd(nic));
  if (a === undefined || b === undefined) throw new Error('two hosts were opened');
  connect(a, b, ADDRESSES[1]);
  connect(b, a, ADDRESSES[0]);
  const work = makeStream(a, b, operation, size);
  const messages = Math.ceil(PACKETS / 2 / Math.max(1, Math.ceil(size / MTU)));
  const run = async (): Promise<number> => {
    const before = work.packets;
    work.restart();
    await new Promise<void>((resolve) => {
      turn = () => {
        work.poll();
        if (work.done >= messages) resolve();
        else work.post(messages);
      };
      turn();
      hosts[0]?.poll(); // the bare leader does not wait for the event loop either
    });
    turn = () => {};
    return work.packets - before;
  };
  const flows = async (): Promise<readonly [Flow, Flow]> => {
    const before = hosts.map(({ nic: { counters } }) => ({ ...counters }));
    await run();
    const [there, back] = hosts.map(({ nic: { counters } }, i): Flow => {
      const count = counters.packetsSent - (before[i]?.packetsSent ?? 0);
      const bytes = counters.bytesSent - (before[i]?.bytesSent ?? 0);
      return { count, bytes: Math.round(bytes / Math.max(1, count)) };
    });
    if (there === undefined || back === undefined) throw new Error('there are two directions');
    return [there, back];
  };
  return { run, flows, close: () => Promise.all(hosts.map((host) => host.close())) };
};

const rowsOf = async (kind: TransportKind, name: string, operation: Operation, size: number): Promise<BenchRow[]> => {
  const connection = await open(kind, operation, size);
  const bare = await BareExchange.open(kind, BARE_ADDRESSES, await connection.flows());
  for (let i = 0; i < WARM; i++) {
    await connection.run();
    await bare.run();
  }
  const [limit = 0, rate = 0] = await bestRatesAsync(ROUNDS, [() => bare.run(), connection.run]);
  const messages = Math.ceil(PACKETS / 2 / Math.max(1, Math.ceil(size / MTU)));
  const payload = Math.round((rate * messages * size) / (await connection.run()));
  await Promise.all([connection.close(), bare.close()]);
  const row = `rnic over ${name}, ${operation} ${size} bytes`;
  const baseline = `${name} bare, packets of ${operation} ${size} bytes`;
  const unit = 'packets/s';
  return [
    { name: baseline, value: Math.round(limit), unit },
    { name: row, value: Math.round(rate), unit, baseline, ratio: rate / limit },
    { name: `${row}, payload`, value: payload, unit: 'bytes/s' },
  ];
};

const NAMES = { mmsg: 'sendmmsg/recvmmsg', dgram: 'node:dgram' } as const satisfies Record<TransportKind, string>;

const CASES = {
  'rnic-mmsg-send': ['mmsg', 'SEND', [1024, 64, 4096, 65536]],
  'rnic-mmsg-write': ['mmsg', 'RDMA_WRITE', [1024, 64, 4096, 65536]],
  'rnic-mmsg-read': ['mmsg', 'RDMA_READ', [1024, 64, 4096, 65536]],
  'rnic-mmsg-atomic': ['mmsg', 'ATOMIC_FETCH_AND_ADD', [8]],
  'rnic-dgram-send': ['dgram', 'SEND', [1024]],
} as const satisfies Record<string, readonly [TransportKind, Operation, readonly number[]]>;

/**
 * Two devices in one thread, loopback between them: a benchmark for each transport and operation, each to be run in a
 * process of its own, as perftest has a program for each.
 */
export const RNIC_UDP: Readonly<Record<string, () => Promise<readonly BenchRow[]>>> = Object.fromEntries(
  Object.entries(CASES).map(([bench, [kind, operation, sizes]]) => [
    bench,
    async () => {
      const rows: BenchRow[] = [];
      for (const size of sizes) rows.push(...(await rowsOf(kind, NAMES[kind], operation, size)));
      return rows;
    },
  ]),
);
