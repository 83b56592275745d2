// 10-wire: PSN arithmetic, keys and their ranges.
import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { numberOf } from '../../impl/wire/bytes.ts';
import { creditCode, creditCount } from '../../impl/wire/credit.ts';
import { lkey, msn, pkey, qkey, qpn, rkey } from '../../impl/wire/numbers.ts';
import { pkeysMatch } from '../../impl/wire/pkey-match.ts';
import { PSN_COUNT, psn, psnAdd, psnDistance } from '../../impl/wire/psn.ts';
import { putVa, type Va, va, vaAdd, vaAt, vaNumber } from '../../impl/wire/va.ts';
import { anyVa, bits } from './arbitrary.ts';

const anyPsn = bits(24).map(psn);
const step = fc.integer({ min: -PSN_COUNT, max: PSN_COUNT });

test.prop([anyPsn, step])('WIRE-4: adding k and then -k changes nothing, and stays in 24 bits', (a, k) => {
  const b = psnAdd(a, k);
  expect(psnAdd(b, -k)).toBe(a);
  expect(b).toBe((((a + k) % PSN_COUNT) + PSN_COUNT) % PSN_COUNT);
});

test('WIRE-4: the PSN after 0xffffff is 0', () => {
  expect(psnAdd(psn(0xffffff), 1)).toBe(0);
  expect(psnAdd(psn(0), -1)).toBe(0xffffff);
  expect(psn(-1)).toBe(0xffffff);
});

test.prop([anyPsn, fc.integer({ min: -(2 ** 23), max: 2 ** 23 - 1 })])(
  'WIRE-5: the distance of a PSN from the one k before it is k',
  (a, k) => {
    expect(psnDistance(psnAdd(a, k), a)).toBe(k);
  },
);

test.prop([anyPsn])('WIRE-5: the midpoint is behind, the one before it ahead', (a) => {
  expect(psnDistance(psnAdd(a, 2 ** 23), a)).toBe(-(2 ** 23));
  expect(psnDistance(psnAdd(a, 2 ** 23 - 1), a)).toBe(2 ** 23 - 1);
});

test('WIRE-6: P_Keys match within a partition if one holder is a full member', () => {
  const match = (a: number, b: number) => pkeysMatch(pkey(a), pkey(b));
  expect([match(0xffff, 0xffff), match(0xffff, 0x7fff), match(0x8001, 0x0001)]).toEqual([true, true, true]);
  expect([match(0x7fff, 0x7fff), match(0x8001, 0x8002), match(0x8000, 0x8000), match(0, 0x8000)]).toEqual([
    false,
    false,
    false,
    false,
  ]);
});

test.prop([bits(16), bits(16)])('WIRE-6: matching P_Keys is symmetric', (a, b) => {
  expect(pkeysMatch(pkey(a), pkey(b))).toBe(pkeysMatch(pkey(b), pkey(a)));
});

test.each([
  ['QPN', qpn, 24],
  ['R_Key', rkey, 32],
  ['L_Key', lkey, 32],
  ['P_Key', pkey, 16],
  ['Q_Key', qkey, 32],
] as const)('WIRE-53: a %s outside its bits is refused', (name, make, width) => {
  expect([make(0), make(2 ** width - 1)]).toEqual([0, 2 ** width - 1]);
  for (const wrong of [-1, 2 ** width, 0.5, Number.NaN]) expect(() => make(wrong)).toThrow(`${name} ${wrong}`);
});

test('WIRE-4: an MSN wraps as a PSN does', () => {
  expect([msn(0x1000000), msn(-1)]).toEqual([0, 0xffffff]);
});

test.prop([fc.nat(40000)])('WIRE-22: the credit code of n WQEs promises at most n, the next code more', (n) => {
  const code = creditCode(n);
  expect(creditCount(code)).toBeLessThanOrEqual(n);
  expect(creditCount(code + 1) ?? Number.POSITIVE_INFINITY).toBeGreaterThan(n);
});

test.prop([fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })])(
  'WIRE-53: 64 bits become the number that Number makes of them, rounded as it rounds',
  (value) => {
    for (const each of [value, value >> 11n, value | (2n ** 64n - 2n ** 53n), 2n ** 53n + (value & 3n)])
      expect(numberOf(each)).toBe(Number(each));
  },
);

const written = (address: Va): Uint8Array => {
  const bytes = new Uint8Array(10).fill(0xee);
  putVa(bytes, 1, address);
  return bytes;
};

const plain = (address: Va): Uint8Array => {
  const bytes = new Uint8Array(10).fill(0xee);
  new DataView(bytes.buffer).setBigUint64(1, BigInt(address));
  return bytes;
};

test.prop([anyVa])('WIRE-53: a virtual address is eight bytes, and one form comes back from them', (address) => {
  expect(written(address)).toEqual(plain(address));
  expect(vaAt(written(address), 1)).toBe(address);
  expect(va(BigInt(address))).toBe(address);
  expect(typeof address).toBe(BigInt(address) < 2n ** 53n ? 'number' : 'bigint');
  expect(vaNumber(address)).toBe(Number(address));
});

test.prop([anyVa, fc.oneof(fc.nat(9), fc.nat(2 ** 31 - 1))])(
  'WIRE-53: bytes further on are counted modulo 2^64',
  (address, step) => {
    expect(vaAdd(address, step)).toBe(va(BigInt.asUintN(64, BigInt(address) + BigInt(step))));
  },
);

test.each([-1, 0.5, Number.NaN, 2 ** 64, -1n, 2n ** 64n])('WIRE-53: %s is no virtual address', (wrong) => {
  expect(() => putVa(new Uint8Array(8), 0, wrong)).toThrow(RangeError);
});
