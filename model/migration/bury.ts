import type { QpContext } from '../context.ts';
import { UNUSED } from '../initial.ts';

/** What is left of the context of a copy that will never run again: nothing that tells one such copy from another. */
export const BURIED = {
  ...UNUSED,
  ackLost: 0,
  receives: 0,
  forwardTo: -1,
  ghost: { executed: 0, broke: '' },
} as const satisfies Partial<QpContext>;
