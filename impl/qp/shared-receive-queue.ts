// Owns a shared receive queue: one ring of receives for several QPs, with a limit event. Chapter 40.
import type { ReceiveQueue, RecvWqe } from './receive-queue.ts';

/** A receive queue that several QPs take from. */
export class SharedReceiveQueue {
  readonly handle: number;
  readonly pd: number;
  readonly queue: ReceiveQueue;
  /** When fewer receives than this are left, the consumer is told once; 0: never. */
  limit = 0;
  readonly #onLimit: (srq: SharedReceiveQueue) => void;

  constructor(handle: number, pd: number, queue: ReceiveQueue, onLimit: (srq: SharedReceiveQueue) => void) {
    this.handle = handle;
    this.pd = pd;
    this.queue = queue;
    this.#onLimit = onLimit;
  }

  //= VRB-30
  /** As `ReceiveQueue.take`; raises the limit event. */
  take(spare: RecvWqe): RecvWqe | undefined {
    const taken = this.queue.take(spare);
    if (taken !== undefined) this.#watch();
    return taken;
  }

  /** Sets the limit; if fewer receives are left already, the consumer is told at once. */
  arm(limit: number): void {
    this.limit = limit;
    this.#watch();
  }

  //= VRB-32
  #watch(): void {
    if (this.queue.count >= this.limit) return;
    this.limit = 0;
    this.#onLimit(this);
  }
}
