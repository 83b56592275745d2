// Owns the shapes of an image's metadata: each says once how a value is written and read, and what is refused. Records
// are arrays in the order of their fields, so that a field costs its value and no name. Chapter 60.
import { CborReader } from './cbor-reader.ts';
import { CborWriter } from './cbor-writer.ts';
import { type ImageResult, refused } from './image-error.ts';
import { Place, ReadError } from './place.ts';

/** Both directions of one shape. `write` throws RangeError for a value it could not read again; `read` throws ReadError. */
export type Shape<T> = {
  /** What it is, in the words of chapter 60: `u24`, `list of sge`, `cap`. */
  readonly says: string;
  /** The shapes it is made of. */
  readonly parts: readonly Shape<unknown>[];
  write(out: CborWriter, value: T): void;
  read(from: CborReader): T;
};

export type ValueOf<S> = S extends Shape<infer T> ? T : never;

/** One for all: it keeps the room that the largest image has needed. */
const writer = new CborWriter();

/** The deterministic CBOR of a value. */
export const encode = <T>(shape: Shape<T>, value: T): Uint8Array => {
  writer.clear();
  shape.write(writer, value);
  return writer.take();
};

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
    const from = new CborReader(bytes, place);
    const value = shape.read(from);
    from.end();
    return value;
  });

/** An integer in [min, max], 0 <= min <= max <= 2^53 - 1. */
export const integer = (min: number, max: number, says = `${min}..${max}`): Shape<number> => ({
  says,
  parts: [],
  write: (out, value) => {
    if (!Number.isSafeInteger(value) || value < min || value > max) {
      throw new RangeError(`${value} is no integer in ${min}..${max}`);
    }
    out.uint(value);
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
  write: (out, value) => out.wideUint(value),
  read: (from) => {
    const value = from.wideUint();
    return value === 0 ? 0n : BigInt(value);
  },
};

export const boolean: Shape<boolean> = {
  says: 'boolean',
  parts: [],
  write: (out, value) => out.boolean(value),
  read: (from) => from.boolean(),
};

export const text: Shape<string> = {
  says: 'text',
  parts: [],
  write: (out, value) => out.text(value),
  read: (from) => from.text(),
};

/** Bytes; what is read is a copy, as the buffer of a file may be large and short-lived. */
export const bytes: Shape<Uint8Array> = {
  says: 'bytes',
  parts: [],
  write: (out, value) => out.bytes(value),
  read: (from) => new Uint8Array(from.bytes()),
};

/** A value out of a fixed list. */
export const oneOf = <T extends string | number>(values: readonly T[]): Shape<T> => {
  const items = values.map((value) => [value, itemOf(value)] as const);
  const itemBy = new Map(items);
  const expected = values.join(', ');
  return {
    says: values.join(' '),
    parts: [],
    write: (out, value) => {
      const item = itemBy.get(value);
      if (item === undefined) throw new RangeError(`${value} is none of ${expected}`);
      out.encoded(item);
    },
    read: (from) => {
      for (const [value, item] of items) if (from.encoded(item)) return value;
      return from.refuseNext(`one of ${expected}`);
    },
  };
};

const itemOf = (value: string | number): Uint8Array =>
  typeof value === 'string' ? encode(text, value) : encode(natural, value);

/** A value that may be absent; absent is null in the image and undefined in memory. */
export const optional = <T>(shape: Shape<T>): Shape<T | undefined> => ({
  says: `${shape.says} or null`,
  parts: [shape],
  write: (out, value) => (value === undefined ? out.null() : shape.write(out, value)),
  read: (from) => (from.null() ? undefined : shape.read(from)),
});

/** A value that may be absent; absent is null on both sides. */
export const nullable = <T>(shape: Shape<T>): Shape<T | null> => ({
  says: `${shape.says} or null`,
  parts: [shape],
  write: (out, value) => (value === null ? out.null() : shape.write(out, value)),
  read: (from) => (from.null() ? null : shape.read(from)),
});

export const list = <T>(shape: Shape<T>): Shape<readonly T[]> => ({
  says: `list of ${shape.says}`,
  parts: [shape],
  write: (out, values) => {
    out.array(values.length);
    for (const value of values) shape.write(out, value);
  },
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
