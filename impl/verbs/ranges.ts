// Owns the ranges of the numbers that a consumer gives. Chapter 40.

//= VRB-8
export const isU24 = (n: number): boolean => Number.isInteger(n) && n >= 0 && n <= 0xffffff;
export const isU32 = (n: number): boolean => Number.isInteger(n) && n >= 0 && n <= 0xffffffff;

const TWO_64 = 1n << 64n;

export const isU64 = (n: number | bigint): boolean =>
  typeof n === 'bigint' ? n >= 0n && n < TWO_64 : Number.isSafeInteger(n) && n >= 0;

/** Whether access flags are no others than `allowed`. */
export const isAccess = (flags: number, allowed: number): boolean => isU32(flags) && (flags & ~allowed) === 0;
