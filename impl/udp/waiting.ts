// Owns waiting: completions and events as async iterations, for consumers that would rather not poll.
import type { AsyncEvent } from '../qp/async-event.ts';
import type { WorkCompletion } from '../qp/work-completion.ts';
import type { CompChannel } from '../verbs/comp-channel.ts';
import type { Context } from '../verbs/context.ts';
import { ackCqEvents, type Cq, pollCq, reqNotifyCq } from '../verbs/cq.ts';
import { unwrap } from '../verbs/result.ts';

/** Ends an iteration. */
export type WaitOptions = { readonly signal?: AbortSignal };

/** Who waits for which CQ of a channel. One iteration a CQ. */
const waiting = new WeakMap<CompChannel, Map<Cq, () => void>>();

/** From now on events of the channel wake those who wait for its CQs. */
const waitersOf = (channel: CompChannel): Map<Cq, () => void> => {
  const known = waiting.get(channel);
  if (known !== undefined) return known;
  const waiters = new Map<Cq, () => void>();
  waiting.set(channel, waiters);
  channel.onEvent = () => {
    for (let cq = channel.getCqEvent(); cq !== undefined; cq = channel.getCqEvent()) {
      ackCqEvents(cq, 1);
      const wake = waiters.get(cq);
      waiters.delete(cq);
      wake?.();
    }
  };
  return waiters;
};

/** Resolves when `arm` has had its callback called, or the signal is aborted. */
const wakened = (signal: AbortSignal | undefined, arm: (wake: () => void) => void): Promise<void> =>
  new Promise((resolve) => {
    const wake = (): void => {
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    signal?.addEventListener('abort', wake);
    arm(wake);
  });

/**
 * The completions of a CQ as they come, until the signal is aborted; may take turns with `pollCq`. The CQ must have a channel, and nobody else may take
 * that channel's events; throws VerbsError EINVAL without one.
 */
export async function* completions(cq: Cq, { signal }: WaitOptions = {}): AsyncGenerator<WorkCompletion, void, void> {
  const { channel } = cq;
  while (signal?.aborted !== true) {
    // One at a time: what a consumer who leaves has not seen stays in the CQ.
    const [next] = pollCq(cq, 1);
    if (next !== undefined) {
      yield next;
      continue;
    }
    unwrap(reqNotifyCq(cq));
    // What came between the last poll and the arming gives no event (VRB-27).
    const [late] = pollCq(cq, 1);
    if (late !== undefined) yield late;
    else if (channel !== undefined) await wakened(signal, (wake) => waitersOf(channel).set(cq, wake));
  }
}

/** The async events of a context as they come, until the signal is aborted. One iteration a context. */
export async function* asyncEvents(
  context: Context,
  { signal }: WaitOptions = {},
): AsyncGenerator<AsyncEvent, void, void> {
  while (signal?.aborted !== true) {
    const event = context.getAsyncEvent();
    if (event !== undefined) yield event;
    else {
      await wakened(signal, (wake) => {
        context.onAsyncEvent = wake;
      });
    }
  }
}
