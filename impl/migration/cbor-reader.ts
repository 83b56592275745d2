// Owns the reading of deterministic CBOR (RFC 8949, section 4.2.1): every second spelling is refused. Chapter 60.
import { ARRAY, BYTES, FALSE, MAJOR_NAMES, NULL, SIMPLE, TEXT, TRUE, UNSIGNED } from './cbor-items.ts';
import type { ImageError } from './image-error.ts';

/** A refusal; caught where the image is read. */
export class ReadError extends Error {
  override readonly name = 'ReadError';
  readonly rule: ImageError['rule'];
  /** Where, such as `image.qps[3].data.sq`. */
  readonly place: string;

  constructor(rule: ImageError['rule'], place: string, message: string) {
    super(message);
    this.rule = rule;
    this.place = place;
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Least argument that needs a head with 1, 2, 4, 8 bytes of it; less is a longer spelling than necessary. */
const LEAST = [24, 0x100, 0x10000, 0x100000000] as const;

/** Reads items one after the other. The path of names and indexes is for the words of a refusal only. */
export class CborReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #path: (string | number)[];
  #at = 0;

  constructor(bytes: Uint8Array, root: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#path = [root];
  }

  /** What is read next is this field or element, until `leave`. */
  enter(step: string | number): void {
    this.#path.push(step);
  }

  leave(): void {
    this.#path.pop();
  }

  /** Throws a refusal of what has just been read. */
  refuse(message: string, rule: ImageError['rule'] = 'IMG-6'): never {
    const steps = this.#path.map((step, i) => (typeof step === 'number' ? `[${step}]` : i === 0 ? step : `.${step}`));
    throw new ReadError(rule, steps.join(''), message);
  }

  /** An integer from 0 to 2^53 - 1. */
  uint(): number {
    const value = this.#head(UNSIGNED, 'an integer');
    return Number.isSafeInteger(value) ? value : this.refuse('expected an integer of at most 53 bits');
  }

  /** An integer from 0 to 2^64 - 1. */
  wideUint(): bigint {
    const start = this.#at;
    const value = this.#head(UNSIGNED, 'an integer');
    return value < 0x100000000 ? BigInt(value) : this.#view.getBigUint64(start + 1);
  }

  bytes(): Uint8Array {
    return this.#string(BYTES, 'bytes');
  }

  text(): string {
    const bytes = this.#string(TEXT, 'text');
    try {
      return decoder.decode(bytes);
    } catch {
      return this.refuse('not UTF-8', 'IMG-5');
    }
  }

  boolean(): boolean {
    const byte = this.#next();
    if (byte === TRUE || byte === FALSE) return byte === TRUE;
    return this.#refuseItem(byte, 'true or false');
  }

  /** Whether null is next; only then is it taken. */
  null(): boolean {
    if (this.#bytes[this.#at] !== NULL) return false;
    this.#at++;
    return true;
  }

  /** The length of an array whose items are read next. */
  array(): number {
    const length = this.#head(ARRAY, 'an array');
    // Each item has a byte at least: a length that cannot be true must not reserve memory.
    return length <= this.#bytes.length - this.#at ? length : this.refuse('the metadata end too early', 'IMG-5');
  }

  /** Whether `item`, encoded before, is next; only then is it taken. */
  encoded(item: Uint8Array): boolean {
    for (let i = 0; i < item.length; i++) if (this.#bytes[this.#at + i] !== item[i]) return false;
    this.#at += item.length;
    return true;
  }

  /** What is next, as words. */
  found(): string {
    const byte = this.#bytes[this.#at];
    return byte === undefined ? 'the end' : (MAJOR_NAMES[byte >> 5] ?? 'nothing');
  }

  /** Refuses anything behind the last item. */
  end(): void {
    const left = this.#bytes.length - this.#at;
    if (left > 0) this.refuse(`${left} bytes follow`, 'IMG-5');
  }

  #string(major: number, expected: string): Uint8Array {
    const length = this.#head(major, expected);
    const start = this.#at;
    if (length > this.#bytes.length - start) this.refuse('the metadata end too early', 'IMG-5');
    this.#at = start + length;
    return this.#bytes.subarray(start, this.#at);
  }

  #next(): number {
    return this.#bytes[this.#at++] ?? this.refuse('the metadata end too early', 'IMG-5');
  }

  #refuseItem(byte: number, expected: string): never {
    const major = byte >> 5;
    const known = byte === TRUE || byte === FALSE || byte === NULL || major !== SIMPLE;
    return this.refuse(`expected ${expected}, found ${MAJOR_NAMES[major]}`, known ? 'IMG-6' : 'IMG-5');
  }

  /** The argument of an item of this major type: exact up to 2^53, at least 2^53 beyond. */
  #head(major: number, expected: string): number {
    const byte = this.#next();
    if (byte >> 5 !== major) return this.#refuseItem(byte, expected);
    const info = byte & 0x1f;
    if (info < 24) return info;
    const least = LEAST[info - 24];
    if (least === undefined) return this.refuse('an item of indefinite length or reserved kind', 'IMG-5');
    const size = 1 << (info - 24);
    if (size > this.#bytes.length - this.#at) return this.refuse('the metadata end too early', 'IMG-5');
    const value = this.#argument(size);
    this.#at += size;
    return value >= least ? value : this.refuse('a number in more bytes than it needs', 'IMG-5');
  }

  #argument(size: number): number {
    switch (size) {
      case 1:
        return this.#view.getUint8(this.#at);
      case 2:
        return this.#view.getUint16(this.#at);
      case 4:
        return this.#view.getUint32(this.#at);
      default:
        return this.#view.getUint32(this.#at) * 0x100000000 + this.#view.getUint32(this.#at + 4);
    }
  }
}
