// Owns reproducible chance for loss injection: one generator per seed, never shared between concerns.

/** A generator of numbers in [0, 1): mulberry32, which is small, even, and the same on every machine. */
export const chance = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** A seed for one concern of a run, far from the seeds of its other concerns. */
export const subSeed = (seed: number, concern: number): number => {
  let mixed = Math.imul(seed ^ Math.imul(concern + 1, 0x9e3779b1), 0x85ebca6b);
  mixed ^= mixed >>> 13;
  return Math.imul(mixed, 0xc2b2ae35) >>> 0;
};
