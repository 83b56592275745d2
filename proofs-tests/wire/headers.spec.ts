// 10-wire, headers: the layouts are the spec's tables, and the layout codec is a pair of inverses.
import { fc, test } from '@fast-check/vitest';
import { expect, expectTypeOf } from 'vitest';
import { type FieldsOf, header, reserved, uint, uint64 } from '../../impl/wire/header.ts';
import { bth, EXTENSION_HEADERS, rdeth } from '../../impl/wire/headers.ts';
import { qpn } from '../../impl/wire/numbers.ts';
import { makePacket, type Packet } from '../../impl/wire/packet.ts';
import { psn } from '../../impl/wire/psn.ts';
import { cell, numberCell, specTable } from '../trace/tables.ts';
import { anyVa } from './arbitrary.ts';

const CHAPTER = 'spec/10-wire.md';
const HEADERS = [bth, rdeth, ...Object.values(EXTENSION_HEADERS)] as const;

const layouts = new Map(HEADERS.map(({ name, layout }) => [name, Object.entries(layout)]));

test('WIRE-2: the headers and their sizes are those of the table', () => {
  const table = specTable(CHAPTER, 'headers');
  const rows = table.rows.map((row) => [cell(table, row, 'header'), numberCell(table, row, 'bytes')]);
  expect(rows.toSorted()).toEqual(HEADERS.map(({ name, size }) => [name, size]).toSorted());
});

test('WIRE-2, WIRE-3: the fields of every header and their widths are those of the table, in its order', () => {
  const table = specTable(CHAPTER, 'fields');
  const rows = table.rows.map((row) => [
    cell(table, row, 'header'),
    cell(table, row, 'field'),
    numberCell(table, row, 'bits'),
  ]);
  const names = new Set(rows.map(([name]) => String(name)));
  expect([...names].toSorted()).toEqual([...layouts.keys()].toSorted());
  for (const name of names) {
    const fields = layouts.get(name)?.map(([field, { bits }]) => [name, field, bits]);
    expect(rows.filter(([of]) => of === name)).toEqual(fields);
  }
  const reservedFields = rows
    .filter(([, field]) => String(field).startsWith('resv'))
    .map(([name, field]) => `${name}.${field}`);
  const layoutReserved = HEADERS.flatMap(({ name, layout }) =>
    Object.entries(layout)
      .filter(([, { kind }]) => kind === 'reserved')
      .map(([field]) => `${name}.${field}`),
  );
  expect(layoutReserved.toSorted()).toEqual(reservedFields.toSorted());
});

test('WIRE-2: a packet has every field of every header but those the codec computes, under its type', () => {
  const codec = ['padCount', 'tver'];
  const named = [bth, ...Object.values(EXTENSION_HEADERS)].flatMap(({ layout }) =>
    Object.entries(layout).flatMap(([field, { kind }]) =>
      kind === 'reserved' || codec.includes(field) ? [] : [field],
    ),
  );
  const fields = Object.keys(makePacket('RC_SEND_ONLY', qpn(2), psn(0)));
  expect(fields.toSorted()).toEqual([...new Set([...named, 'payload'])].toSorted());

  type Of<Name extends keyof typeof EXTENSION_HEADERS> = FieldsOf<(typeof EXTENSION_HEADERS)[Name]['layout']>;
  type Bth = Omit<FieldsOf<(typeof bth)['layout']>, 'opcode' | 'padCount' | 'tver'>;
  type Remote = Of<'RETH'> & Of<'AtomicETH'> & Of<'AtomicAckETH'> & Of<'IETH'> & Of<'FETH'> & Of<'ImmDt'> & Of<'DETH'>;
  expectTypeOf<Packet>().toExtend<Bth & Remote & Omit<Of<'AETH'>, 'syndrome'>>();
});

for (const one of HEADERS) {
  const { name, size, layout } = one;
  const fields = fc.record(
    Object.fromEntries(
      Object.entries(layout)
        .filter(([, { kind }]) => kind !== 'reserved')
        .map(([field, { kind, bits }]) => {
          if (kind === 'flag') return [field, fc.boolean()];
          if (kind === 'va') return [field, anyVa];
          return [field, kind === 'uint64' ? fc.bigInt(0n, 2n ** 64n - 1n) : fc.nat(2 ** bits - 1)];
        }),
    ),
  );
  const anyBytes = fc.uint8Array({ minLength: size, maxLength: size });
  const anywhere = fc.nat(9);

  test.prop([fields, anywhere])(`WIRE-2: what ${name} encodes it decodes, and it writes nothing else`, (values, at) => {
    const bytes = new Uint8Array(at + size + 5).fill(0xee);
    // @ts-expect-error: the union of the headers' encoders takes the intersection of their fields
    one.encode(values, bytes, at);
    expect(one.decode(bytes, at)).toEqual(values);
    expect([...bytes.subarray(0, at), ...bytes.subarray(at + size)]).toEqual(Array(at + 5).fill(0xee));
  });

  test.prop([anyBytes])(`WIRE-3: what ${name} decodes it encodes, reserved bits cleared`, (bytes) => {
    const again = new Uint8Array(size).fill(0xff);
    // @ts-expect-error: as above
    one.encode(one.decode(bytes, 0), again, 0);
    let bit = 0;
    for (const { kind, bits } of Object.values(layout)) {
      for (const end = bit + bits; bit < end; bit++) {
        const mask = 0x80 >> (bit & 7);
        const expected = kind === 'reserved' ? 0 : (bytes[bit >> 3] ?? 0) & mask;
        expect((again[bit >> 3] ?? 0) & mask).toBe(expected);
      }
    }
  });
}

test('WIRE-1: numbers stand most significant byte first', () => {
  const bytes = new Uint8Array(16);
  EXTENSION_HEADERS.RETH.encode(
    EXTENSION_HEADERS.RETH.decode(
      Uint8Array.from({ length: 16 }, (_, i) => i + 1),
      0,
    ),
    bytes,
    0,
  );
  const { va, rkey, dmaLength } = EXTENSION_HEADERS.RETH.decode(bytes, 0);
  expect([va, rkey, dmaLength]).toEqual([0x0102030405060708n, 0x090a0b0c, 0x0d0e0f10]);
});

test('WIRE-2: a layout of broken bytes, and a value that does not fit, are refused', () => {
  expect(() => header('X', { a: uint(7) })).toThrow('X has 7 bits');
  expect(() => header('X', { a: reserved(4), b: uint64, c: reserved(4) })).toThrow('X.b cannot start at bit 4');
  const pair = header('X', { a: uint(4), b: uint(4), c: uint64 });
  const write =
    (a: number, c = 0n) =>
    () =>
      pair.encode({ a, b: 0, c }, new Uint8Array(9), 0);
  expect(write(15)).not.toThrow();
  for (const a of [16, -1, 0.5, Number.NaN]) expect(write(a)).toThrow(RangeError);
  expect(write(0, 2n ** 64n - 1n)).not.toThrow();
  for (const c of [2n ** 64n, -1n]) expect(write(0, c)).toThrow(RangeError);
});
