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
  /** By id, from that of `#first` on; undefined where one has gone. */
  #flying: (InFlight | undefined)[] = [];
  #first = 0;
  /** Places at the front that are empty. */
  #gone = 0;
  #size = 0;
  readonly #sent: number[] = [];

  /** Takes a datagram over: its bytes are its own from now on. */
  launch(from: number, bytes: Uint8Array, path: Path): InFlight {
    const ordinal = this.#sent[from] ?? 0;
    this.#sent[from] = ordinal + 1;
    return this.#add({ id: this.#first + this.#flying.length, from, ordinal, bytes, path });
  }

  /** Sends a second copy of a datagram. */
  copy({ from, ordinal, bytes, path }: InFlight): InFlight {
    return this.#add({ id: this.#first + this.#flying.length, from, ordinal, bytes, path });
  }

  /** Takes a datagram out: it arrives, or is lost. Undefined if it is not under way. */
  take(id: number): InFlight | undefined {
    const place = id - this.#first;
    const found = this.#flying[place];
    if (found === undefined) return undefined;
    this.#flying[place] = undefined;
    this.#size--;
    this.#clear();
    return found;
  }

  list(): readonly InFlight[] {
    return this.#flying.filter((packet) => packet !== undefined);
  }

  get size(): number {
    return this.#size;
  }

  /** Forgets the places before the oldest packet under way: half of all at least, so that little is moved. */
  #clear(): void {
    const flying = this.#flying;
    while (this.#gone < flying.length && flying[this.#gone] === undefined) this.#gone++;
    if (this.#gone <= 1024 || this.#gone * 2 <= flying.length) return;
    this.#flying = flying.slice(this.#gone);
    this.#first += this.#gone;
    this.#gone = 0;
  }

  #add(packet: InFlight): InFlight {
    this.#flying.push(packet);
    this.#size++;
    return packet;
  }
}
