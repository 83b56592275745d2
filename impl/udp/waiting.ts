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

  add(wake: Wake): void {
    this.#wakes.add(wake);
  }

  wakeAll(): void {
    const wakes = [...this.#wakes];
    this.#wakes.clear();
    for (const wake of wakes) wake();
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
  watches.delete(channel);
};

/** Resolves when one of those in `waiters` is woken, or the signal is aborted. */
const wakened = (signal: AbortSignal | undefined, waiters: Waiters): Promise<void> =>
  new Promise((resolve) => {
    const wake = (): void => {
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    signal?.addEventListener('abort', wake);
    waiters.add(wake);
  });

const waitersFor = ({ waiters }: Watch, cq: Cq): Waiters => {
  const known = waiters.get(cq) ?? new Waiters();
  waiters.set(cq, known);
  return known;
};

//= VRB-13, VRB-14
/**
 * The completions of a CQ as they come, until the signal is aborted or the CQ destroyed; may take turns with `pollCq` and
 * with other iterations. The CQ must have a channel, and nobody else may take that channel's events meanwhile; throws
 * VerbsError EINVAL without one.
 */
export async function* completions(cq: Cq, { signal }: WaitOptions = {}): AsyncGenerator<WorkCompletion, void, void> {
  const { channel } = cq;
  if (channel === undefined) unwrap(reqNotifyCq(cq));
  if (channel === undefined) return;
  const watched = watches.get(channel) ?? watch(channel);
  watched.iterations++;
  try {
    while (signal?.aborted !== true && !cq.gone) {
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
      else await wakened(signal, waitersFor(watched, cq));
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
  return waiters;
};

//= VRB-14
/** The async events of a context as they come, until the signal is aborted; of several iterations one has each event. */
export async function* asyncEvents(
  context: Context,
  { signal }: WaitOptions = {},
): AsyncGenerator<AsyncEvent, void, void> {
  while (signal?.aborted !== true) {
    const event = context.getAsyncEvent();
    if (event !== undefined) yield event;
    else await wakened(signal, waitersOf(context));
  }
}
