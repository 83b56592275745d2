// Owns the scatter/gather list of a queued work request: copied at posting, so that the consumer may reuse its own.
import type { Sge } from './work-request.ts';

/** A scatter/gather element in a queue entry. */
export type QueuedSge = { addr: number; length: number; lkey: number };

/**
 * A list that is its own first element: most have one, and what lies in one object is looked at with one glance. The others
 * are kept for the next use of the queue entry; only the first `count` elements mean something.
 */
export type SgeList = QueuedSge & {
  others: QueuedSge[];
  count: number;
  /** Bytes in all. */
  bytes: number;
};

/** The others of lists that never had any. */
const NO_OTHERS: QueuedSge[] = [];

export const makeSgeList = (): SgeList => ({ addr: 0, length: 0, lkey: 0, others: NO_OTHERS, count: 0, bytes: 0 });

/** Element `index`; undefined behind the last one ever used. */
export const sgeAt = (list: SgeList, index: number): QueuedSge | undefined =>
  index === 0 ? list : list.others[index - 1];

const entry = (list: SgeList, index: number): QueuedSge => {
  const known = sgeAt(list, index);
  if (known !== undefined) return known;
  const made: QueuedSge = { addr: 0, length: 0, lkey: 0 };
  if (list.others === NO_OTHERS) list.others = [];
  list.others.push(made);
  return made;
};

/** Makes `list` a copy of `from`. */
export const fillSgeList = (list: SgeList, from: readonly Sge[]): void => {
  let bytes = 0;
  for (let i = 0; i < from.length; i++) {
    const sge = from[i];
    if (sge === undefined) continue;
    const item = entry(list, i);
    item.addr = sge.addr;
    item.length = sge.length;
    item.lkey = sge.lkey;
    bytes += sge.length;
  }
  list.count = from.length;
  list.bytes = bytes;
};

/** The list as plain data. */
export const sgeListData = (list: SgeList): readonly Sge[] => {
  const data: Sge[] = [];
  for (let i = 0; i < list.count; i++) {
    const sge = sgeAt(list, i);
    if (sge !== undefined) data.push({ addr: sge.addr, length: sge.length, lkey: sge.lkey });
  }
  return data;
};
