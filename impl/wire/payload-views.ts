// Owns payloads as views of datagrams. To make one costs as much as to copy a kilobyte.

/** Views of the payloads of datagrams that come in a few buffers again and again: the slots of a ring, by number. */
export class PayloadViews {
  readonly #datagrams: Uint8Array[] = [];
  readonly #starts: number[] = [];
  readonly #payloads: Uint8Array[] = [];

  /** `bytes[start, end)`; the bytes are all of what is in slot `slot`. */
  of(bytes: Uint8Array, start: number, end: number, slot: number): Uint8Array {
    const kept = this.#payloads[slot];
    if (kept !== undefined && this.#datagrams[slot] === bytes && this.#starts[slot] === start) {
      if (kept.length === end - start) return kept;
    }
    const made = bytes.subarray(start, end);
    this.#datagrams[slot] = bytes;
    this.#starts[slot] = start;
    this.#payloads[slot] = made;
    return made;
  }
}
