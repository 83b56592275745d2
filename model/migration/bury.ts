import type { QpContext } from '../context.ts';

/** What is left of the context of a copy that will never run again: nothing that tells one such copy from another. */
export const BURIED = {
  una: 0,
  nxt: 0,
  sent: 0,
  retries: 0,
  rnrRetries: 0,
  rnrWait: 0,
  expected: 0,
  nakSent: 0,
  inProgress: '',
  resources: [],
  ackLost: 0,
  receives: 0,
  forwardTo: -1,
  ghost: { executed: 0, broke: '' },
} as const satisfies Partial<QpContext>;
