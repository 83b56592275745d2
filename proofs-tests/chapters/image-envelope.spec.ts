// Chapter 60, envelope: what a reader refuses before it looks at a single object.
import { fc, test as prop } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { ENVELOPE, ENVELOPE_SIZE, MAGIC, seal, unseal } from '../../impl/migration/envelope.ts';

const bytes = (fill: number, length: number): Uint8Array => new Uint8Array(length).fill(fill);
const file = (): Buffer => Buffer.concat(seal(bytes(1, 40), [bytes(2, 100), bytes(3, 7)]));

const ruleOf = (image: Uint8Array): string => {
  const opened = unseal(image);
  return opened.ok ? 'accepted' : opened.error.rule;
};

describe('envelope', () => {
  test('IMG-1: what does not begin with the magic is refused', () => {
    const altered = file();
    altered[7] = 0x0d;
    expect(ruleOf(altered)).toBe('IMG-1');
    expect(ruleOf(Buffer.from('RIFF'))).toBe('IMG-1');
    expect(ruleOf(new Uint8Array(0))).toBe('IMG-1');
    expect(Buffer.from(MAGIC).toString('hex')).toBe('474f445749540d0a');
  });

  test('IMG-2: an older and a newer version are refused by number', () => {
    for (const version of [0, 1, 2, 4, 0xffffffff]) {
      const image = file();
      image.writeUInt32BE(version, 8);
      expect(unseal(image)).toMatchObject({
        ok: false,
        error: { rule: 'IMG-2', message: expect.stringContaining(`${version}`) },
      });
    }
  });

  prop.prop([fc.nat(file().length - 1)])(
    'IMG-3: a file cut anywhere behind its magic is refused as truncated',
    (length) => {
      expect(ruleOf(file().subarray(0, length))).toBe(length < MAGIC.length ? 'IMG-1' : 'IMG-3');
    },
  );

  prop.prop([fc.uint8Array({ minLength: 1, maxLength: 9 })])('IMG-3: bytes behind the image are refused', (tail) => {
    expect(ruleOf(Buffer.concat([file(), tail]))).toBe('IMG-3');
  });

  prop.prop([fc.nat(file().length * 8 - 1)])('IMG-4: a file with any one bit changed is refused', (bit) => {
    const image = file();
    image[bit >> 3] = (image[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const rule = ruleOf(image);
    if (bit >> 3 >= 24) expect(rule).toBe('IMG-4');
    else expect(rule).toMatch(/^IMG-[123]$/);
  });

  test('IMG-4: the border between metadata and memory cannot be moved', () => {
    const image = file();
    image.writeUInt32BE(41, ENVELOPE.metaLength);
    image.writeBigUInt64BE(106n, ENVELOPE.memoryLength);
    expect(ruleOf(image)).toBe('IMG-4');
  });

  test('IMG-4: what was sealed is opened, memory behind metadata', () => {
    const opened = unseal(file());
    expect(opened.ok && Buffer.compare(opened.value.meta, bytes(1, 40))).toBe(0);
    expect(opened.ok && opened.value.memory.length).toBe(107);
    expect(file().length).toBe(ENVELOPE_SIZE + 147);
  });
});
