// Owns the scatter/gather list of a queued work request: copied at posting, so that the consumer may reuse its own.
import type { Sge } from './work-request.ts';

/** A scatter/gather element in a queue entry. */
export type QueuedSge = { addr: number; length: number; lkey: number };

/** A list whose elements are kept for the next use of the queue entry; only the first `count` mean something. */
export type SgeList = { readonly items: QueuedSge[]; count: number /** Bytes in all. */; length: number };

export const makeSgeList = (): SgeList => ({ items: [], count: 0, length: 0 });

/** Makes `list` a copy of `from`. */
export const fillSgeList = (list: SgeList, from: readonly Sge[]): void => {
  let length = 0;
  for (let i = 0; i < from.length; i++) {
    const sge = from[i];
    if (sge === undefined) continue;
    const item = list.items[i];
    if (item === undefined) list.items[i] = { addr: sge.addr, length: sge.length, lkey: sge.lkey };
    else {
      item.addr = sge.addr;
      item.length = sge.length;
      item.lkey = sge.lkey;
    }
    length += sge.length;
  }
  list.count = from.length;
  list.length = length;
};

/** The list as plain data. */
export const sgeListData = (list: SgeList): readonly Sge[] =>
  list.items.slice(0, list.count).map(({ addr, length, lkey }) => ({ addr, length, lkey }));
