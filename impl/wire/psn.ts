// Owns packet sequence numbers: the one place that knows they are 24 bits wide. Chapter 10.

declare const brand: unique symbol;

/** Packet sequence number, an integer in [0, 2^24 - 1] that wraps. */
export type Psn = number & { readonly [brand]: 'Psn' };

/** Number of distinct PSNs, 2^24. */
export const PSN_COUNT = 0x1000000;

const MASK = 0xffffff;

//= WIRE-4
/** The PSN congruent to `n` modulo 2^24; `n` is any safe integer, negative ones included. */
export const psn = (n: number): Psn => (n & MASK) as Psn;

//= WIRE-4
/** The PSN `k` packets after `a` (before it if `k` is negative). */
export const psnAdd = (a: Psn, k: number): Psn => ((a + k) & MASK) as Psn;

//= WIRE-5
/**
 * Signed distance `a - b` in [-2^23, 2^23 - 1]: negative when `a` is behind `b`.
 * The midpoint, exactly 2^23 apart, counts as behind.
 */
export const psnDistance = (a: Psn, b: Psn): number => ((a - b) << 8) >> 8;
