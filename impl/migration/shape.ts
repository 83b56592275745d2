// Owns the shapes of an image's metadata: each says once which item a value is, and what is refused. Records
// are arrays in the order of their fields, so that a field costs its value and no name. Chapter 60.
import { type ImageResult, refused } from './image-error.ts';
import { bytesOf, firstDifference, type Item, kindOf, parse } from './item.ts';
import { Place, ReadError } from './place.ts';

/** Both directions of one shape. `write` throws RangeError for a value it could not read again; `read` throws ReadError. */
export type Shape<T> = {
  /** What it is, in the words of chapter 60: `u24`, `list of sge`, `cap`. */
  readonly says: string;
  /** The shapes it is made of. */
  readonly parts: readonly Shape<unknown>[];
  write(value: T): Item;
  read(item: unknown, place: Place): T;
};

export type ValueOf<S> = S extends Shape<infer T> ? T : never;

/** The deterministic CBOR of a value. */
export const encode = <T>(shape: Shape<T>, value: T): Uint8Array => bytesOf(shape.write(value));

//= IMG-5, IMG-6
/** Reads a value that fills `bytes`; a refusal names the field by its path from `root`. */
export const decode = <T>(shape: Shape<T>, bytes: Uint8Array, root: string): ImageResult<T> => {
  const parsed = parse(bytes);
  if ('fault' in parsed) return refused('IMG-5', root, parsed.fault);
  try {
    const value = shape.read(parsed.item, new Place(root));
    // A library may take two spellings for one value (1.0 for 1, text behind a byte order mark): only writing tells.
    const at = firstDifference(encode(shape, value), bytes);
    if (at === undefined) return { ok: true, value };
    return refused('IMG-5', root, `byte ${at} of the metadata belongs to a second spelling`);
  } catch (error) {
    if (error instanceof ReadError) return refused(error.rule, error.place, error.message);
    throw error;
  }
};

/** An integer in [min, max], 0 <= min <= max <= 2^53 - 1. */
export const integer = (min: number, max: number, says = `${min}..${max}`): Shape<number> => {
  const fits = (value: unknown): value is number =>
    Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max;
  return {
    says,
    parts: [],
    write: (value) => {
      if (!fits(value)) throw new RangeError(`${value} is no integer in ${min}..${max}`);
      return value;
    },
    read: (item, place) => {
      if (fits(item)) return item;
      const found = typeof item === 'number' || typeof item === 'bigint' ? item : kindOf(item);
      return place.refuse(`expected an integer from ${min} to ${max}, found ${found}`);
    },
  };
};

export const u8 = integer(0, 0xff, 'u8');
export const u16 = integer(0, 0xffff, 'u16');
export const u24 = integer(0, 0xffffff, 'u24');
export const u32 = integer(0, 0xffffffff, 'u32');
/** A count, an address or a time: any non-negative integer a number holds exactly. */
export const natural = integer(0, Number.MAX_SAFE_INTEGER, 'u53');

const fits64 = (value: bigint): boolean => value >= 0n && value >> 64n === 0n;

/** 64 bits, always a bigint in memory. */
export const u64: Shape<bigint> = {
  says: 'u64',
  parts: [],
  write: (value) => {
    if (!fits64(value)) throw new RangeError(`${value} is no unsigned integer of 64 bits`);
    return value;
  },
  read: (item, place) => {
    const value = Number.isSafeInteger(item) ? BigInt(Number(item)) : item;
    if (typeof value === 'bigint' && fits64(value)) return value;
    return place.refuse(`expected an unsigned integer, found ${kindOf(item)}`);
  },
};

export const boolean: Shape<boolean> = {
  says: 'boolean',
  parts: [],
  write: (value) => value,
  read: (item, place) => (typeof item === 'boolean' ? item : place.refuse(`expected a boolean, found ${kindOf(item)}`)),
};

/** What UTF-8 cannot carry, or its reader drops: half of a surrogate pair, a byte order mark. */
const UNSAYABLE = /^\ufeff|\p{Surrogate}/u;
const NOT_TEXT = 'text behind a byte order mark or with half of a surrogate pair';

export const text: Shape<string> = {
  says: 'text',
  parts: [],
  write: (value) => {
    if (UNSAYABLE.test(value)) throw new RangeError(NOT_TEXT);
    return value;
  },
  read: (item, place) => {
    if (typeof item !== 'string') return place.refuse(`expected text, found ${kindOf(item)}`);
    return UNSAYABLE.test(item) ? place.refuse(NOT_TEXT) : item;
  },
};

/** Bytes; what is read is a copy, as the buffer of a file may be large and short-lived. */
export const bytes: Shape<Uint8Array> = {
  says: 'bytes',
  parts: [],
  write: (value) => value,
  read: (item, place) => (item instanceof Uint8Array ? item : place.refuse(`expected bytes, found ${kindOf(item)}`)),
};

/** A value out of a fixed list. */
export const oneOf = <T extends string | number>(values: readonly T[]): Shape<T> => {
  const known = new Map<unknown, T>(values.map((value) => [value, value]));
  const expected = values.join(', ');
  return {
    says: values.join(' '),
    parts: [],
    write: (value) => {
      if (!known.has(value)) throw new RangeError(`${value} is none of ${expected}`);
      return value;
    },
    read: (item, place) =>
      known.get(item) ??
      place.refuse(`expected one of ${expected}, found ${typeof item === 'string' ? `"${item}"` : kindOf(item)}`),
  };
};

/** A value that may be absent; absent is null in the image and undefined in memory. */
export const optional = <T>(shape: Shape<T>): Shape<T | undefined> => ({
  says: `${shape.says} or null`,
  parts: [shape],
  write: (value) => (value === undefined ? null : shape.write(value)),
  read: (item, place) => (item === null ? undefined : shape.read(item, place)),
});

/** A value that may be absent; absent is null on both sides. */
export const nullable = <T>(shape: Shape<T>): Shape<T | null> => ({
  says: `${shape.says} or null`,
  parts: [shape],
  write: (value) => (value === null ? null : shape.write(value)),
  read: (item, place) => (item === null ? null : shape.read(item, place)),
});

const arrayOf = (item: unknown, place: Place): readonly unknown[] =>
  Array.isArray(item) ? item : place.refuse(`expected an array, found ${kindOf(item)}`);

export const list = <T>(shape: Shape<T>): Shape<readonly T[]> => ({
  says: `list of ${shape.says}`,
  parts: [shape],
  write: (values) => values.map((value) => shape.write(value)),
  read: (item, place) =>
    arrayOf(item, place).map((each, i) => {
      place.enter(i);
      const value = shape.read(each, place);
      place.leave();
      return value;
    }),
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
    write: (value) => fields.map(([name, shape]) => shape.write(value[name])),
    read: (item, place) => {
      const items = arrayOf(item, place);
      if (items.length !== fields.length) place.refuse(`expected ${fields.length} fields, found ${items.length}`);
      const value: Record<string, unknown> = {};
      for (const [i, [name, shape]] of fields.entries()) {
        place.enter(name);
        value[name] = shape.read(items[i], place);
        place.leave();
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
  write: (value) => shape.write(to(value)),
  read: (item, place) => back(shape.read(item, place), (message) => place.refuse(message)),
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
    write: (value) => {
      const name = tagOf(value);
      return [tag.write(name), caseOf(name).write(value)];
    },
    read: (item, place) => {
      const items = arrayOf(item, place);
      if (items.length !== 2) place.refuse(`expected a tag and its value, found ${items.length} items`);
      return caseOf(tag.read(items[0], place)).read(items[1], place);
    },
  };
};
