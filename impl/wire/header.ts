// Owns the layout codec: one list of fields gives a header's type, size, encoder and decoder. Chapter 10.

import { type Va, va } from './va.ts';

/** A field of a header: its width and what its bits become. `Value` is undefined for reserved bits. */
export type Field<Value> = {
  readonly bits: number;
  readonly kind: 'uint' | 'uint64' | 'va' | 'flag' | 'reserved';
  /** Never present: carries the value's type. */
  readonly value?: Value;
};

/** An unsigned integer of up to 32 bits, branded if the layout says so. */
export const uint = <Value extends number = number>(bits: number): Field<Value> => ({ bits, kind: 'uint' });
/** An unsigned integer of 64 bits on a byte boundary. */
export const uint64: Field<bigint> = { bits: 64, kind: 'uint64' };
/** A virtual address, 64 bits on a byte boundary. */
export const virtualAddress: Field<Va> = { bits: 64, kind: 'va' };
/** One bit. */
export const flag: Field<boolean> = { bits: 1, kind: 'flag' };
/** Bits sent as zero and ignored on receipt. */
export const reserved = (bits: number): Field<undefined> => ({ bits, kind: 'reserved' });

type Layout = Readonly<Record<string, Field<number> | Field<bigint> | Field<Va> | Field<boolean> | Field<undefined>>>;

type ValueOf<F> = F extends Field<infer Value> ? Value : never;

/** The record a layout describes, reserved fields left out. */
export type FieldsOf<L extends Layout> = {
  readonly [K in keyof L as ValueOf<L[K]> extends undefined ? never : K]: ValueOf<L[K]>;
};

export type Header<L extends Layout> = {
  /** IBTA name. */
  readonly name: string;
  /** Bytes on the wire. */
  readonly size: number;
  readonly layout: L;
  /** Reads the header at `at`; the caller has checked that `size` bytes are there. */
  readonly decode: (bytes: Uint8Array, at: number) => FieldsOf<L>;
  /** Writes the header at `at`, reserved bits zero. Throws RangeError if a value does not fit its field. */
  readonly encode: (fields: FieldsOf<L>, bytes: Uint8Array, at: number) => void;
};

type Placed = { readonly name: string; readonly field: Layout[string]; readonly offset: number };

/** A header from its fields in wire order. Throws unless they fill whole bytes. */
export const header = <L extends Layout>(name: string, layout: L): Header<L> => {
  const placed: Placed[] = [];
  let bits = 0;
  for (const [fieldName, field] of Object.entries(layout)) {
    const aligned = field.bits === 64 ? bits % 8 === 0 : field.bits <= 32;
    if (!aligned) throw new RangeError(`${name}.${fieldName} cannot start at bit ${bits}`);
    placed.push({ name: fieldName, field, offset: bits });
    bits += field.bits;
  }
  if (bits % 8 !== 0) throw new RangeError(`${name} has ${bits} bits, not whole bytes`);
  const size = bits / 8;
  const valued = placed.filter(({ field }) => field.kind !== 'reserved');
  return {
    name,
    size,
    layout,
    decode: (bytes, at) =>
      Object.fromEntries(valued.map((place) => [place.name, read(bytes, at * 8, place)])) as FieldsOf<L>,
    encode: (fields, bytes, at) => {
      bytes.fill(0, at, at + size);
      const values: Readonly<Record<string, unknown>> = fields;
      for (const place of valued) write(bytes, at * 8, place, values[place.name]);
    },
  };
};

const read = (bytes: Uint8Array, base: number, { field, offset }: Placed): number | bigint | boolean => {
  const first = base + offset;
  switch (field.kind) {
    case 'flag':
      return readBits(bytes, first, 1) === 1;
    case 'uint64':
      return readWide(bytes, first);
    case 'va':
      return va(readWide(bytes, first));
    default:
      return readBits(bytes, first, field.bits);
  }
};

const write = (bytes: Uint8Array, base: number, { name, field, offset }: Placed, value: unknown): void => {
  const first = base + offset;
  if (field.kind === 'flag' && typeof value === 'boolean') writeBits(bytes, first, 1, value ? 1 : 0);
  else if (field.kind === 'uint64' && typeof value === 'bigint' && isWide(value)) writeWide(bytes, first, value);
  else if (field.kind === 'va' && isAddress(value) && isWide(BigInt(value))) writeWide(bytes, first, BigInt(value));
  else if (field.kind === 'uint' && typeof value === 'number' && Number.isInteger(value) && value >= 0) {
    if (value >= 2 ** field.bits) throw new RangeError(`${name} ${value} does not fit ${field.bits} bits`);
    writeBits(bytes, first, field.bits, value);
  } else throw new RangeError(`${name} ${String(value)} is not a ${field.bits}-bit ${field.kind}`);
};

const isWide = (value: bigint): boolean => BigInt.asUintN(64, value) === value;

const isAddress = (value: unknown): value is Va => typeof value === 'bigint' || Number.isSafeInteger(value);

const readWide = (bytes: Uint8Array, first: number): bigint =>
  (BigInt(readBits(bytes, first, 32)) << 32n) | BigInt(readBits(bytes, first + 32, 32));

const writeWide = (bytes: Uint8Array, first: number, value: bigint): void => {
  writeBits(bytes, first, 32, Number(value >> 32n));
  writeBits(bytes, first + 32, 32, Number(value & 0xffffffffn));
};

/** At most 32 bits, which may straddle five bytes: 40 bits are still exact in a number. */
const readBits = (bytes: Uint8Array, first: number, width: number): number => {
  const end = first + width;
  let value = 0;
  for (let i = first >> 3; i * 8 < end; i++) value = value * 256 + (bytes[i] ?? 0);
  return Math.floor(value / 2 ** (-end & 7)) % 2 ** width;
};

/** Adds the bits to bytes that hold zeros there. */
const writeBits = (bytes: Uint8Array, first: number, width: number, value: number): void => {
  const end = first + width;
  let rest = value * 2 ** (-end & 7);
  for (let i = ((end + 7) >> 3) - 1; i >= first >> 3; i--) {
    bytes[i] = (bytes[i] ?? 0) | (rest % 256);
    rest = Math.floor(rest / 256);
  }
};
