// Chapter 60, metadata: one spelling per value, and every wrong value refused by its place.
import { fc, test as prop } from '@fast-check/vitest';
import { encode } from 'cborg';
import { describe, expect, test } from 'vitest';
import { decodeMetadata, encodeMetadata } from '../../impl/migration/metadata.ts';
import {
  boolean,
  bytes,
  list,
  oneOf,
  optional,
  record,
  ShapeError,
  text,
  u24,
  u64,
} from '../../impl/migration/shape.ts';

const sample = record({
  number: u24,
  wide: u64,
  on: boolean,
  name: text,
  kind: oneOf(['one', 'two'] as const),
  maybe: optional(u24),
  inner: list(record({ bytes })),
});

const value = fc.record({
  number: fc.nat(0xffffff),
  wide: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  on: fc.boolean(),
  name: fc.string(),
  kind: fc.constantFrom('one' as const, 'two' as const),
  maybe: fc.option(fc.nat(0xffffff), { nil: undefined }),
  inner: fc.array(fc.record({ bytes: fc.uint8Array() })),
});

const GOOD = sample.encode({ number: 1, wide: 2n, on: true, name: 'n', kind: 'one', maybe: undefined, inner: [] });

const placeOf = (raw: unknown): string => {
  try {
    sample.decode(raw, 'sample');
  } catch (error) {
    if (error instanceof ShapeError) return error.place;
    throw error;
  }
  return 'accepted';
};

const withField = (index: number, wrong: unknown): unknown =>
  Array.isArray(GOOD) ? GOOD.with(index, wrong) : undefined;

describe('metadata', () => {
  prop.prop([value])('IMG-5: a value encodes and decodes to itself, through bytes', (given) => {
    const decoded = decodeMetadata(encodeMetadata(sample.encode(given)));
    expect(decoded.ok && sample.decode(decoded.value, 'sample')).toEqual(given);
  });

  prop.prop([value])('IMG-13: equal values are equal bytes, whatever the order of their keys', (given) => {
    const reversed = Object.fromEntries(Object.entries(given).reverse());
    expect(encodeMetadata(sample.encode({ ...given, ...reversed }))).toEqual(encodeMetadata(sample.encode(given)));
  });

  test.each([
    ['an integer in more bytes than it needs', Uint8Array.of(0x18, 0x05)],
    ['an array of indefinite length', Uint8Array.of(0x9f, 0x01, 0xff)],
    ['map keys out of order', Uint8Array.of(0xa2, 0x61, 0x62, 0x01, 0x61, 0x61, 0x02)],
    ['a map key twice', Uint8Array.of(0xa2, 0x61, 0x61, 0x01, 0x61, 0x61, 0x02)],
    ['an integer as a float', Uint8Array.of(0xfb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0)],
    ['undefined', Uint8Array.of(0xf7)],
    ['bytes behind the value', Uint8Array.of(0x01, 0x01)],
    ['no value', new Uint8Array(0)],
    ['a value cut short', encode([1, 2, 'three']).subarray(0, -1)],
  ])('IMG-5: %s is refused', (_, cbor) => {
    expect(decodeMetadata(cbor)).toMatchObject({ ok: false, error: { rule: 'IMG-5', place: 'metadata' } });
  });

  prop.prop([fc.uint8Array({ maxLength: 60 })])('IMG-5: any bytes are refused or are their own encoding', (cbor) => {
    const decoded = decodeMetadata(cbor);
    if (decoded.ok) expect(Buffer.compare(encodeMetadata(decoded.value), cbor)).toBe(0);
  });

  test.each([
    ['sample.number', withField(0, 0x1000000)],
    ['sample.number', withField(0, -1)],
    ['sample.number', withField(0, '1')],
    ['sample.wide', withField(1, 1n << 64n)],
    ['sample.wide', withField(1, -1n)],
    ['sample.on', withField(2, 1)],
    ['sample.name', withField(3, 3)],
    ['sample.kind', withField(4, 'three')],
    ['sample.maybe', withField(5, 'x')],
    ['sample.inner', withField(6, {})],
    ['sample.inner[1].bytes', withField(6, [[Uint8Array.of(1)], [[]]])],
    ['sample.inner[0]', withField(6, [[]])],
    ['sample.inner[0]', withField(6, [[Uint8Array.of(1), 2]])],
    ['sample', 7],
    ['sample', []],
  ])('IMG-6: a wrong value is refused at %s', (place, raw) => {
    expect(placeOf(raw)).toBe(place);
  });

  test('IMG-6: the value that the wrong ones were made of is accepted', () => {
    expect(placeOf(GOOD)).toBe('accepted');
  });
});
