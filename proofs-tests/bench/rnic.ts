// What two whole devices move, with encode, decode and ICRC on both sides: packets and bytes per second by operation and
// size, as a share of the ICRC alone; and what being migratable costs.
import { ip, Nic, type NicConfig } from '../../impl/index.ts';
import type { MigrationProtocol } from '../../impl/rc/migration-protocol.ts';
import { TARDIS } from '../../impl/rc/tardis.ts';
import { icrc } from '../../impl/wire/icrc.ts';
import { type Path, path } from '../../impl/wire/path.ts';
import { connect, MTU, makeEnd, makeStream, type Operation } from './connect.ts';
import type { BenchRow } from './row.ts';

const ADDRESSES = [ip('10.0.0.1'), ip('10.0.0.2')] as const;
const SLOT = 4608;
const SLOTS = 1024;

/** Datagrams from one device to the other, in buffers that are used again and again. */
class Wire {
  readonly #slots = Array.from({ length: SLOTS }, () => Buffer.alloc(SLOT));
  readonly #lengths = new Int32Array(SLOTS);
  readonly #paths: (Path | undefined)[] = Array.from({ length: SLOTS }, () => undefined);
  #head = 0;
  #tail = 0;

  put(datagram: Uint8Array, length: number, way: Path): void {
    const slot = this.#tail++ % SLOTS;
    this.#slots[slot]?.set(datagram.subarray(0, length));
    this.#lengths[slot] = length;
    this.#paths[slot] = way;
  }

  deliver(to: Nic): void {
    while (this.#head < this.#tail) {
      const slot = this.#head++ % SLOTS;
      const way = this.#paths[slot];
      const bytes = this.#slots[slot];
      if (way !== undefined && bytes !== undefined) to.receive(bytes.subarray(0, this.#lengths[slot]), way, 0);
    }
  }
}

/** A pair that can be run again and again; `run` moves `count` messages and returns the packets that took. */
const makePair = (operation: Operation, size: number, config: Partial<NicConfig> = {}) => {
  const [there, back] = [new Wire(), new Wire()];
  const nics = [there, back].map((wire, i) => {
    const address = ADDRESSES[i === 0 ? 0 : 1];
    const transmit = (datagram: Uint8Array, length: number, way: Path): void => wire.put(datagram, length, way);
    return new Nic({ ...config, addresses: [address] }, { transmit, wakeAt: () => {} });
  });
  const [a, b] = nics.map(makeEnd);
  if (a === undefined || b === undefined) throw new Error('two devices were made');
  connect(a, b, ADDRESSES[1]);
  connect(b, a, ADDRESSES[0]);
  const stream = makeStream(a, b, operation, size);
  const run = (count: number): number => {
    const before = stream.packets;
    stream.restart();
    while (stream.done < count) {
      stream.post(count);
      a.nic.tick(0);
      there.deliver(b.nic);
      b.nic.tick(0);
      back.deliver(a.nic);
      stream.poll();
    }
    return stream.packets - before;
  };
  return { run, size };
};

const ROUNDS = 7;
const PACKETS = 30_000;

type Rate = { readonly packets: number; readonly bytes: number };

/** The best of many short rounds, taken in turn: the machine's other work only ever makes a round slower. */
const bestOf = (pairs: readonly ReturnType<typeof makePair>[]): readonly Rate[] => {
  const best = pairs.map((): Rate => ({ packets: 0, bytes: 0 }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, { run, size }] of pairs.entries()) {
      const count = Math.ceil(PACKETS / Math.max(1, Math.ceil(size / MTU)));
      const started = process.hrtime.bigint();
      const packets = run(count);
      const seconds = Number(process.hrtime.bigint() - started) / 1e9;
      if (packets / seconds > (best[i]?.packets ?? 0)) {
        best[i] = { packets: packets / seconds, bytes: (count * size) / seconds };
      }
    }
  }
  return best;
};

/** Packets per second if nothing but their ICRC were computed, once on each side; half of them are ACKs for `acks`. */
const icrcBound = (payload: number, acks: boolean): number => {
  const way = path(ADDRESSES[0], ADDRESSES[1], 0xc000);
  const bytes = Buffer.alloc(SLOT);
  const lengths = acks ? [payload + 16, 20] : [payload + 16];
  let best = 0;
  let sink = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const started = process.hrtime.bigint();
    for (let i = 0; i < PACKETS; i++) {
      const length = lengths[i % lengths.length] ?? 20;
      sink ^= icrc(bytes, 0, length, way) ^ icrc(bytes, 0, length, way);
    }
    best = Math.max(best, PACKETS / (Number(process.hrtime.bigint() - started) / 1e9));
  }
  return sink === 0.5 ? 0 : best;
};

const sizes = [64, 1024, 65536] as const;
const operations: readonly Operation[] = ['SEND', 'RDMA_WRITE', 'RDMA_READ'];

const rowsOf = (size: number): readonly BenchRow[] => {
  const payload = Math.min(size, MTU);
  const bound = `rnic ICRC alone, ${size}-byte messages`;
  const limit = icrcBound(payload, size <= MTU);
  const rates = bestOf(operations.map((operation) => makePair(operation, size)));
  return [
    { name: bound, value: Math.round(limit), unit: 'packets/s' },
    ...operations.flatMap((operation, i): BenchRow[] => {
      const { packets = 0, bytes = 0 } = rates[i] ?? {};
      const name = `rnic ${operation} ${size} bytes, MTU ${MTU}`;
      return [
        { name, value: Math.round(packets), unit: 'packets/s', baseline: bound, ratio: packets / limit },
        { name: `${name}, payload`, value: Math.round(bytes), unit: 'bytes/s' },
      ];
    }),
  ];
};

/** Judges every packet of the peer an ordinary one: a device that cannot migrate. */
const IMMOVABLE: MigrationProtocol = {
  ...TARDIS,
  judge: (qp, _packet, _info, source) => (source === qp.path?.destination ? 'PROCESS' : 'DROP_SOURCE'),
};

const migratableRows = (): readonly BenchRow[] => {
  const [without, with_] = bestOf([makePair('SEND', 1024, { protocol: IMMOVABLE }), makePair('SEND', 1024)]);
  const name = 'rnic SEND 1024 bytes, not migratable';
  const limit = without?.packets ?? 0;
  const value = with_?.packets ?? 0;
  return [
    { name, value: Math.round(limit), unit: 'packets/s' },
    {
      name: 'rnic SEND 1024 bytes, migratable',
      value: Math.round(value),
      unit: 'packets/s',
      baseline: name,
      ratio: value / limit,
    },
  ];
};

/** Two devices in one thread, no socket between them. */
export const benchRnic = async (): Promise<readonly BenchRow[]> => [...sizes.flatMap(rowsOf), ...migratableRows()];
