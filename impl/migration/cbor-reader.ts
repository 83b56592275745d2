// Owns the reading of deterministic CBOR (RFC 8949, section 4.2.1): every second spelling is refused. Chapter 60.
import { ARRAY, BYTES, FALSE, MAJOR_NAMES, NULL, SIMPLE, TAG, TEXT, TRUE, UNSIGNED } from './cbor-items.ts';
import type { Place } from './place.ts';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Least argument that needs a head with 1, 2, 4, 8 bytes of it; less is a longer spelling than necessary. */
const LEAST = [24, 0x100, 0x10000, 0x100000000] as const;

const TWO_32 = 0x100000000;

/** Reads items one after the other, of which `place` knows where they stand. Throws ReadError. */
export class CborReader {
  readonly place: Place;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array, place: Place) {
    this.place = place;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** An integer from 0 up: exact below 2^53, and no less than 2^53 if it is not. */
  uint(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined || byte >= 24) return this.#head(UNSIGNED, 'an integer');
    this.#at++;
    return byte;
  }

  /** An integer from 0 to 2^64 - 1: a bigint from 2^53 on. */
  wideUint(): number | bigint {
    const start = this.#at;
    const value = this.uint();
    return Number.isSafeInteger(value) ? value : this.#view.getBigUint64(start + 1);
  }

  /** A view. */
  bytes(): Uint8Array {
    return this.#string(BYTES, 'bytes');
  }

  text(): string {
    const bytes = this.#string(TEXT, 'text');
    try {
      return decoder.decode(bytes);
    } catch {
      return this.place.refuse('not UTF-8', 'IMG-5');
    }
  }

  boolean(): boolean {
    const byte = this.#bytes[this.#at];
    if (byte !== TRUE && byte !== FALSE) return this.#refuseItem('true or false');
    this.#at++;
    return byte === TRUE;
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
    return length <= this.#bytes.length - this.#at ? length : this.#endsEarly();
  }

  /** Whether `item`, encoded before, is next; only then is it taken. */
  encoded(item: Uint8Array): boolean {
    const [bytes, at] = [this.#bytes, this.#at];
    for (let i = 0; i < item.length; i++) if (bytes[at + i] !== item[i]) return false;
    this.#at = at + item.length;
    return true;
  }

  /** Refuses what is next, which is not what was expected. */
  refuseNext(expected: string): never {
    const byte = this.#bytes[this.#at] ?? this.#endsEarly();
    if (byte >> 5 === TEXT) this.place.refuse(`expected ${expected}, found "${this.text()}"`);
    if (byte >> 5 === UNSIGNED) this.place.refuse(`expected ${expected}, found ${this.uint()}`);
    return this.#refuseItem(expected);
  }

  /** Refuses anything behind the last item. */
  end(): void {
    const left = this.#bytes.length - this.#at;
    if (left > 0) this.place.refuse(`${left} bytes follow`, 'IMG-5');
  }

  #string(major: number, expected: string): Uint8Array {
    const length = this.#head(major, expected);
    const start = this.#at;
    if (length > this.#bytes.length - start) this.#endsEarly();
    this.#at = start + length;
    return this.#bytes.subarray(start, this.#at);
  }

  #endsEarly(): never {
    return this.place.refuse('the metadata end too early', 'IMG-5');
  }

  #refuseItem(expected: string): never {
    const byte = this.#bytes[this.#at] ?? this.#endsEarly();
    const major = byte >> 5;
    const known = byte === TRUE || byte === FALSE || byte === NULL || (major !== SIMPLE && major !== TAG);
    return this.place.refuse(`expected ${expected}, found ${MAJOR_NAMES[major]}`, known ? 'IMG-6' : 'IMG-5');
  }

  /** The argument of an item of this major type: exact below 2^53, and no less than 2^53 if it is not. */
  #head(major: number, expected: string): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined || byte >> 5 !== major) return this.#refuseItem(expected);
    this.#at++;
    const info = byte & 0x1f;
    if (info < 24) return info;
    const least = LEAST[info - 24];
    if (least === undefined) return this.place.refuse('an item of indefinite length or reserved kind', 'IMG-5');
    const size = 1 << (info - 24);
    if (size > this.#bytes.length - this.#at) this.#endsEarly();
    const value = this.#argument(size);
    this.#at += size;
    return value >= least ? value : this.place.refuse('a number in more bytes than it needs', 'IMG-5');
  }

  #argument(size: number): number {
    const view = this.#view;
    switch (size) {
      case 1:
        return view.getUint8(this.#at);
      case 2:
        return view.getUint16(this.#at);
      case 4:
        return view.getUint32(this.#at);
      default:
        return view.getUint32(this.#at) * TWO_32 + view.getUint32(this.#at + 4);
    }
  }
}
