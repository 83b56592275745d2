// Owns a completion queue: its entries, overrun and arming. Chapter 40.
import type { WorkCompletion } from './work-completion.ts';

/** What a CQ is armed for. */
export type Arming = 'NONE' | 'SOLICITED' | 'NEXT';

/** Told by a CQ what the consumer has to learn. */
export type CqListener = {
  /** An armed CQ has got what it was armed for. */
  cqEvent(cq: CompletionQueue): void;
  /** A completion found no room; `first`: the first one. */
  cqOverrun(cq: CompletionQueue, first: boolean): void;
};

/** A ring of work completions. A CQ that has overrun takes nothing more. */
export class CompletionQueue {
  readonly handle: number;
  readonly #listener: CqListener;
  #entries: (WorkCompletion | undefined)[];
  #head = 0;
  #count = 0;
  #arming: Arming = 'NONE';
  #overrun = false;

  constructor(handle: number, capacity: number, listener: CqListener) {
    this.handle = handle;
    this.#listener = listener;
    this.#entries = new Array<WorkCompletion | undefined>(capacity).fill(undefined);
  }

  get capacity(): number {
    return this.#entries.length;
  }

  get count(): number {
    return this.#count;
  }

  get arming(): Arming {
    return this.#arming;
  }

  get overrun(): boolean {
    return this.#overrun;
  }

  //= VRB-21
  /** Writes a completion. `solicited`: the peer asked for an event, or the status is an error. */
  push(wc: WorkCompletion, solicited: boolean): void {
    const capacity = this.#entries.length;
    if (this.#overrun || this.#count === capacity) {
      const first = !this.#overrun;
      this.#overrun = true; //= VRB-24, VRB-28
      this.#listener.cqOverrun(this, first);
      return;
    }
    const tail = this.#head + this.#count;
    this.#entries[tail < capacity ? tail : tail - capacity] = wc;
    this.#count++;
    if (this.#arming === 'NONE' || (this.#arming === 'SOLICITED' && !solicited)) return;
    this.#arming = 'NONE'; //= VRB-26
    this.#listener.cqEvent(this);
  }

  /** Takes up to `max` completions, oldest first. */
  poll(max: number): WorkCompletion[] {
    const taken: WorkCompletion[] = [];
    while (taken.length < max && this.#count > 0) {
      const wc = this.#entries[this.#head];
      this.#entries[this.#head] = undefined;
      this.#head = this.#head + 1 === this.#entries.length ? 0 : this.#head + 1;
      this.#count--;
      if (wc !== undefined) taken.push(wc);
    }
    return taken;
  }

  //= VRB-27
  /** Asks for one event: for the next completion, or the next solicited one. NEXT is not weakened by SOLICITED. */
  arm(solicitedOnly: boolean): void {
    if (!solicitedOnly) this.#arming = 'NEXT';
    else if (this.#arming === 'NONE') this.#arming = 'SOLICITED';
  }

  /** Takes back what it was armed for. */
  disarm(): void {
    this.#arming = 'NONE';
  }

  /** Changes the capacity; false, and nothing changes, if the completions present would not fit. */
  resize(capacity: number): boolean {
    if (capacity < this.#count) return false;
    const kept = this.list();
    this.#entries = Array.from({ length: capacity }, (_, i) => kept[i]);
    this.#head = 0;
    return true;
  }

  /** The completions present, oldest first. */
  list(): readonly WorkCompletion[] {
    const list: WorkCompletion[] = [];
    for (let i = 0; i < this.#count; i++) {
      const wc = this.#entries[(this.#head + i) % this.#entries.length];
      if (wc !== undefined) list.push(wc);
    }
    return list;
  }

  /** Puts a restored CQ into the state that `list`, `arming` and `overrun` gave. */
  restore(entries: readonly WorkCompletion[], arming: Arming, overrun: boolean): void {
    this.#refill(entries);
    this.#arming = arming;
    this.#overrun = overrun;
  }

  #refill(entries: readonly WorkCompletion[]): void {
    this.#entries.fill(undefined);
    for (const [i, wc] of entries.entries()) this.#entries[i] = wc;
    this.#head = 0;
    this.#count = entries.length;
  }
}
