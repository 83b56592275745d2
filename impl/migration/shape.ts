// Owns the shapes of an image's metadata: each says once how a value is written and read, and what is refused. Records
// are arrays in the order of their fields, so that a field costs its value and no name. Chapter 60.
import { CborReader, ReadError } from './cbor-reader.ts';
import { CborWriter } from './cbor-writer.ts';
import { type ImageResult, refused } from './image-error.ts';

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
export const integer = (min: number, max: number, says = `${min}..${max}`): Shape<number> => ({
  says,
  parts: [],
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
  read: (from) => from.wideUint(),
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
  read: (from) => Uint8Array.from(from.bytes()),
};

/** A value out of a fixed list. */
export const oneOf = <T extends string | number>(values: readonly T[]): Shape<T> => {
  const items = new Map(values.map((value) => [value, itemOf(value)]));
  return {
    says: values.join(' '),
    parts: [],
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

/** A record's shape with its fields in the order of the array. */
export type RecordShape<T> = Shape<T> & {
  readonly fields: readonly (readonly [name: string, shape: Shape<unknown>])[];
};

/** A record: an array of its fields in the order given, no more and no fewer. `says`: its name in chapter 60. */
export const record = <F extends Readonly<Record<string, Shape<unknown>>>>(
  says: string,
  shapes: F,
): RecordShape<{ readonly [K in keyof F]: ValueOf<F[K]> }> => {
  type Value = { readonly [K in keyof F]: ValueOf<F[K]> };
  const fields = Object.entries(shapes);
  return {
    says,
    parts: Object.values(shapes),
    fields,
    //= IMG-9
    write: (out, value) => {
      out.array(fields.length);
      for (const [name, shape] of fields) shape.write(out, value[name]);
    },
    read: (from) => {
      const length = from.array();
      if (length !== fields.length) from.refuse(`expected ${fields.length} fields, found ${length}`);
      const value: Record<string, unknown> = {};
      for (const [name, shape] of fields) {
        from.enter(name);
        value[name] = shape.read(from);
        from.leave();
      }
      return value as Value; // each field was read by its own shape, which is what `Value` says
    },
  };
};

const isRecord = (shape: Shape<unknown>): shape is RecordShape<unknown> => 'fields' in shape;

/** Every record in a shape, the outermost first, each once. */
export const recordsIn = (
  shape: Shape<unknown>,
  known = new Set<Shape<unknown>>(),
): readonly RecordShape<unknown>[] => {
  if (known.has(shape)) return [];
  known.add(shape);
  return [...(isRecord(shape) ? [shape] : []), ...shape.parts.flatMap((part) => recordsIn(part, known))];
};

/** A shape seen through a pair of functions. */
export const mapped = <T, R>(
  shape: Shape<R>,
  to: (value: T) => R,
  back: (raw: R, refuse: (message: string) => never) => T,
): Shape<T> => ({
  says: shape.says,
  parts: [shape],
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
    says: `tag and ${Object.keys(cases).join(' or ')}`,
    parts: Object.values(cases),
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
