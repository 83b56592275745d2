// Owns receive work requests in their queue, a QP's own or shared. Chapter 40.
import { fillSgeList, makeSgeList, type SgeList, sgeListData } from './sge-list.ts';
import type { RecvWr, Sge } from './work-request.ts';

/** A posted receive. */
export type RecvWqe = { wrId: number; readonly sges: SgeList };

export const makeRecvWqe = (): RecvWqe => ({ wrId: 0, sges: makeSgeList() });

/** A receive as plain data. */
export type RecvWqeData = { readonly wrId: number; readonly sgList: readonly Sge[] };

export const recvWqeData = (wqe: RecvWqe): RecvWqeData => ({ wrId: wqe.wrId, sgList: sgeListData(wqe.sges) });

export const fillRecvWqe = (wqe: RecvWqe, { wrId, sgList = [] }: RecvWr): void => {
  wqe.wrId = wrId;
  fillSgeList(wqe.sges, sgList);
};

/** A ring of receives; entries move out by exchange, so that taking one allocates nothing. */
export class ReceiveQueue {
  readonly maxSge: number;
  /** An entry is made when it is first filled. */
  #ring: (RecvWqe | undefined)[];
  #head = 0;
  #count = 0;

  constructor(capacity: number, maxSge: number) {
    this.maxSge = maxSge;
    this.#ring = new Array<RecvWqe | undefined>(capacity).fill(undefined);
  }

  get capacity(): number {
    return this.#ring.length;
  }

  /** Receives posted and not taken. */
  get count(): number {
    return this.#count;
  }

  get full(): boolean {
    return this.#count === this.#ring.length;
  }

  /** Queues a receive. Precondition: not full. */
  post(wr: RecvWr): void {
    const place = (this.#head + this.#count) % this.#ring.length;
    let slot = this.#ring[place];
    if (slot === undefined) {
      slot = makeRecvWqe();
      this.#ring[place] = slot;
    }
    fillRecvWqe(slot, wr);
    this.#count++;
  }

  /** The oldest receive, still queued; undefined if there is none. */
  peek(): RecvWqe | undefined {
    return this.#count === 0 ? undefined : this.#ring[this.#head];
  }

  /** Takes the oldest receive and keeps `spare` in its place; undefined, and `spare` is not kept, if there is none. */
  take(spare: RecvWqe): RecvWqe | undefined {
    const taken = this.peek();
    if (taken === undefined) return undefined;
    this.#ring[this.#head] = spare;
    this.#head = this.#head + 1 === this.#ring.length ? 0 : this.#head + 1;
    this.#count--;
    return taken;
  }

  /** Changes the capacity. Precondition: what is queued fits. */
  resize(capacity: number): void {
    const { length } = this.#ring;
    const kept = Array.from({ length: this.#count }, (_, i) => this.#ring[(this.#head + i) % length]);
    this.#ring = Array.from({ length: capacity }, (_, i) => kept[i]);
    this.#head = 0;
  }

  clear(): void {
    this.#count = 0;
  }

  /** The receives queued, oldest first, as plain data. */
  list(): readonly RecvWqeData[] {
    const list: RecvWqeData[] = [];
    for (let i = 0; i < this.#count; i++) {
      const wqe = this.#ring[(this.#head + i) % this.#ring.length];
      if (wqe !== undefined) list.push(recvWqeData(wqe));
    }
    return list;
  }
}
