// Owns two whole devices in one thread, no socket between them.
import { ip, Nic, type NicConfig } from '../../impl/index.ts';
import type { Path } from '../../impl/wire/path.ts';
import { connect, MTU, makeEnd, makeStream, type Operation, WINDOW } from './connect.ts';

export const ADDRESSES = [ip('10.0.0.1'), ip('10.0.0.2')] as const;
const FEWEST_SLOTS = 1024;

/** Datagrams from one device to the other, in buffers that are used again and again. */
class Wire {
  readonly #slots: (Uint8Array | undefined)[];
  readonly #paths: (Path | undefined)[];
  #head = 0;
  #tail = 0;

  constructor(slots: number) {
    this.#slots = Array.from({ length: slots }, () => undefined);
    this.#paths = Array.from({ length: slots }, () => undefined);
  }

  /** Throws where there is no room: time stands still here, so nothing lost would ever be sent again. */
  put(datagram: Uint8Array, way: Path): void {
    if (this.#tail - this.#head === this.#slots.length) throw new Error('more packets at once than the wire holds');
    const slot = this.#tail++ % this.#slots.length;
    if (this.#slots[slot]?.length !== datagram.length) this.#slots[slot] = new Uint8Array(datagram.length);
    this.#slots[slot]?.set(datagram);
    this.#paths[slot] = way;
  }

  deliver(to: Nic): void {
    while (this.#head < this.#tail) {
      const slot = this.#head++ % this.#slots.length;
      const way = this.#paths[slot];
      const bytes = this.#slots[slot];
      if (way !== undefined && bytes !== undefined) to.receive(bytes, way, 0);
    }
  }

  /** The datagrams that went by last. */
  get last(): readonly Uint8Array[] {
    return this.#slots.filter((slot) => slot !== undefined);
  }
}

export type Pair = {
  /** Moves so many messages; returns the packets that took, both ways. */
  readonly run: (messages: number) => number;
  /** Datagrams that went by last, both ways. */
  readonly datagrams: () => readonly Uint8Array[];
};

export const makePair = (operation: Operation, size: number, config: Partial<NicConfig> = {}): Pair => {
  const slots = Math.max(FEWEST_SLOTS, WINDOW * Math.ceil(size / MTU));
  const [there, back] = [new Wire(slots), new Wire(slots)];
  const nics = [there, back].map((wire, i) => {
    const address = ADDRESSES[i === 0 ? 0 : 1];
    const transmit = (datagram: Uint8Array, way: Path): void => wire.put(datagram, way);
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
  return { run, datagrams: () => [...there.last, ...back.last] };
};
