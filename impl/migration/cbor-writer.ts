// Owns the writing of deterministic CBOR (RFC 8949, section 4.2.1), as far as an image needs it. Chapter 60.
import { ARRAY, BYTES, FALSE, NULL, TEXT, TRUE, UNSIGNED } from './cbor-items.ts';

const encoder = new TextEncoder();

/** Writes items one after the other, each in its only spelling: shortest head, definite length. */
export class CborWriter {
  #bytes = new Uint8Array(4096);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;

  /** What has been written; a view that the next write may invalidate. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  /** An integer from 0 to 2^53 - 1. Throws RangeError for anything else: what cannot be read must not be written. */
  uint(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} is not an unsigned integer`);
    this.#head(UNSIGNED, value);
  }

  /** An integer from 0 to 2^64 - 1. */
  wideUint(value: bigint): void {
    if (value <= BigInt(Number.MAX_SAFE_INTEGER)) {
      this.uint(Number(value));
      return;
    }
    if (value >> 64n !== 0n) throw new RangeError(`${value} has more than 64 bits`);
    this.#reserve(9);
    this.#view.setUint8(this.#at, 0x1b);
    this.#view.setBigUint64(this.#at + 1, value);
    this.#at += 9;
  }

  bytes(value: Uint8Array): void {
    this.#string(BYTES, value);
  }

  text(value: string): void {
    this.#string(TEXT, encoder.encode(value));
  }

  /** An item encoded before. */
  encoded(item: Uint8Array): void {
    this.#reserve(item.length);
    this.#bytes.set(item, this.#at);
    this.#at += item.length;
  }

  boolean(value: boolean): void {
    this.#byte(value ? TRUE : FALSE);
  }

  null(): void {
    this.#byte(NULL);
  }

  /** The head of an array whose `length` items are written next. */
  array(length: number): void {
    this.#head(ARRAY, length);
  }

  #string(major: number, value: Uint8Array): void {
    this.#head(major, value.length);
    this.encoded(value);
  }

  #byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = value;
  }

  #head(major: number, value: number): void {
    this.#reserve(9);
    const bytes = this.#bytes;
    const type = major << 5;
    if (value < 24) bytes[this.#at++] = type | value;
    else if (value < 0x100) {
      bytes[this.#at++] = type | 24;
      bytes[this.#at++] = value;
    } else if (value < 0x10000) {
      bytes[this.#at++] = type | 25;
      bytes[this.#at++] = value >>> 8;
      bytes[this.#at++] = value;
    } else if (value < 0x100000000) {
      bytes[this.#at] = type | 26;
      this.#view.setUint32(this.#at + 1, value);
      this.#at += 5;
    } else {
      bytes[this.#at] = type | 27;
      this.#view.setUint32(this.#at + 1, Math.floor(value / 0x100000000));
      this.#view.setUint32(this.#at + 5, value >>> 0);
      this.#at += 9;
    }
  }

  #reserve(more: number): void {
    if (this.#at + more <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + more));
    grown.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
