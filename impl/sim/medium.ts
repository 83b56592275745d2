// Owns the packets between the devices of a simulated world.
import type { Path } from '../wire/path.ts';

/** A datagram under way. */
export type InFlight = {
  /** Its ordinal among all datagrams of the world, duplicates included, from 0. */
  readonly id: number;
  /** Index of the device that sent it. */
  readonly from: number;
  /** Its ordinal among those of its sender, from 0; a duplicate has that of its original. */
  readonly ordinal: number;
  readonly bytes: Uint8Array;
  readonly path: Path;
};

/** Everything under way, oldest first. */
export class Medium {
  readonly #flying = new Map<number, InFlight>();
  readonly #sent: number[] = [];
  #last = -1;

  /** Takes a datagram over: its bytes are its own from now on. */
  launch(from: number, bytes: Uint8Array, path: Path): InFlight {
    const ordinal = this.#sent[from] ?? 0;
    this.#sent[from] = ordinal + 1;
    return this.#add({ from, ordinal, bytes, path });
  }

  /** Sends a second copy of a datagram. */
  copy({ from, ordinal, bytes, path }: InFlight): InFlight {
    return this.#add({ from, ordinal, bytes, path });
  }

  /** Takes a datagram out: it arrives, or is lost. Undefined if it is not under way. */
  take(id: number): InFlight | undefined {
    const found = this.#flying.get(id);
    this.#flying.delete(id);
    return found;
  }

  list(): readonly InFlight[] {
    return [...this.#flying.values()];
  }

  get size(): number {
    return this.#flying.size;
  }

  #add(packet: Omit<InFlight, 'id'>): InFlight {
    this.#last++;
    const flying = { id: this.#last, ...packet };
    this.#flying.set(flying.id, flying);
    return flying;
  }
}
