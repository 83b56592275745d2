// 10-wire, opcodes: the table of the code is the table of the spec.
import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { MTUS, type Mtu } from '../../impl/wire/mtu.ts';
import { OPCODE_NAMES, opcodeInfo, opcodeName } from '../../impl/wire/opcode.ts';
import { type PayloadRule, payloadFits, payloadIsWellFormed } from '../../impl/wire/payload-rule.ts';
import { cell, listCell, numberCell, specTable } from '../trace/tables.ts';

const table = specTable('spec/10-wire.md', 'opcodes');

/** The spec's words for a length, and what they admit. */
const LENGTHS: Readonly<Record<string, { rule: PayloadRule; fits: (length: number, mtu: number) => boolean }>> = {
  '0': { rule: 'NONE', fits: (length) => length === 0 },
  '8': { rule: 'EIGHT', fits: (length) => length === 8 },
  '16': { rule: 'SIXTEEN', fits: (length) => length === 16 },
  MTU: { rule: 'MTU', fits: (length, mtu) => length === mtu },
  '1..MTU': { rule: 'ONE_TO_MTU', fits: (length, mtu) => length >= 1 && length <= mtu },
  '0..MTU': { rule: 'UP_TO_MTU', fits: (length, mtu) => length <= mtu },
};

test('WIRE-10, WIRE-11: every opcode has the value, place, role, headers and payload of its row, and no opcode lacks one', () => {
  const rows = table.rows.map((row) => {
    const name = cell(table, row, 'name');
    return {
      name,
      value: numberCell(table, row, 'value'),
      service: name === 'CNP' ? 'CNP' : name.slice(0, 2),
      operation: cell(table, row, 'operation'),
      position: cell(table, row, 'position'),
      role: cell(table, row, 'role'),
      headers: listCell(table, row, 'headers'),
      payload: LENGTHS[cell(table, row, 'payload')]?.rule,
    };
  });
  const code = OPCODE_NAMES.map((name) => {
    const { value, service, operation, position, role, headers, payload } = opcodeInfo(name);
    return { name, value, service, operation, position, role, headers, payload };
  });
  expect(code).toEqual(rows);
});

test('WIRE-10: starts, ends, ackable, offsets and sizes follow from the row', () => {
  const sizes = specTable('spec/10-wire.md', 'headers');
  const size = (header: string) =>
    sizes.rows
      .filter((row) => cell(sizes, row, 'header') === header)
      .map((row) => numberCell(sizes, row, 'bytes'))[0] ?? 0;
  for (const name of OPCODE_NAMES) {
    const { service, role, position, starts, ends, ackable, headers, offsets, headerBytes } = opcodeInfo(name);
    expect([starts, ends]).toEqual([/FIRST|ONLY/.test(position), /LAST|ONLY/.test(position)]);
    expect(ackable).toBe(service === 'RC' && role === 'request');
    let at = size('BTH');
    const places: Record<string, number> = {};
    for (const header of headers) {
      places[header] = at;
      at += size(header);
    }
    expect(Object.fromEntries(Object.entries(offsets).filter(([, offset]) => offset !== 0))).toEqual(places);
    expect(headerBytes).toBe(at);
  }
});

test('WIRE-10: a byte is the opcode of one row or of none', () => {
  const named = Array.from({ length: 256 }, (_, value) => opcodeName(value));
  expect(named.filter((name) => name !== undefined)).toEqual(OPCODE_NAMES);
  for (const name of OPCODE_NAMES) expect(named[opcodeInfo(name).value]).toBe(name);
  expect(opcodeName(256)).toBeUndefined();
});

test('WIRE-14: RESUME is a request of RC with an AETH', () => {
  expect(opcodeInfo('RC_RESUME')).toMatchObject({ value: 0x19, role: 'request', headers: ['AETH'], ackable: true });
});

const anyMtu: fc.Arbitrary<Mtu> = fc.constantFrom(...MTUS);
const nearBounds = fc.oneof(
  fc.nat(20),
  anyMtu,
  anyMtu.map((mtu) => mtu - 1),
  anyMtu.map((mtu) => mtu + 1),
  fc.nat(5000),
);

for (const [words, { rule, fits }] of Object.entries(LENGTHS)) {
  test.prop([nearBounds, anyMtu])(`WIRE-11: a payload of ${words} bytes fits as the words say`, (length, mtu) => {
    expect(payloadFits(rule, length, mtu)).toBe(fits(length, mtu));
  });

  test.prop([nearBounds])(
    `WIRE-54: a payload of ${words} bytes is well formed if it fits some MTU, or might break only that`,
    (length) => {
      const fixed = rule === 'NONE' || rule === 'SIXTEEN';
      expect(payloadIsWellFormed(rule, length)).toBe(fixed ? fits(length, 256) : length <= 4096);
    },
  );
}
