/** How the implementation took a run, in words. */
import type { OnImplementation } from './on-implementation.ts';

/** Differences shown; what follows the first ones is mostly more of them. */
const MOST = 6;

/** @param reads how the run's reading of the published text differs from the implementation's. */
export const implementationWords = (
  { taken, steps, refused, differences, frames }: OnImplementation,
  reads: readonly string[],
): readonly string[] => {
  const same = differences.length === 0 ? ', and stands where the model stands after each' : '';
  const took = taken === steps ? `all ${steps} steps` : `${taken} of ${steps} steps`;
  return [
    `The implementation takes ${took}${same}; ${frames.length} packets.`,
    ...(reads.length === 0 ? [] : [`It reads the published text otherwise than this run: not ${reads.join(', ')}.`]),
    ...(refused === undefined ? [] : [`It does not take step ${refused.step}: ${refused.says}.`]),
    ...differences.slice(0, MOST).map(({ step, says }) => `After step ${step} it differs: ${says}.`),
    ...(differences.length > MOST ? [`${differences.length - MOST} more differences.`] : []),
  ];
};
