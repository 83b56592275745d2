// Owns the items that shapes turn values into, and their way to bytes and back, which is cborg's. Chapter 60.
import { type DecodeOptions, decode, encode, rfc8949EncodeOptions } from 'cborg';

/** Plain data, as an image's metadata consist of it: no map, no tag, no float, no negative integer. */
export type Item = number | bigint | string | boolean | null | Uint8Array | readonly Item[];

const STRICT: DecodeOptions = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  allowBigInt: true,
  rejectDuplicateMapKeys: true,
};

/** The deterministic CBOR of an item (RFC 8949, section 4.2.1). */
export const bytesOf = (item: Item): Uint8Array => encode(item, rfc8949EncodeOptions);

/** What these bytes are as data, or why they are no CBOR. Nothing is reserved for a length that the bytes do not have. */
export const parse = (bytes: Uint8Array): { readonly item: unknown } | { readonly fault: string } => {
  try {
    const item: unknown = decode(bytes, STRICT);
    return { item };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
};

/** Where two spellings of an item begin to differ; undefined if they are one. */
export const firstDifference = (one: Uint8Array, other: Uint8Array): number | undefined => {
  const longest = Math.max(one.length, other.length);
  for (let at = 0; at < longest; at++) if (one[at] !== other[at]) return at;
  return undefined;
};

/** What kind of item this is, as words. */
export const kindOf = (item: unknown): string => {
  if (item === null) return 'null';
  if (Array.isArray(item)) return 'an array';
  if (item instanceof Uint8Array) return 'bytes';
  switch (typeof item) {
    case 'number':
    case 'bigint':
      return Number.isInteger(Number(item)) ? 'an integer' : 'a float';
    case 'string':
      return 'text';
    case 'boolean':
      return 'a boolean';
    default:
      return 'a map';
  }
};
