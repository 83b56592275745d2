// Owns the shapes of records, and of values that are seen through records. Chapter 60.
import { invariant } from '../invariant.ts';
import type { CborReader } from './cbor-reader.ts';
import { oneOf, type Shape, type ValueOf } from './shape.ts';

/** A record's shape with its fields in the order of the array. */
export type RecordShape<T> = Shape<T> & {
  readonly fields: readonly (readonly [name: string, shape: Shape<unknown>])[];
};

type Shapes = Readonly<Record<string, Shape<unknown>>>;
type RecordOf<F extends Shapes> = { readonly [K in keyof F]: ValueOf<F[K]> };

type Fields = RecordShape<unknown>['fields'];

/** Makes a value of what `next` gives, asked for each field in the order of the fields. */
type Make<F extends Shapes> = (next: <K extends keyof F & string>(name: K) => ValueOf<F[K]>) => RecordOf<F>;

const readInto = (blank: object, fields: Fields, from: CborReader): unknown => {
  const { place } = from;
  const value: Record<string, unknown> = { ...blank };
  for (const [name, shape] of fields) {
    place.enter(name);
    value[name] = shape.read(from);
    place.leave();
  }
  return value;
};

/** The fields of the record that is being read, one after the other. */
const reading = (fields: Fields) => {
  let at = 0;
  let from: CborReader | undefined;
  return {
    begin: (reader: CborReader): void => {
      at = 0;
      from = reader;
    },
    next: (name: string): unknown => {
      const field = fields[at++];
      invariant(
        from !== undefined && field !== undefined && field[0] === name,
        'IMG-9',
        `${name} is read out of order`,
      );
      from.place.enter(name);
      const value = field[1].read(from);
      from.place.leave();
      return value;
    },
  };
};

/**
 * A record: an array of its fields in the order given, no more and no fewer. `says`: its name in chapter 60. `make` is for
 * large records of which there are many: a literal is made faster than an object is filled by names.
 */
export const record = <F extends Shapes>(says: string, shapes: F, make?: Make<F>): RecordShape<RecordOf<F>> => {
  const fields = Object.entries(shapes);
  // Each value begins as a copy of this one: objects to which many fields are added by name become slow ones.
  const blank = Object.fromEntries(fields.map(([name]) => [name, undefined]));
  const { begin, next } = reading(fields);
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
      if (length !== fields.length) from.place.refuse(`expected ${fields.length} fields, found ${length}`);
      // Each field is read by its own shape, which is what the types say.
      if (make === undefined) return readInto(blank, fields, from) as RecordOf<F>;
      begin(from);
      return make(next as Parameters<Make<F>>[0]);
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

/** A shape seen through a pair of functions. `back` refuses what `to` never makes: two images must not say one thing. */
export const mapped = <T, R>(
  shape: Shape<R>,
  to: (value: T) => R,
  back: (raw: R, refuse: (message: string) => never) => T,
): Shape<T> => ({
  says: shape.says,
  parts: [shape],
  write: (out, value) => shape.write(out, to(value)),
  read: (from) => back(shape.read(from), (message) => from.place.refuse(message)),
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
      if (length !== 2) from.place.refuse(`expected a tag and its value, found ${length} items`);
      return caseOf(tag.read(from)).read(from);
    },
  };
};
