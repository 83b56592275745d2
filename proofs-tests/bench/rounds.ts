// Owns the way of measuring on a machine that does other things too: many short rounds, taken in turn, the best of each.

/** Something that can be done again and again; returns how many of the counted things it did. */
export type Round = () => number;

/**
 * Things per second of each. What else the machine does makes a round slower, never faster; short rounds fit between its
 * interruptions, and taking turns makes slow times fall on all alike.
 */
export const bestRates = (rounds: number, each: readonly Round[]): readonly number[] => {
  const best = each.map(() => 0);
  for (let round = 0; round < rounds; round++) {
    for (const [n, run] of each.entries()) {
      const started = process.hrtime.bigint();
      const things = run();
      best[n] = Math.max(best[n] ?? 0, (things * 1e9) / Number(process.hrtime.bigint() - started));
    }
  }
  return best;
};

/** As `bestRates`, for rounds that need the event loop. */
export const bestRatesAsync = async (
  rounds: number,
  each: readonly (() => Promise<number>)[],
): Promise<readonly number[]> => {
  const best = each.map(() => 0);
  for (let round = 0; round < rounds; round++) {
    for (const [n, run] of each.entries()) {
      const started = process.hrtime.bigint();
      const things = await run();
      best[n] = Math.max(best[n] ?? 0, (things * 1e9) / Number(process.hrtime.bigint() - started));
    }
  }
  return best;
};
