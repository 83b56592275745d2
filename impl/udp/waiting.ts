// Owns waiting: completions and events as async iterations, for consumers that would rather not poll.
import type { AsyncEvent } from '../qp/async-event.ts';
import type { WorkCompletion } from '../qp/work-completion.ts';
import type { CompChannel } from '../verbs/comp-channel.ts';
import type { Context } from '../verbs/context.ts';
import { ackCqEvents, type Cq, pollCq, reqNotifyCq } from '../verbs/cq.ts';
import { unwrap } from '../verbs/result.ts';

/** Ends an iteration. */
export type WaitOptions = { readonly signal?: AbortSignal };

type Wake = () => void;

/** Those who wait; each is woken once and looks again for itself. */
class Waiters {
  readonly #wakes = new Set<Wake>();

  get empty(): boolean {
    return this.#wakes.size === 0;
  }

  wakeAll(): void {
    for (const wake of [...this.#wakes]) wake();
  }

  /** Resolves when all are woken, or the signal is aborted. */
  wait(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#wakes.delete(wake);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      signal?.addEventListener('abort', wake);
      this.#wakes.add(wake);
    });
  }
}

/** The iterations over the CQs of a channel. */
type Watch = { readonly waiters: Map<Cq, Waiters>; iterations: number };

const watches = new WeakMap<CompChannel, Watch>();

/** From now on events of the channel wake those who wait for its CQs. */
const watch = (channel: CompChannel): Watch => {
  const waiters = new Map<Cq, Waiters>();
  channel.onEvent = () => {
    for (let cq = channel.getCqEvent(); cq !== undefined; cq = channel.getCqEvent()) {
      ackCqEvents(cq, 1);
      waiters.get(cq)?.wakeAll();
    }
  };
  channel.onCqGone = (cq) => waiters.get(cq)?.wakeAll();
  channel.onClosed = () => {
    for (const each of waiters.values()) each.wakeAll();
  };
  const made = { waiters, iterations: 0 };
  watches.set(channel, made);
  return made;
};

//= VRB-13
/** One iteration less over a channel; after the last its events are anybody's again. */
const release = (channel: CompChannel, watched: Watch): void => {
  watched.iterations--;
  if (watched.iterations > 0) return;
  channel.onEvent = undefined;
  channel.onCqGone = undefined;
  channel.onClosed = undefined;
  watches.delete(channel);
};

const waitersFor = ({ waiters }: Watch, cq: Cq): Waiters => {
  const known = waiters.get(cq) ?? new Waiters();
  waiters.set(cq, known);
  return known;
};

//= VRB-13, VRB-14, VRB-15
/**
 * The completions of a CQ as they come, until the signal is aborted, the CQ destroyed, or the device closed and what had
 * come before taken; may take turns with `pollCq` and with other iterations. The CQ must have a channel, and nobody else may
 * take that channel's events meanwhile; throws VerbsError EINVAL without one.
 */
export async function* completions(cq: Cq, { signal }: WaitOptions = {}): AsyncGenerator<WorkCompletion, void, void> {
  const { channel } = cq;
  if (channel === undefined) unwrap(reqNotifyCq(cq));
  if (channel === undefined) return;
  const watched = watches.get(channel) ?? watch(channel);
  const waiters = waitersFor(watched, cq);
  watched.iterations++;
  try {
    while (signal?.aborted !== true && !cq.gone) {
      // One at a time: what a consumer who leaves has not seen stays in the CQ.
      const [next] = pollCq(cq, 1);
      if (next !== undefined) {
        yield next;
        continue;
      }
      if (cq.context.closed) return;
      // Nothing can come between the poll and the arming: the device works in turns of its own (VRB-27).
      unwrap(reqNotifyCq(cq));
      await waiters.wait(signal);
      if (waiters.empty) cq.queue.disarm(); //= VRB-17
    }
  } finally {
    release(channel, watched);
  }
}

const contexts = new WeakMap<Context, Waiters>();

const waitersOf = (context: Context): Waiters => {
  const known = contexts.get(context);
  if (known !== undefined) return known;
  const waiters = new Waiters();
  contexts.set(context, waiters);
  context.onAsyncEvent = () => waiters.wakeAll();
  context.onClosed = () => waiters.wakeAll();
  return waiters;
};

//= VRB-14, VRB-15
/**
 * The async events of a context as they come, until the signal is aborted, or the device closed and what had come before
 * taken; of several iterations one has each event.
 */
export async function* asyncEvents(
  context: Context,
  { signal }: WaitOptions = {},
): AsyncGenerator<AsyncEvent, void, void> {
  while (signal?.aborted !== true) {
    const event = context.getAsyncEvent();
    if (event !== undefined) yield event;
    else if (context.closed) return;
    else await waitersOf(context).wait(signal);
  }
}
