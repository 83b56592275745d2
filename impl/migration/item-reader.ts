// Owns the reading of metadata item by item, whose bytes cborg takes apart: every second spelling is refused. Chapter 60.
import { type DecodeOptions, type Token, Tokenizer, Type } from 'cborg';
import type { Place } from './place.ts';

const STRICT: DecodeOptions = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  allowBigInt: true,
  retainStringBytes: true,
};

/** cborg mends what is not UTF-8, and drops a byte order mark: text is read from its bytes. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const WORDS: ReadonlyMap<Type, string> = new Map([
  [Type.uint, 'an integer'],
  [Type.negint, 'a negative integer'],
  [Type.bytes, 'bytes'],
  [Type.string, 'text'],
  [Type.array, 'an array'],
  [Type.map, 'a map'],
  [Type.true, 'true'],
  [Type.false, 'false'],
  [Type.null, 'null'],
]);

/** Reads items one after the other, of which `place` knows where they stand. Throws ReadError. */
export class ItemReader {
  readonly place: Place;
  readonly #tokens: Tokenizer;
  readonly #length: number;
  #next: Token | undefined;

  constructor(bytes: Uint8Array, place: Place) {
    this.place = place;
    this.#length = bytes.length;
    // What is cut from a Buffer is a view of it, and an image must not hold the file.
    this.#tokens = new Tokenizer(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length), STRICT);
  }

  /** An integer from 0 up: exact below 2^53, and no less than 2^53 if it is not. */
  uint(): number {
    return Number(this.wideUint());
  }

  /** An integer from 0 to 2^64 - 1: a bigint from 2^53 on. */
  wideUint(): number | bigint {
    return this.#take(Type.uint, 'an integer').value;
  }

  /** The caller's own. */
  bytes(): Uint8Array {
    return this.#take(Type.bytes, 'bytes').value;
  }

  text(): string {
    return this.#textOf(this.#take(Type.string, 'text'));
  }

  boolean(): boolean {
    const { type } = this.#look();
    if (type !== Type.true && type !== Type.false) this.#refuseNext('true or false');
    this.#next = undefined;
    return type === Type.true;
  }

  /** Whether null is next; only then is it taken. */
  null(): boolean {
    if (this.#look().type !== Type.null) return false;
    this.#next = undefined;
    return true;
  }

  /** A text or an integer, which names one of a few things. */
  name(expected: string): string | number {
    const token = this.#look();
    if (token.type !== Type.string && token.type !== Type.uint) this.#refuseNext(expected);
    this.#next = undefined;
    return token.type === Type.string ? this.#textOf(token) : Number(token.value);
  }

  /** The length of an array whose items are read next. */
  array(): number {
    const length: number = this.#take(Type.array, 'an array').value;
    // Each item has a byte at least: a length that cannot be true must not reserve memory.
    return length <= this.#left ? length : this.#endsEarly();
  }

  /** Refuses anything behind the last item. */
  end(): void {
    if (this.#left > 0) this.place.refuse(`${this.#left} bytes follow`, 'IMG-5');
  }

  get #left(): number {
    return this.#length - this.#tokens.pos();
  }

  #look(): Token {
    if (this.#next !== undefined) return this.#next;
    if (this.#tokens.done()) this.#endsEarly();
    try {
      this.#next = this.#tokens.next();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.place.refuse(message.replace(/^CBOR decode error: /, ''), 'IMG-5');
    }
    return this.#next;
  }

  #take(type: Type, expected: string): Token {
    const token = this.#look();
    if (token.type !== type) this.#refuseNext(expected);
    this.#next = undefined;
    return token;
  }

  #textOf({ byteValue }: Token): string {
    try {
      return decoder.decode(byteValue);
    } catch {
      return this.place.refuse('not UTF-8', 'IMG-5');
    }
  }

  #endsEarly(): never {
    return this.place.refuse('the metadata end too early', 'IMG-5');
  }

  /** What no image has, a float or a tag, belongs to another spelling; the rest is in a wrong place. */
  #refuseNext(expected: string): never {
    const { type } = this.#look();
    const found = WORDS.get(type);
    return this.place.refuse(
      `expected ${expected}, found ${found ?? type.name}`,
      found === undefined ? 'IMG-5' : 'IMG-6',
    );
  }
}
