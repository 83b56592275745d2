// Owns the shapes of an image's metadata: each says once how a value is written and read, and what is refused. Records
// are arrays in the order of their fields, so that a field costs its value and no name. Chapter 60.
import { encode as cborOf, rfc8949EncodeOptions } from 'cborg';
import { type ImageResult, refused } from './image-error.ts';
import { ItemReader } from './item-reader.ts';
import { Place, ReadError } from './place.ts';

/** Plain data, as an image's metadata consist of it: no map, no tag, no float, no negative integer. */
export type Item = number | bigint | string | boolean | null | Uint8Array | readonly Item[];

/** Both directions of one shape. `write` throws RangeError for a value it could not read again; `read` throws ReadError. */
export type Shape<T> = {
  /** What it is, in the words of chapter 60: `u24`, `list of sge`, `cap`. */
  readonly says: string;
  /** The shapes it is made of. */
  readonly parts: readonly Shape<unknown>[];
  write(value: T): Item;
  read(from: ItemReader): T;
};

export type ValueOf<S> = S extends Shape<infer T> ? T : never;

/** The deterministic CBOR of a value (RFC 8949, section 4.2.1). */
export const encode = <T>(shape: Shape<T>, value: T): Uint8Array => cborOf(shape.write(value), rfc8949EncodeOptions);

/** What `read` makes of the place it is given, or the refusal that it throws. */
export const refusals = <T>(root: string, read: (place: Place) => T): ImageResult<T> => {
  try {
    return { ok: true, value: read(new Place(root)) };
  } catch (error) {
    if (error instanceof ReadError) return refused(error.rule, error.place, error.message);
    throw error;
  }
};

//= IMG-5, IMG-6
/** Reads a value that fills `bytes`; a refusal names the field by its path from `root`. */
export const decode = <T>(shape: Shape<T>, bytes: Uint8Array, root: string): ImageResult<T> =>
  refusals(root, (place) => {
    const from = new ItemReader(bytes, place);
    const value = shape.read(from);
    from.end();
    return value;
  });

/** An integer in [min, max], 0 <= min <= max <= 2^53 - 1. */
export const integer = (min: number, max: number, says = `${min}..${max}`): Shape<number> => ({
  says,
  parts: [],
  write: (value) => {
    if (!Number.isSafeInteger(value) || value < min || value > max) {
      throw new RangeError(`${value} is no integer in ${min}..${max}`);
    }
    return value;
  },
  read: (from) => {
    const value = from.uint();
    return value >= min && value <= max
      ? value
      : from.place.refuse(`expected an integer from ${min} to ${max}, found ${value}`);
  },
});

export const u8 = integer(0, 0xff, 'u8');
export const u16 = integer(0, 0xffff, 'u16');
export const u24 = integer(0, 0xffffff, 'u24');
export const u32 = integer(0, 0xffffffff, 'u32');
/** A count, an address or a time: any non-negative integer a number holds exactly. */
export const natural = integer(0, Number.MAX_SAFE_INTEGER, 'u53');

/** 64 bits, always a bigint in memory. */
export const u64: Shape<bigint> = {
  says: 'u64',
  parts: [],
  write: (value) => {
    if (BigInt.asUintN(64, value) !== value) throw new RangeError(`${value} is no unsigned integer of 64 bits`);
    return value;
  },
  read: (from) => {
    const value = from.wideUint();
    return value === 0 ? 0n : BigInt(value);
  },
};

export const boolean: Shape<boolean> = {
  says: 'boolean',
  parts: [],
  write: (value) => value,
  read: (from) => from.boolean(),
};

/** What UTF-8 cannot carry. */
const HALF_PAIR = /\p{Surrogate}/u;

export const text: Shape<string> = {
  says: 'text',
  parts: [],
  write: (value) => {
    if (HALF_PAIR.test(value)) throw new RangeError('text with half of a surrogate pair');
    return value;
  },
  read: (from) => from.text(),
};

/** Bytes; what is read is a copy, as the buffer of a file may be large and short-lived. */
export const bytes: Shape<Uint8Array> = {
  says: 'bytes',
  parts: [],
  write: (value) => value,
  read: (from) => from.bytes(),
};

/** A value out of a fixed list. */
export const oneOf = <T extends string | number>(values: readonly T[]): Shape<T> => {
  const known = new Map<string | number, T>(values.map((value) => [value, value]));
  const expected = `one of ${values.join(', ')}`;
  return {
    says: values.join(' '),
    parts: [],
    write: (value) => {
      if (!known.has(value)) throw new RangeError(`${value} is not ${expected}`);
      return value;
    },
    read: (from) => {
      const name = from.name(expected);
      return known.get(name) ?? from.place.refuse(`expected ${expected}, found ${JSON.stringify(name)}`);
    },
  };
};

/** A value that may be absent; absent is null in the image and undefined in memory. */
export const optional = <T>(shape: Shape<T>): Shape<T | undefined> => ({
  says: `${shape.says} or null`,
  parts: [shape],
  write: (value) => (value === undefined ? null : shape.write(value)),
  read: (from) => (from.null() ? undefined : shape.read(from)),
});

/** A value that may be absent; absent is null on both sides. */
export const nullable = <T>(shape: Shape<T>): Shape<T | null> => ({
  says: `${shape.says} or null`,
  parts: [shape],
  write: (value) => (value === null ? null : shape.write(value)),
  read: (from) => (from.null() ? null : shape.read(from)),
});

export const list = <T>(shape: Shape<T>): Shape<readonly T[]> => ({
  says: `list of ${shape.says}`,
  parts: [shape],
  write: (values) => values.map((value) => shape.write(value)),
  read: (from) => {
    const { place } = from;
    const length = from.array();
    const values: T[] = [];
    for (let i = 0; i < length; i++) {
      place.enter(i);
      values.push(shape.read(from));
      place.leave();
    }
    return values;
  },
});
