// What two whole devices move, with encode, decode and ICRC on both sides: packets and bytes per second by operation and
// size, as a share of the ICRC alone; and what being migratable costs.
import { icrc } from '../../impl/wire/icrc.ts';
import { path } from '../../impl/wire/path.ts';
import { MTU, type Operation } from './connect.ts';
import { benchMigratable } from './migratable.ts';
import { ADDRESSES, makePair, type Pair } from './pair.ts';
import { bestRates, type Round } from './rounds.ts';
import type { BenchRow } from './row.ts';

const ROUNDS = 60;
/** Packets of a round: some milliseconds. */
const PACKETS = 2000;
/** Rounds before the first that counts: everything is compiled then. */
const WARM = 20;

/** A round of messages that make about `PACKETS` packets. */
const roundOf = ({ run }: Pair, size: number): Round => {
  const messages = Math.ceil(PACKETS / Math.max(1, Math.ceil(size / MTU)));
  for (let i = 0; i < WARM; i++) run(messages);
  return () => run(messages);
};

/** A round of nothing but the ICRCs of such packets, once at each end. */
const icrcRound = ({ run, datagrams }: Pair): Round => {
  run(64);
  const samples = datagrams();
  const way = path(ADDRESSES[0], ADDRESSES[1], 0xc000);
  let sink = 0;
  return () => {
    for (let i = 0; i < PACKETS; i++) {
      const bytes = samples[i % samples.length];
      if (bytes !== undefined) sink ^= icrc(bytes, 0, bytes.length, way) ^ icrc(bytes, 0, bytes.length, way);
    }
    return sink === 0.5 ? 0 : PACKETS;
  };
};

const rowsOf = (size: number, operations: readonly Operation[]): readonly BenchRow[] => {
  const pairs = operations.map((operation) => makePair(operation, size));
  const bounds = pairs.slice(0, 1).map(icrcRound);
  const [limit = 0, ...rates] = bestRates(ROUNDS, [...bounds, ...pairs.map((pair) => roundOf(pair, size))]);
  const bound = `rnic ICRC alone, packets of ${operations[0]} ${size} bytes`;
  return [
    { name: bound, value: Math.round(limit), unit: 'packets/s' },
    ...operations.flatMap((operation, i): BenchRow[] => {
      const rate = rates[i] ?? 0;
      const name = `rnic ${operation} ${size} bytes, MTU ${MTU}`;
      const perMessage = pairs[i]?.run(100) ?? 0;
      const payload = Math.round((rate * size * 100) / perMessage);
      return [
        { name, value: Math.round(rate), unit: 'packets/s', baseline: bound, ratio: rate / limit },
        { name: `${name}, payload`, value: payload, unit: 'bytes/s' },
      ];
    }),
  ];
};

const MESSAGES: readonly Operation[] = ['SEND', 'RDMA_WRITE', 'RDMA_READ'];

/** Two devices in one thread, no socket between them. */
export const benchRnic = async (): Promise<readonly BenchRow[]> => [
  ...[64, 1024, 4096, 65536].flatMap((size) => rowsOf(size, MESSAGES)),
  ...rowsOf(8, ['ATOMIC_FETCH_AND_ADD']),
  ...benchMigratable(),
];
