// Chapter 60, metadata: one spelling per value, and every wrong value refused by its place.
import { fc, test as prop } from '@fast-check/vitest';
import { encode as cborgEncode, rfc8949EncodeOptions } from 'cborg';
import { describe, expect, test } from 'vitest';
import { record, tagged } from '../../impl/migration/record-shape.ts';
import {
  boolean,
  bytes,
  decode,
  encode,
  integer,
  list,
  nullable,
  oneOf,
  optional,
  type Shape,
  text,
  u24,
  u64,
} from '../../impl/migration/shape.ts';

type Either = { readonly type: 'A'; readonly a: number } | { readonly type: 'B'; readonly b: string };

const either: Shape<Either> = tagged<Either>(({ type }) => type, {
  A: record('A', { type: oneOf(['A'] as const), a: u24 }),
  B: record('B', { type: oneOf(['B'] as const), b: text }),
});

const sample = record('sample', {
  number: integer(0, Number.MAX_SAFE_INTEGER),
  wide: u64,
  on: boolean,
  name: text,
  kind: oneOf(['one', 'two'] as const),
  maybe: optional(u24),
  inner: list(record('inner', { bytes })),
  either,
  none: nullable(u24),
});
type Sample = ReturnType<typeof sample.read>;

const value: fc.Arbitrary<Sample> = fc.record({
  number: fc.oneof(fc.maxSafeNat(), fc.constantFrom(0, 23, 24, 255, 256, 65535, 65536, 2 ** 32 - 1, 2 ** 32)),
  wide: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  on: fc.boolean(),
  name: fc.string({ unit: 'binary', maxLength: 300 }),
  kind: fc.constantFrom('one' as const, 'two' as const),
  maybe: fc.option(fc.nat(0xffffff), { nil: undefined }),
  inner: fc.array(fc.record({ bytes: fc.uint8Array({ maxLength: 300 }) }), { maxLength: 30 }),
  either: fc.oneof(
    fc.record({ type: fc.constant('A' as const), a: fc.nat(0xffffff) }),
    fc.record({ type: fc.constant('B' as const), b: fc.string() }),
  ),
  none: fc.option(fc.nat(0xffffff), { nil: null }),
});

/** The value as plain data in the order of its fields, as cborg takes it. */
const plain = ({ number, wide, on, name, kind, maybe, inner, either: tag, none }: Sample): readonly unknown[] => [
  ...[number, wide, on, name, kind, maybe ?? null, inner.map((each) => [each.bytes])],
  [tag.type, tag.type === 'A' ? ['A', tag.a] : ['B', tag.b]],
  none,
];

const GOOD = plain({
  number: 1,
  wide: 2n,
  on: true,
  name: 'n',
  kind: 'one',
  maybe: undefined,
  inner: [],
  either: { type: 'A', a: 5 },
  none: null,
});

const cbor = (raw: unknown): Uint8Array => cborgEncode(raw, rfc8949EncodeOptions);
const read = (given: Uint8Array) => decode(sample, given, 'sample');
const withField = (index: number, wrong: unknown): readonly unknown[] => GOOD.with(index, wrong);

describe('metadata', () => {
  // RFC 8949, appendix A.
  test.each([
    ['0', u64, 0n, '00'],
    ['23', u24, 23, '17'],
    ['24', u24, 24, '1818'],
    ['1000', u24, 1000, '1903e8'],
    ['1000000', u24, 1_000_000, '1a000f4240'],
    ['1000000000000', u64, 1_000_000_000_000n, '1b000000e8d4a51000'],
    ['18446744073709551615', u64, 18_446_744_073_709_551_615n, '1bffffffffffffffff'],
    ['false', boolean, false, 'f4'],
    ['true', boolean, true, 'f5'],
    ['null', optional(u24), undefined, 'f6'],
    ["h''", bytes, new Uint8Array(0), '40'],
    ["h'01020304'", bytes, Uint8Array.of(1, 2, 3, 4), '4401020304'],
    ['""', text, '', '60'],
    ['"IETF"', text, 'IETF', '6449455446'],
    ['"\u6c34"', text, '\u6c34', '63e6b0b4'],
    ['"\ud800\udd51"', text, '\ud800\udd51', '64f0908591'],
    ['[]', list(u24), [], '80'],
    ['[1, 2, 3]', list(u24), [1, 2, 3], '83010203'],
    ['[1, [2, 3]]', record('', { a: u24, b: list(u24) }), { a: 1, b: [2, 3] }, '8201820203'],
  ] as const)('IMG-5: %s is written as RFC 8949 has it, and read back', (_, shape, given, hex) => {
    const written = encode(shape as Shape<unknown>, given);
    expect(Buffer.from(written).toString('hex')).toBe(hex);
    expect(decode<unknown>(shape, written, 'it')).toEqual({ ok: true, value: given });
  });

  prop.prop([value])('IMG-5, IMG-9: a value is written as the array of its fields, and read back', (given) => {
    const written = encode(sample, given);
    expect(Buffer.compare(written, cbor(plain(given)))).toBe(0);
    expect(read(written)).toEqual({ ok: true, value: given });
  });

  prop.prop([value])('IMG-13: equal values are equal bytes, whatever the order of their keys', (given) => {
    const reversed = Object.fromEntries(Object.entries(given).reverse());
    expect(encode(sample, { ...given, ...reversed })).toEqual(encode(sample, given));
  });

  prop.prop([fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), fc.nat(63)])(
    'IMG-5: 64 bits are a bigint in memory, however few of them are set',
    (wide, shift) => {
      const read = decode(u64, encode(u64, wide >> BigInt(shift)), 'it');
      expect(read).toStrictEqual({ ok: true, value: wide >> BigInt(shift) });
    },
  );

  test('IMG-5: bytes that are read are no view of the file', () => {
    const file = Buffer.from(encode(bytes, Uint8Array.of(1, 2)));
    const read = decode(bytes, file, 'it');
    file.fill(0);
    expect(read).toEqual({ ok: true, value: Uint8Array.of(1, 2) });
  });

  test.each([
    ['an integer in more bytes than it needs', u24, [0x18, 0x05]],
    ['an integer of one byte in two', u24, [0x19, 0x00, 0xff]],
    ['an integer of two bytes in four', u24, [0x1a, 0x00, 0x00, 0xff, 0xff]],
    ['an integer of four bytes in eight', u64, [0x1b, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]],
    ['a length in more bytes than it needs', bytes, [0x58, 0x01, 0x00]],
    ['an array of indefinite length', list(u24), [0x9f, 0x01, 0xff]],
    ['bytes of indefinite length', bytes, [0x5f, 0x41, 0x00, 0xff]],
    ['an integer as a float', u24, [0xfb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0]],
    ['zero as a negative float', u24, [0xfb, 0x80, 0, 0, 0, 0, 0, 0, 0]],
    ['undefined', boolean, [0xf7]],
    ['no number', u24, [0xf9, 0x7e, 0x00]],
    ['infinity', u24, [0xf9, 0x7c, 0x00]],
    ['a tag', u24, [0xc1, 0x01]],
    ['a simple value', u24, [0xe0]],
    ['an end of nothing', list(u24), [0x81, 0xff]],
    ['a reserved kind of length', u24, [0x1c]],
    ['text that is not UTF-8', text, [0x61, 0xff]],
    ['bytes behind the value', u24, [0x01, 0x01]],
    ['no value', u24, []],
    ['an integer cut short', u24, [0x19, 0x01]],
    ['text cut short', text, [0x63, 0x61, 0x62]],
    ['an array longer than what is left', list(u24), [0x9b, 0, 0, 0, 1, 0, 0, 0, 0]],
    ['bytes longer than what is left', bytes, [0x5b, 0, 0, 1, 0, 0, 0, 0, 0]],
    ['text longer than what is left', text, [0x7b, 0, 0, 1, 0, 0, 0, 0, 0]],
    ['a length of 64 bits', bytes, [0x5b, 0xff, 0, 0, 0, 0, 0, 0, 0]],
  ] as const)('IMG-5: %s is refused', (_, shape, given) => {
    expect(decode<unknown>(shape, Uint8Array.from(given), 'it')).toMatchObject({
      ok: false,
      error: { rule: 'IMG-5', place: expect.stringMatching(/^it/) },
    });
  });

  test.each([
    [u24, [0x18, 0x05], 'more bytes than necessary'],
    [list(u24), [0x9f, 0x01, 0xff], 'indefinite'],
    [list(u24), [0x82, 0x01], 'too early'],
    [u24, [0x01, 0x02, 0x03], '2 bytes follow'],
  ] as const)('IMG-5: a refusal says what is wrong (%#)', (shape, given, words) => {
    expect(decode<unknown>(shape, Uint8Array.from(given), 'it')).toMatchObject({
      ok: false,
      error: { rule: 'IMG-5', message: expect.stringContaining(words) },
    });
  });

  test.each([
    ['a map', boolean, [0xa1, 0x61, 0x61, 0x01], 'it'],
    ['arrays in arrays without end', list(u24), new Array<number>(100_000).fill(0x81), 'it[0]'],
  ] as const)('IMG-6: %s is refused', (_, shape, given, place) => {
    expect(decode<unknown>(shape, Uint8Array.from(given), 'it')).toMatchObject({
      ok: false,
      error: { rule: 'IMG-6', place },
    });
  });

  test('IMG-5: text keeps what begins it, a byte order mark too', () => {
    const spelled = cbor('\ufeffx');
    const read = decode(text, spelled, 'it');
    expect(read.ok && Buffer.compare(encode(text, read.value), spelled)).toBe(0);
  });

  prop.prop([value, fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { minLength: 1, maxLength: 4 })])(
    'IMG-5: altered bytes are refused or are the only spelling of another value',
    (given, changes) => {
      const altered = Uint8Array.from(encode(sample, given));
      for (const [at, byte] of changes) altered[at % altered.length] = byte;
      const result = read(altered);
      if (!result.ok) return;
      expect(Buffer.compare(encode(sample, result.value), altered)).toBe(0);
    },
  );
});

describe('shapes', () => {
  test.each([
    ['sample.number', withField(0, -1)],
    ['sample.number', withField(0, 1n << 60n)],
    ['sample.number', withField(0, '1')],
    ['sample.number', withField(0, true)],
    ['sample.wide', withField(1, -1n)],
    ['sample.wide', withField(1, -(1n << 60n))],
    ['sample.wide', withField(1, null)],
    ['sample.on', withField(2, 1)],
    ['sample.name', withField(3, 3)],
    ['sample.kind', withField(4, 'three')],
    ['sample.maybe', withField(5, 'x')],
    ['sample.maybe', withField(5, 0x1000000)],
    ['sample.inner', withField(6, {})],
    ['sample.inner[1].bytes', withField(6, [[Uint8Array.of(1)], [[]]])],
    ['sample.inner[0]', withField(6, [[]])],
    ['sample.inner[0]', withField(6, [[Uint8Array.of(1), 2]])],
    ['sample.either', withField(7, ['C', []])],
    ['sample.either', withField(7, ['A'])],
    ['sample.either', withField(7, {})],
    ['sample.either', withField(7, ['A', ['A', 5], 0])],
    ['sample.either.a', withField(7, ['A', ['A', 'x']])],
    ['sample', 7],
    ['sample', []],
  ])('IMG-6: a wrong value is refused at %s', (place, raw) => {
    expect(read(cbor(raw))).toMatchObject({ ok: false, error: { rule: 'IMG-6', place } });
  });

  test('IMG-6: the value that the wrong ones were made of is accepted', () => {
    expect(read(cbor(GOOD)).ok).toBe(true);
  });

  test.each([
    ['a negative integer', u24, -1],
    ['a fraction', u24, 0.5],
    ['no number', u24, Number.NaN],
    ['text with half of a surrogate pair', text, 'a\ud800'],
    ['a negative wide integer', u64, -1n],
    ['an integer out of its range', u24, 1 << 24],
    ['a wide integer of 65 bits', u64, 1n << 64n],
    ['a name out of the list', oneOf<string>(['one']), 'two'],
  ])('IMG-6: %s is not written, since it could not be read again', (_, shape, wrong) => {
    expect(() => encode<never>(shape as Shape<never>, wrong as never)).toThrow(RangeError);
  });
});
