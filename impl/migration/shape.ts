// Owns the shapes of an image's metadata: each states once how a value becomes plain CBOR data, and what is refused on
// the way back. Records are arrays in the order of their fields, so that a field costs its value and no name.

/** Refusal of a value on decoding; caught where the image is read. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
  /** Where, such as `qps[3].requester.nextPsn`. */
  readonly place: string;

  constructor(place: string, message: string) {
    super(message);
    this.place = place;
  }
}

/** Both directions of one shape. `decode` throws ShapeError. */
export type Shape<T> = {
  encode(value: T): unknown;
  decode(raw: unknown, place: string): T;
};

export type ValueOf<S> = S extends Shape<infer T> ? T : never;

const show = (raw: unknown): string => {
  if (raw instanceof Uint8Array) return `${raw.length} bytes`;
  if (Array.isArray(raw)) return `an array of ${raw.length}`;
  return typeof raw === 'object' && raw !== null ? 'a map' : `${typeof raw === 'string' ? `"${raw}"` : raw}`;
};

/** An integer in [min, max]; max at most 2^53 - 1. */
export const integer = (min: number, max: number): Shape<number> => ({
  encode: (value) => value,
  decode: (raw, place) => {
    if (typeof raw === 'number' && Number.isInteger(raw) && raw >= min && raw <= max) return raw;
    throw new ShapeError(place, `expected an integer from ${min} to ${max}, found ${show(raw)}`);
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
  encode: (value) => value,
  decode: (raw, place) => {
    const value = typeof raw === 'number' && Number.isInteger(raw) ? BigInt(raw) : raw;
    if (typeof value === 'bigint' && value >= 0n && value < 1n << 64n) return value;
    throw new ShapeError(place, `expected an unsigned integer of 64 bits, found ${show(raw)}`);
  },
};

export const boolean: Shape<boolean> = {
  encode: (value) => value,
  decode: (raw, place) => {
    if (typeof raw === 'boolean') return raw;
    throw new ShapeError(place, `expected true or false, found ${show(raw)}`);
  },
};

export const text: Shape<string> = {
  encode: (value) => value,
  decode: (raw, place) => {
    if (typeof raw === 'string') return raw;
    throw new ShapeError(place, `expected text, found ${show(raw)}`);
  },
};

/** Bytes; the decoded value is a copy, as the buffer read from a file may be large and short-lived. */
export const bytes: Shape<Uint8Array> = {
  encode: (value) => value,
  decode: (raw, place) => {
    if (raw instanceof Uint8Array) return Uint8Array.from(raw);
    throw new ShapeError(place, `expected bytes, found ${show(raw)}`);
  },
};

/** A value out of a fixed list, by its text. */
export const oneOf = <T extends string | number>(values: readonly T[]): Shape<T> => ({
  encode: (value) => value,
  decode: (raw, place) => {
    const found = values.find((value) => value === raw);
    if (found !== undefined) return found;
    throw new ShapeError(place, `expected one of ${values.join(', ')}, found ${show(raw)}`);
  },
});

/** A value that may be absent; absent is null in the image and undefined in memory. */
export const optional = <T>(shape: Shape<T>): Shape<T | undefined> => ({
  encode: (value) => (value === undefined ? null : shape.encode(value)),
  decode: (raw, place) => (raw === null ? undefined : shape.decode(raw, place)),
});

/** A value that may be absent; absent is null on both sides. */
export const nullable = <T>(shape: Shape<T>): Shape<T | null> => ({
  encode: (value) => (value === null ? null : shape.encode(value)),
  decode: (raw, place) => (raw === null ? null : shape.decode(raw, place)),
});

export const list = <T>(shape: Shape<T>): Shape<readonly T[]> => ({
  encode: (values) => values.map(shape.encode),
  decode: (raw, place) => {
    if (!Array.isArray(raw)) throw new ShapeError(place, `expected an array, found ${show(raw)}`);
    return raw.map((each: unknown, i) => shape.decode(each, `${place}[${i}]`));
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
    encode(value: Value) {
      return shapes.map(([name, shape]) => shape.encode(value[name]));
    },
    decode(raw, place) {
      if (!Array.isArray(raw) || raw.length !== shapes.length) {
        throw new ShapeError(place, `expected an array of ${shapes.length} fields, found ${show(raw)}`);
      }
      const values: readonly unknown[] = raw;
      // Each field was decoded by its own shape, which is what `Value` says; fromEntries forgets it.
      return Object.fromEntries(
        shapes.map(([name, shape], i) => [name, shape.decode(values[i], `${place}.${name}`)]),
      ) as Value;
    },
  };
};

/** A shape seen through a pair of functions; `from` may throw ShapeError. */
export const mapped = <T, R>(shape: Shape<R>, to: (value: T) => R, from: (raw: R, place: string) => T): Shape<T> => ({
  encode: (value) => shape.encode(to(value)),
  decode: (raw, place) => from(shape.decode(raw, place), place),
});
