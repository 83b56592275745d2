// Owns deterministic CBOR (RFC 8949, section 4.2.1): one value, one byte string. spec/60-image.md.
import { decode, encode, rfc8949EncodeOptions } from 'cborg';
import { type ImageResult, refused } from './image-error.ts';

/** Integers beyond 2^53 are bigints on both ways. */
const STRICT = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  rejectDuplicateMapKeys: true,
} as const;

/** Encodes plain data: numbers, bigints, strings, booleans, null, bytes, arrays, maps with text keys. */
export const encodeMetadata = (value: unknown): Uint8Array => encode(value, rfc8949EncodeOptions);

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** Decodes, and refuses bytes that `encodeMetadata` would not have written. */
export const decodeMetadata = (bytes: Uint8Array): ImageResult<unknown> => {
  //= IMG-5
  try {
    const value: unknown = decode(bytes, STRICT);
    if (sameBytes(encodeMetadata(value), bytes)) return { ok: true, value };
    return refused('IMG-5', 'metadata', 'not the deterministic CBOR encoding of what they say');
  } catch (error) {
    return refused('IMG-5', 'metadata', error instanceof Error ? error.message : String(error));
  }
};
