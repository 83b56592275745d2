// 10-wire, ICRC: the vector code, which is generated, against the table; the memory it sees.
import { fc, test } from '@fast-check/vitest';
import { afterEach, describe, expect, vi } from 'vitest';
import { DISTANCES } from '../../impl/wire/crc-fold.ts';
import { crcByTable, crcRegister } from '../../impl/wire/crc32.ts';
import { MAX_PACKET_BYTES } from '../../impl/wire/limits.ts';
import { claimPacketMemory, crcByFold, hasFold, releasePacketMemory } from '../../impl/wire/packet-memory.ts';

const noise = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => Math.imul(i + seed, 0x9e3779b1) >>> 24);

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

test('WIRE-40: a byte and its copies at the distances together do nothing to the register', () => {
  const length = Math.max(...DISTANCES) + 9;
  for (let byte = 1; byte < 256; byte++) {
    const message = new Uint8Array(length);
    for (const distance of [0, ...DISTANCES]) message[distance] = byte;
    expect(crcByTable(message, 0, length, 0)).toBe(0);
  }
});

describe.runIf(hasFold)('where vectors are there', () => {
  test('WIRE-40: by vectors and by table it is one register at every length, in place and copied', () => {
    const elsewhere = noise(MAX_PACKET_BYTES, 1);
    const inPlace = claimPacketMemory(MAX_PACKET_BYTES + 1);
    for (let length = 16; length <= MAX_PACKET_BYTES; length++) {
      const register = Math.imul(length, 0x85ebca6b);
      const expected = crcByTable(elsewhere, 0, length, register);
      expect(crcByFold(elsewhere, 0, length, register)).toBe(expected);
      const at = length === MAX_PACKET_BYTES ? 1 : length & 1;
      inPlace.set(elsewhere.subarray(0, length), at);
      expect(crcByFold(inPlace, at, at + length, register)).toBe(expected);
    }
    releasePacketMemory(inPlace);
  });

  test.prop([fc.integer({ min: 0, max: 9000 }), fc.integer({ min: 16, max: 9000 }), fc.integer()])(
    'WIRE-40: of bytes anywhere in a long array it is the same register, or the table has to do it',
    (start, length, register) => {
      const bytes = noise(start + length + 5, length);
      const expected = crcByTable(bytes, start, start + length, register);
      expect(crcByFold(bytes, start, start + length, register)).toBe(
        length > MAX_PACKET_BYTES && bytes.length > MAX_PACKET_BYTES ? undefined : expected,
      );
      expect(crcRegister(bytes, start, start + length, register)).toBe(expected);
    },
  );

  test('WIRE-40: memory is claimed apart, given back, zeroed, and claimed again only at its own size', () => {
    const [a, b] = [claimPacketMemory(1000), claimPacketMemory(1000)];
    expect(a.buffer === b.buffer).toBe(true);
    expect(Math.abs(a.byteOffset - b.byteOffset)).toBeGreaterThanOrEqual(1000);
    a.fill(7);
    releasePacketMemory(a);
    expect(claimPacketMemory(999).byteOffset).not.toBe(a.byteOffset);
    const again = claimPacketMemory(1000);
    expect(again.byteOffset).toBe(a.byteOffset);
    expect(Uint8Array.from(again)).toEqual(new Uint8Array(1000));
  });

  test('WIRE-40: a view of the memory is checked where it lies, a copy where that lies', () => {
    const ring = claimPacketMemory(2000);
    ring.set(noise(2000, 4));
    const view = ring.subarray(100, 1100);
    const copy = view.slice();
    const register = crcByTable(copy, 0, 1000, 6);
    expect(crcByFold(view, 0, 1000, 6)).toBe(register);
    ring.fill(0);
    expect(crcByFold(copy, 0, 1000, 6)).toBe(register);
    expect(crcByFold(view, 0, 1000, 6)).toBe(crcByTable(new Uint8Array(1000), 0, 1000, 6));
    releasePacketMemory(ring);
  });

  test('WIRE-40: where the memory is full, claims are met elsewhere and the register is the same', async () => {
    const fresh = await import('../../impl/wire/packet-memory.ts');
    const size = 1 << 20;
    const first = fresh.claimPacketMemory(size);
    const held = Array.from({ length: 40 }, () => fresh.claimPacketMemory(size));
    const outside = held.filter((bytes) => bytes.buffer !== first.buffer);
    expect(outside.length).toBeGreaterThan(0);
    expect(outside.length).toBeLessThan(held.length);
    for (const bytes of [first, ...held]) {
      bytes.set(noise(1024, 3));
      expect(fresh.crcByFold(bytes.subarray(0, 1024), 0, 1024, 5)).toBe(crcByTable(noise(1024, 3), 0, 1024, 5));
    }
    for (const bytes of outside) fresh.releasePacketMemory(bytes);
    expect(outside).not.toContain(fresh.claimPacketMemory(size));
  });
});

test('WIRE-40: without WebAssembly the table does it', async () => {
  vi.stubGlobal('WebAssembly', undefined);
  vi.resetModules();
  const memory = await import('../../impl/wire/packet-memory.ts');
  const { crcRegister: register } = await import('../../impl/wire/crc32.ts');
  expect(memory.hasFold).toBe(false);
  expect(memory.claimPacketMemory(64)).toEqual(new Uint8Array(64));
  const bytes = noise(2000, 9);
  expect(register(bytes, 3, 1999, 77)).toBe(crcByTable(bytes, 3, 1999, 77));
});
