// Owns the comparison of two things that differ by less than this machine's noise: paired rounds, processor time, medians.
import { chance } from '../../impl/udp/chance.ts';
import type { Round } from './rounds.ts';

/** A ratio with the interval in which it lies at 95 %. */
export type Estimate = { readonly value: number; readonly low: number; readonly high: number };

/** The middle one, or the mean of the two in the middle. */
export const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
};

const RESAMPLES = 2000;

/** The median, with what the middle 95 % of the medians of random resamples of as many numbers span. */
export const bootstrap = (numbers: readonly number[], seed = 1): Estimate => {
  const random = chance(seed);
  const draw = (): number => numbers[Math.floor(random() * numbers.length)] ?? Number.NaN;
  const medians = Array.from({ length: RESAMPLES }, () => median(Array.from(numbers, draw))).sort((a, b) => a - b);
  const at = (share: number): number => medians[Math.round(share * (RESAMPLES - 1))] ?? Number.NaN;
  return { value: median(numbers), low: at(0.025), high: at(0.975) };
};

/** Microseconds of processor that this process has had: what others do meanwhile does not count. */
const processorTime = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

/** Things per microsecond of processor. */
const rateOf = (round: Round): number => {
  const started = processorTime();
  const things = round();
  return things / Math.max(1, processorTime() - started);
};

/** How often everything is made anew, since where things lie in memory makes a difference too, one for each making. */
const GROUPS = 160;
/** Pairs of rounds with what was made once. */
const PAIRS = 9;

/**
 * How many times as fast the second of two kinds of round is as the first. The two of a pair follow each other, the
 * first of them in turn; a group gives the median of its pairs.
 */
export const compare = (makeFirst: () => Round, makeSecond: () => Round, groups = GROUPS, pairs = PAIRS): Estimate => {
  const ratios = Array.from({ length: groups }, (_, group) => {
    const secondIsMadeFirst = group % 2 === 1;
    const early = secondIsMadeFirst ? makeSecond() : undefined;
    const first = makeFirst();
    const second = early ?? makeSecond();
    return median(
      Array.from({ length: pairs }, (_, pair) => {
        if (pair % 2 === 0) {
          const rate = rateOf(first);
          return rateOf(second) / rate;
        }
        const rate = rateOf(second);
        return rate / rateOf(first);
      }),
    );
  });
  return bootstrap(ratios);
};
