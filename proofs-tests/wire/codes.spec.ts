// 10-wire: syndromes, RNR timers, credits, MTU, ACK timeout, against the spec's tables.
import { expect, test } from 'vitest';
import { CREDITS, creditCount } from '../../impl/wire/credit.ts';
import { MTUS, mtuFromEnum, mtuToEnum } from '../../impl/wire/mtu.ts';
import { ack, nak, rnrNak, type Syndrome, syndrome } from '../../impl/wire/syndrome.ts';
import { ackTimeoutNs, RNR_TIMERS_US, rnrTimerNs } from '../../impl/wire/timer-code.ts';
import { cell, numberCell, specTable } from '../trace/tables.ts';

const CHAPTER = 'spec/10-wire.md';

const column = (name: string, key: string, value: string): number[][] => {
  const table = specTable(CHAPTER, name);
  return table.rows.map((row) => [numberCell(table, row, key), numberCell(table, row, value)]);
};

const numbered = (values: readonly number[], first = 0): number[][] => values.map((value, i) => [i + first, value]);

test('WIRE-20, WIRE-14: every syndrome byte has the kind and code of its row', () => {
  const table = specTable(CHAPTER, 'syndromes');
  const expected = table.rows.flatMap((row) => {
    const [from, to] = [numberCell(table, row, 'from'), numberCell(table, row, 'to')];
    return Array.from({ length: to - from + 1 }, (_, i) => [
      from + i,
      cell(table, row, 'kind'),
      cell(table, row, 'code'),
    ]);
  });
  const code = (one: Syndrome): string => (one.kind === 'NAK' ? one.code : '-');
  const found = Array.from({ length: 256 }, (_, value) => [value, syndrome(value).kind, code(syndrome(value))]);
  expect(found).toEqual(expected);
});

test('WIRE-20: the low five bits are the credit of an ACK and the timer of an RNR NAK', () => {
  for (let low = 0; low < 32; low++) {
    expect(syndrome(low)).toEqual({ kind: 'ACK', value: low, credit: low });
    expect(syndrome(0x20 + low)).toEqual({ kind: 'RNR_NAK', value: 0x20 + low, timer: low });
    expect([ack(low), rnrNak(low)]).toEqual([syndrome(low), syndrome(0x20 + low)]);
  }
  expect(() => syndrome(256)).toThrow(RangeError);
});

test('WIRE-14, WIRE-20: NAK_STOPPED is a NAK with the byte 0x65', () => {
  expect(nak('STOPPED')).toBe(syndrome(0x65));
});

test('WIRE-21: RNR timers are those of the table', () => {
  expect(numbered(RNR_TIMERS_US)).toEqual(column('rnr-timers', 'code', 'microseconds'));
  expect([rnrTimerNs(0), rnrTimerNs(1), rnrTimerNs(31)]).toEqual([655_360_000, 10_000, 491_520_000]);
});

test('WIRE-22: credits are those of the table, and code 31 says nothing', () => {
  expect(numbered(CREDITS)).toEqual(column('credits', 'code', 'receive WQEs'));
  expect(creditCount(31)).toBeUndefined();
});

test('WIRE-23: path MTUs are those of the table', () => {
  expect(numbered(MTUS, 1)).toEqual(column('mtu', 'number', 'bytes'));
  for (const mtu of MTUS) expect(mtuFromEnum(mtuToEnum(mtu))).toBe(mtu);
  expect([mtuFromEnum(0), mtuFromEnum(6)]).toEqual([undefined, undefined]);
});

test('WIRE-24: the ACK timeout doubles from 8.192 us, and 0 means none', () => {
  expect([ackTimeoutNs(0), ackTimeoutNs(1), ackTimeoutNs(14), ackTimeoutNs(31)]).toEqual([
    undefined,
    8_192,
    67_108_864,
    4096 * 2 ** 31,
  ]);
});
