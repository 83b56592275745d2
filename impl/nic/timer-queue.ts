// Owns the order in which QPs want to be looked at. Clock-free: instants are given.
import { type Instant, NEVER } from '../qp/instant.ts';

/** What can wait: `wakeAt` is the instant for which it stands in the queue, NEVER if it does not. */
export type Waiting = { wakeAt: Instant };

type Entry<T> = { readonly at: Instant; readonly item: T };

/**
 * A heap that tolerates stale entries: moving an item later costs nothing until its old instant comes, which is the
 * usual fate of an ACK timer.
 */
export class TimerQueue<T extends Waiting> {
  readonly #heap: Entry<T>[] = [];

  /** The earliest instant at which something may be due. */
  get next(): Instant {
    return this.#heap[0]?.at ?? NEVER;
  }

  /** Has the item looked at no later than `deadline`. */
  await(item: T, deadline: Instant): void {
    if (deadline >= item.wakeAt) return;
    item.wakeAt = deadline;
    this.#push({ at: deadline, item });
  }

  /** Takes an item whose instant has come; undefined if there is none. */
  due(now: Instant): T | undefined {
    for (let top = this.#heap[0]; top !== undefined && top.at <= now; top = this.#heap[0]) {
      this.#pop();
      if (top.at !== top.item.wakeAt) continue;
      top.item.wakeAt = NEVER;
      return top.item;
    }
    return undefined;
  }

  #push(entry: Entry<T>): void {
    const heap = this.#heap;
    let i = heap.length;
    heap.push(entry);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || above.at <= entry.at) break;
      heap[i] = above;
      i = parent;
    }
    heap[i] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let i = 0;
    for (;;) {
      const left = 2 * i + 1;
      const l = heap[left];
      if (l === undefined) break;
      const r = heap[left + 1];
      const [child, entry] = r !== undefined && r.at < l.at ? [left + 1, r] : [left, l];
      if (entry.at >= last.at) break;
      heap[i] = entry;
      i = child;
    }
    heap[i] = last;
  }
}
