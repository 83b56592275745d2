// Owns two whole devices in one thread, no socket between them.
import { ip, Nic, type NicConfig } from '../../impl/index.ts';
import type { Path } from '../../impl/wire/path.ts';
import { connect, makeEnd, makeStream, type Operation } from './connect.ts';

export const ADDRESSES = [ip('10.0.0.1'), ip('10.0.0.2')] as const;
const SLOT = 4608;
const SLOTS = 1024;

/** Datagrams from one device to the other, in buffers that are used again and again. */
class Wire {
  readonly #slots = Array.from({ length: SLOTS }, () => new Uint8Array(SLOT));
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

  /** Bytes of the datagrams that went by last. */
  lengths(count: number): readonly number[] {
    return [...this.#lengths.subarray(0, Math.min(count, this.#tail))];
  }
}

export type Pair = {
  /** Moves so many messages; returns the packets that took, both ways. */
  readonly run: (messages: number) => number;
  /** Bytes of datagrams as they went by, both ways. */
  readonly lengths: () => readonly number[];
};

export const makePair = (operation: Operation, size: number, config: Partial<NicConfig> = {}): Pair => {
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
  const run = (messages: number): number => {
    const before = stream.packets;
    stream.restart();
    while (stream.done < messages) {
      stream.post(messages);
      a.nic.tick(0);
      there.deliver(b.nic);
      b.nic.tick(0);
      back.deliver(a.nic);
      stream.poll();
    }
    return stream.packets - before;
  };
  return { run, lengths: () => [...there.lengths(SLOTS), ...back.lengths(SLOTS)] };
};
