// The stream application's own judgement: it must notice every kind of harm, or `intact` means nothing.
import { fc, test as prop } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { compose, judge } from './message.ts';
import { layOut, type StreamMemory, type StreamSettings, streamIn, streamMemorySize } from './stream-memory.ts';

const settings = (direction: number, stream = 3): StreamSettings => ({
  stream,
  direction,
  seed: 7,
  messages: 100,
  mtu: 256,
  window: 4,
  depth: 8,
  imm: 0,
  oneSided: 0,
});

const make = (direction: number, stream = 3): StreamMemory =>
  layOut(new Uint8Array(streamMemorySize(settings(direction))), settings(direction, stream));

/** What the wire does: message `n` of `from` into the `m`th receive of `to`. */
const carry = (from: StreamMemory, n: number, to: StreamMemory, m: number): number => {
  const length = compose(from, n);
  to.bytes.set(from.bytes.subarray(from.sendSlot(n), from.sendSlot(n) + length), to.receiveSlot(m));
  return length;
};

const hex = (chain: Uint8Array): string => Buffer.from(chain).toString('hex');

describe('stream messages', () => {
  test('messages carried in order are right, and both chains agree', () => {
    const [from, to] = [make(0), make(1)];
    const lengths = new Set<number>();
    for (let n = 0; n < 100; n++) {
      const length = carry(from, n, to, n);
      lengths.add(length);
      expect(judge(to, n, length)).toBe('right');
    }
    expect(hex(to.receivedChain)).toBe(hex(from.sentChain));
    expect([255, 256, 257, 512, 1024].filter((edge) => lengths.has(edge)).length).toBeGreaterThan(2);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(1024);
  });

  prop.prop([fc.nat(99), fc.nat(1023), fc.integer({ min: 1, max: 255 })])(
    'a changed byte is noticed, wherever it lies',
    (n, at, flip) => {
      const [from, to] = [make(0), make(1)];
      const length = carry(from, n, to, n);
      const byte = to.receiveSlot(n) + (at % length);
      to.bytes[byte] = (to.bytes[byte] ?? 0) ^ flip;
      expect(judge(to, n, length)).not.toBe('right');
    },
  );

  test('a repeated, a skipped, a foreign and a cut message are each noticed', () => {
    const [from, to] = [make(0), make(1)];
    expect(judge(to, 1, carry(from, 0, to, 1))).toBe('number');
    expect(judge(to, 1, carry(from, 2, to, 1))).toBe('number');
    expect(judge(to, 1, carry(make(1), 1, to, 1))).toBe('stream');
    expect(judge(to, 1, carry(make(0, 4), 1, to, 1))).toBe('stream');
    expect(judge(to, 1, carry(from, 1, to, 1) - 1)).toBe('length');
    expect(judge(to, 1, 0)).toBe('length');
  });

  test('two messages in the wrong order give another chain', () => {
    const [from, to] = [make(0), make(1)];
    const [first, second] = [carry(from, 0, to, 1), carry(from, 1, to, 0)];
    judge(to, 0, second);
    judge(to, 1, first);
    expect(hex(to.receivedChain)).not.toBe(hex(from.sentChain));
  });

  test('a stream is found in a copy of its memory, and nowhere else', () => {
    const from = make(0);
    compose(from, 0);
    from.set('posted', 1);
    const copy = streamIn(Uint8Array.from(from.bytes));
    expect(copy?.get('posted')).toBe(1);
    expect(hex(copy?.sentChain ?? new Uint8Array())).toBe(hex(from.sentChain));
    expect(streamIn(new Uint8Array(4096))).toBeUndefined();
    expect(streamIn(new Uint8Array(8))).toBeUndefined();
  });
});
