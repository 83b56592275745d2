/** How the implementation took a run, in words. */
import type { OnImplementation } from './on-implementation.ts';

/** Differences shown; what follows the first ones is mostly more of them. */
const MOST = 6;

/** @param supposed what the run supposes and the implementation does not do. */
export const implementationWords = (
  { taken, steps, refused, differences, frames }: OnImplementation,
  supposed: readonly string[],
): readonly string[] => {
  const same = differences.length === 0 ? ', and stands where the model stands after each' : '';
  const took = taken === steps ? `all ${steps} steps` : `${taken} of ${steps} steps`;
  return [
    `The implementation takes ${took}${same}; ${frames.length} packets.`,
    ...(supposed.length === 0 ? [] : [`It is not as this run supposes: ${supposed.join(', ')}.`]),
    ...(refused === undefined ? [] : [`It does not take step ${refused.step}: ${refused.says}.`]),
    ...differences.slice(0, MOST).map(({ step, says }) => `After step ${step} it differs: ${says}.`),
    ...(differences.length > MOST ? [`${differences.length - MOST} more differences.`] : []),
  ];
};
