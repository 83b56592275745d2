// Owns views of a buffer at places that are looked at again and again: to make one costs as much as to copy a kilobyte.

/** Places kept; a power of two. */
const KEPT = 64;

/** Views of one buffer, kept by place for the next time. */
export class Views {
  readonly #bytes: Uint8Array;
  readonly #starts: number[] = [];
  readonly #kept: Uint8Array[] = [];

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** `bytes[start, start + length)`. */
  at(start: number, length: number): Uint8Array {
    // Messages and their packets begin at multiples of powers of two, as a rule.
    const slot = ((start >>> 6) ^ (start >>> 10) ^ (start >>> 16)) & (KEPT - 1);
    const kept = this.#kept[slot];
    if (kept !== undefined && this.#starts[slot] === start && kept.length === length) return kept;
    const made = this.#bytes.subarray(start, start + length);
    this.#starts[slot] = start;
    this.#kept[slot] = made;
    return made;
  }
}
