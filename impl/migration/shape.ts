// Owns the shapes of an image's metadata: each says once how a value is written and read, and what is refused. Records
// are arrays in the order of their fields, so that a field costs its value and no name. Chapter 60.
import { CborReader, ReadError } from './cbor-reader.ts';
import { CborWriter } from './cbor-writer.ts';
import { type ImageResult, refused } from './image-error.ts';

/** Both directions of one shape. `write` throws RangeError for a value it could not read again; `read` throws ReadError. */
export type Shape<T> = {
  write(out: CborWriter, value: T): void;
  read(from: CborReader): T;
};

export type ValueOf<S> = S extends Shape<infer T> ? T : never;

/** The deterministic CBOR of a value. */
export const encode = <T>(shape: Shape<T>, value: T): Uint8Array => {
  const out = new CborWriter();
  shape.write(out, value);
  return out.written;
};

//= IMG-5, IMG-6
/** Reads a value that fills `bytes`; a refusal names the field by its path from `root`. */
export const decode = <T>(shape: Shape<T>, bytes: Uint8Array, root: string): ImageResult<T> => {
  const from = new CborReader(bytes, root);
  try {
    const value = shape.read(from);
    from.end();
    return { ok: true, value };
  } catch (error) {
    if (error instanceof ReadError) return refused(error.rule, error.place, error.message);
    throw error;
  }
};

/** An integer in [min, max], 0 <= min <= max <= 2^53 - 1. */
export const integer = (min: number, max: number): Shape<number> => ({
  write: (out, value) => {
    if (value < min || value > max) throw new RangeError(`${value} is not in ${min}..${max}`);
    out.uint(value);
  },
  read: (from) => {
    const value = from.uint();
    return value >= min && value <= max
      ? value
      : from.refuse(`expected an integer from ${min} to ${max}, found ${value}`);
  },
});

export const u8 = integer(0, 0xff);
export const u16 = integer(0, 0xffff);
export const u24 = integer(0, 0xffffff);
export const u32 = integer(0, 0xffffffff);
/** A count, an address or a time: any non-negative integer a number holds exactly. */
export const natural = integer(0, Number.MAX_SAFE_INTEGER);

/** 64 bits, always a bigint in memory. */
export const u64: Shape<bigint> = {
  write: (out, value) => out.wideUint(value),
  read: (from) => from.wideUint(),
};

export const boolean: Shape<boolean> = {
  write: (out, value) => out.boolean(value),
  read: (from) => from.boolean(),
};

export const text: Shape<string> = {
  write: (out, value) => out.text(value),
  read: (from) => from.text(),
};

/** Bytes; what is read is a copy, as the buffer of a file may be large and short-lived. */
export const bytes: Shape<Uint8Array> = {
  write: (out, value) => out.bytes(value),
  read: (from) => Uint8Array.from(from.bytes()),
};

/** A value out of a fixed list. */
export const oneOf = <T extends string | number>(values: readonly T[]): Shape<T> => {
  const items = new Map(values.map((value) => [value, itemOf(value)]));
  return {
    write: (out, value) => {
      const item = items.get(value);
      if (item === undefined) throw new RangeError(`${value} is none of ${values.join(', ')}`);
      out.encoded(item);
    },
    read: (from) => {
      for (const [value, item] of items) if (from.encoded(item)) return value;
      return from.refuse(`expected one of ${values.join(', ')}, found ${from.found()}`);
    },
  };
};

const itemOf = (value: string | number): Uint8Array =>
  typeof value === 'string' ? encode(text, value) : encode(natural, value);

/** A value that may be absent; absent is null in the image and undefined in memory. */
export const optional = <T>(shape: Shape<T>): Shape<T | undefined> => ({
  write: (out, value) => (value === undefined ? out.null() : shape.write(out, value)),
  read: (from) => (from.null() ? undefined : shape.read(from)),
});

/** A value that may be absent; absent is null on both sides. */
export const nullable = <T>(shape: Shape<T>): Shape<T | null> => ({
  write: (out, value) => (value === null ? out.null() : shape.write(out, value)),
  read: (from) => (from.null() ? null : shape.read(from)),
});

export const list = <T>(shape: Shape<T>): Shape<readonly T[]> => ({
  write: (out, values) => {
    out.array(values.length);
    for (const value of values) shape.write(out, value);
  },
  read: (from) => {
    const length = from.array();
    const values: T[] = [];
    for (let i = 0; i < length; i++) {
      from.enter(i);
      values.push(shape.read(from));
      from.leave();
    }
    return values;
  },
});

/** A record's shape with the names of its fields in the order of the array. */
export type RecordShape<T> = Shape<T> & { readonly fields: readonly string[] };

/** A record: an array of its fields in the order given, no more and no fewer. */
export const record = <F extends Readonly<Record<string, Shape<unknown>>>>(
  fields: F,
): RecordShape<{ readonly [K in keyof F]: ValueOf<F[K]> }> => {
  type Value = { readonly [K in keyof F]: ValueOf<F[K]> };
  const shapes = Object.entries(fields);
  return {
    fields: shapes.map(([name]) => name),
    write: (out, value) => {
      out.array(shapes.length);
      for (const [name, shape] of shapes) shape.write(out, value[name]);
    },
    read: (from) => {
      const length = from.array();
      if (length !== shapes.length) from.refuse(`expected ${shapes.length} fields, found ${length}`);
      const value: Record<string, unknown> = {};
      for (const [name, shape] of shapes) {
        from.enter(name);
        value[name] = shape.read(from);
        from.leave();
      }
      return value as Value; // each field was read by its own shape, which is what `Value` says
    },
  };
};

/** A shape seen through a pair of functions. */
export const mapped = <T, R>(
  shape: Shape<R>,
  to: (value: T) => R,
  back: (raw: R, refuse: (message: string) => never) => T,
): Shape<T> => ({
  write: (out, value) => shape.write(out, to(value)),
  read: (from) => back(shape.read(from), (message) => from.refuse(message)),
});

/** One of several records, told apart by a text that stands in front of it. */
export const tagged = <T>(tagOf: (value: T) => string, cases: Readonly<Record<string, Shape<T>>>): Shape<T> => {
  const tag = oneOf(Object.keys(cases));
  const caseOf = (name: string): Shape<T> => {
    const found = cases[name];
    if (found === undefined) throw new RangeError(`no case ${name}`);
    return found;
  };
  return {
    write: (out, value) => {
      const name = tagOf(value);
      out.array(2);
      tag.write(out, name);
      caseOf(name).write(out, value);
    },
    read: (from) => {
      const length = from.array();
      if (length !== 2) from.refuse(`expected a tag and its value, found ${length} items`);
      return caseOf(tag.read(from)).read(from);
    },
  };
};
