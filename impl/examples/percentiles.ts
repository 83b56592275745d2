// Owns the summary of many durations.

/** Durations in ascending order. */
export const sorted = (durations: readonly number[]): readonly number[] => [...durations].sort((a, b) => a - b);

/** The duration that a share of them (0..1) does not exceed; 0 of none. */
export const percentile = (ascending: readonly number[], share: number): number =>
  ascending[Math.min(ascending.length - 1, Math.ceil(share * ascending.length) - 1)] ?? ascending[0] ?? 0;

/** Milliseconds as microseconds with two digits. */
export const microseconds = (ms: number): string => (ms * 1000).toFixed(2);
