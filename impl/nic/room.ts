// Owns the buffer in which a device encodes packets when its host offers none.
import { MAX_PACKET_BYTES } from '../wire/limits.ts';

/** Room for one datagram at a time: views of one buffer by their length in words; all of it is made when first needed. */
export class Room {
  #buffer: Uint8Array | undefined;
  #views: (Uint8Array | undefined)[] = [];

  /** `length` is a multiple of four. */
  of(length: number): Uint8Array {
    const known = this.#views[length >> 2];
    if (known !== undefined) return known;
    if (this.#buffer === undefined) {
      this.#buffer = new Uint8Array(MAX_PACKET_BYTES);
      this.#views = new Array<Uint8Array | undefined>(MAX_PACKET_BYTES / 4 + 1).fill(undefined);
    }
    const made = this.#buffer.subarray(0, length);
    this.#views[length >> 2] = made;
    return made;
  }
}
