// Owns the numbers of CBOR (RFC 8949, section 3) that an image uses. Chapter 60.

/** Major types. */
export const UNSIGNED = 0;
export const BYTES = 2;
export const TEXT = 3;
export const ARRAY = 4;
export const TAG = 6;
export const SIMPLE = 7;

/** Simple values, as whole bytes. */
export const FALSE = 0xf4;
export const TRUE = 0xf5;
export const NULL = 0xf6;

/** What a major type holds, as words. */
export const MAJOR_NAMES: readonly string[] = [
  'an integer',
  'a negative integer',
  'bytes',
  'text',
  'an array',
  'a map',
  'a tag',
  'a simple value or float',
];
