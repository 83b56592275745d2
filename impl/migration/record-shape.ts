// Owns the shapes of records, and of values that are seen through records. Chapter 60.
import type { ItemReader } from './item-reader.ts';
import { oneOf, type Shape, type ValueOf } from './shape.ts';

/** A record's shape with its fields in the order of the array. */
export type RecordShape<T> = Shape<T> & {
  readonly fields: readonly (readonly [name: string, shape: Shape<unknown>])[];
};

type Shapes = Readonly<Record<string, Shape<unknown>>>;
type RecordOf<F extends Shapes> = { readonly [K in keyof F]: ValueOf<F[K]> };

type Fields = RecordShape<unknown>['fields'];

const readInto = (blank: object, fields: Fields, from: ItemReader): unknown => {
  const { place } = from;
  const value: Record<string, unknown> = { ...blank };
  for (const [name, shape] of fields) {
    place.enter(name);
    value[name] = shape.read(from);
    place.leave();
  }
  return value;
};

/** A record: an array of its fields in the order given, no more and no fewer. `says`: its name in chapter 60. */
export const record = <F extends Shapes>(says: string, shapes: F): RecordShape<RecordOf<F>> => {
  const fields = Object.entries(shapes);
  // Each value begins as a copy of this one: objects to which many fields are added by name become slow ones.
  const blank = Object.fromEntries(fields.map(([name]) => [name, undefined]));
  return {
    says,
    parts: Object.values(shapes),
    fields,
    //= IMG-9
    write: (value) => fields.map(([name, shape]) => shape.write(value[name])),
    read: (from) => {
      const length = from.array();
      if (length !== fields.length) from.place.refuse(`expected ${fields.length} fields, found ${length}`);
      return readInto(blank, fields, from) as RecordOf<F>; // each field is read by its own shape: what the type says
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
  write: (value) => shape.write(to(value)),
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
    write: (value) => {
      const name = tagOf(value);
      return [tag.write(name), caseOf(name).write(value)];
    },
    read: (from) => {
      const length = from.array();
      if (length !== 2) from.place.refuse(`expected a tag and its value, found ${length} items`);
      return caseOf(tag.read(from)).read(from);
    },
  };
};
