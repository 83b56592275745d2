// Owns the scatter/gather list of a queued work request: copied at posting, so that the consumer may reuse its own.
import type { Sge } from './work-request.ts';

/** A scatter/gather element in a queue entry. */
export type QueuedSge = { addr: number; length: number; lkey: number };

/**
 * A list whose elements are kept for the next use of the queue entry; only the first `count` mean something. Most lists
 * have one: it is made with the list, to lie beside it in memory.
 */
export type SgeList = {
  readonly first: QueuedSge;
  readonly others: QueuedSge[];
  count: number;
  /** Bytes in all. */
  length: number;
};

const makeSge = (): QueuedSge => ({ addr: 0, length: 0, lkey: 0 });

export const makeSgeList = (): SgeList => ({ first: makeSge(), others: [], count: 0, length: 0 });

/** Element `index`; undefined behind the last one ever used. */
export const sgeAt = (list: SgeList, index: number): QueuedSge | undefined =>
  index === 0 ? list.first : list.others[index - 1];

const entry = (list: SgeList, index: number): QueuedSge => {
  const known = sgeAt(list, index);
  if (known !== undefined) return known;
  const made = makeSge();
  list.others.push(made);
  return made;
};

/** Makes `list` a copy of `from`. */
export const fillSgeList = (list: SgeList, from: readonly Sge[]): void => {
  let length = 0;
  for (let i = 0; i < from.length; i++) {
    const sge = from[i];
    if (sge === undefined) continue;
    const item = entry(list, i);
    item.addr = sge.addr;
    item.length = sge.length;
    item.lkey = sge.lkey;
    length += sge.length;
  }
  list.count = from.length;
  list.length = length;
};

/** The list as plain data. */
export const sgeListData = (list: SgeList): readonly Sge[] =>
  [list.first, ...list.others].slice(0, list.count).map(({ addr, length, lkey }) => ({ addr, length, lkey }));
