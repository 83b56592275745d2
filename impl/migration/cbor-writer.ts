// Owns the writing of deterministic CBOR (RFC 8949, section 4.2.1), as far as an image needs it. Chapter 60.
import { ARRAY, BYTES, FALSE, NULL, TEXT, TRUE, UNSIGNED } from './cbor-items.ts';

const encoder = new TextEncoder();

/** What UTF-8 cannot carry. */
const HALF_PAIR = /\p{Surrogate}/u;

/** Bytes of the longest head: a byte and a number of 64 bits. */
const HEAD = 9;

const TWO_32 = 0x100000000;

/** Writes items one after the other, each in its only spelling: shortest head, definite length. */
export class CborWriter {
  #bytes = new Uint8Array(1 << 16);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;

  /** What has been written, as a copy; the writer begins anew. */
  take(): Uint8Array {
    const written = this.#bytes.slice(0, this.#at);
    this.#at = 0;
    return written;
  }

  /** Forgets what has been written. */
  clear(): void {
    this.#at = 0;
  }

  /** An integer from 0 to 2^53 - 1, which the caller has checked. */
  uint(value: number): void {
    this.#head(UNSIGNED, value);
  }

  /** An integer from 0 to 2^64 - 1. Throws RangeError for anything else: what cannot be read must not be written. */
  wideUint(value: bigint): void {
    if (value >= 0n && value < TWO_32) {
      this.#head(UNSIGNED, Number(value));
      return;
    }
    if (value >> 64n !== 0n) throw new RangeError(`${value} is no unsigned integer of 64 bits`);
    this.#reserve(HEAD);
    this.#bytes[this.#at] = (UNSIGNED << 5) | 27;
    this.#view.setBigUint64(this.#at + 1, value);
    this.#at += HEAD;
  }

  bytes(value: Uint8Array): void {
    this.#head(BYTES, value.length);
    this.encoded(value);
  }

  /** Throws RangeError for half of a surrogate pair. */
  text(value: string): void {
    if (HALF_PAIR.test(value)) throw new RangeError('text with half of a surrogate pair');
    const bytes = encoder.encode(value);
    this.#head(TEXT, bytes.length);
    this.encoded(bytes);
  }

  /** Items encoded before. */
  encoded(items: Uint8Array): void {
    const { length } = items;
    this.#reserve(length);
    const [bytes, at] = [this.#bytes, this.#at];
    if (length > 64) bytes.set(items, at);
    else for (let i = 0; i < length; i++) bytes[at + i] = items[i] ?? 0;
    this.#at = at + length;
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

  #byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#at] = value;
    this.#at++;
  }

  #head(major: number, value: number): void {
    this.#reserve(HEAD);
    const [bytes, at, type] = [this.#bytes, this.#at, major << 5];
    if (value < 24) {
      bytes[at] = type | value;
      this.#at = at + 1;
    } else if (value < 0x100) {
      bytes[at] = type | 24;
      bytes[at + 1] = value;
      this.#at = at + 2;
    } else if (value < 0x10000) {
      bytes[at] = type | 25;
      bytes[at + 1] = value >>> 8;
      bytes[at + 2] = value;
      this.#at = at + 3;
    } else if (value < TWO_32) {
      bytes[at] = type | 26;
      this.#view.setUint32(at + 1, value);
      this.#at = at + 5;
    } else {
      bytes[at] = type | 27;
      this.#view.setUint32(at + 1, Math.floor(value / TWO_32));
      this.#view.setUint32(at + 5, value >>> 0);
      this.#at = at + HEAD;
    }
  }

  #reserve(more: number): void {
    const needed = this.#at + more;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, needed));
    grown.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
