// Owns the way of bytes between scatter/gather lists in registered memory and packets. Chapter 40.
import type { KeyTable } from '../memory/key-table.ts';
import { copyBytes } from '../wire/bytes.ts';
import { MAX_PAYLOAD } from '../wire/mtu.ts';
import { EMPTY } from '../wire/packet.ts';
import { type SgeList, sgeAt } from './sge-list.ts';

const gathered = new Uint8Array(MAX_PAYLOAD);

/** Whether every element names memory of the domain with the permission; an element of length 0 names none. */
export const usable = (keys: KeyTable, pd: number, list: SgeList, needed: number): boolean => {
  for (let i = 0; i < list.count; i++) {
    const sge = sgeAt(list, i);
    if (sge === undefined || sge.length === 0) continue;
    if (keys.local(sge.lkey, pd, sge.addr, sge.length, needed) === undefined) return false;
  }
  return true;
};

/**
 * `length` bytes from `offset` of what the list names: a view of the memory if they lie in one element, else a view of
 * a buffer that the next call overwrites. Undefined if an element cannot be read.
 */
export const gather = (
  keys: KeyTable,
  pd: number,
  list: SgeList,
  offset: number,
  length: number,
): Uint8Array | undefined => {
  if (length === 0) return EMPTY;
  let skip = offset;
  let done = 0;
  for (let i = 0; i < list.count && done < length; i++) {
    const sge = sgeAt(list, i);
    if (sge === undefined || skip >= sge.length) {
      skip -= sge?.length ?? 0;
      continue;
    }
    const region = keys.local(sge.lkey, pd, sge.addr, sge.length, 0);
    if (region === undefined) return undefined;
    const start = sge.addr - region.addr + skip;
    const take = Math.min(length - done, sge.length - skip);
    const piece = region.views.at(start, take);
    if (take === length) return piece;
    gathered.set(piece, done);
    done += take;
    skip = 0;
  }
  return done === length ? gathered.subarray(0, length) : undefined;
};

/** Writes `bytes` at `offset` of what the list names; false, with nothing guaranteed, if an element cannot be written. */
export const scatter = (
  keys: KeyTable,
  pd: number,
  list: SgeList,
  offset: number,
  bytes: Uint8Array,
  needed: number,
): boolean => {
  let skip = offset;
  let done = 0;
  for (let i = 0; i < list.count && done < bytes.length; i++) {
    const sge = sgeAt(list, i);
    if (sge === undefined || skip >= sge.length) {
      skip -= sge?.length ?? 0;
      continue;
    }
    const region = keys.local(sge.lkey, pd, sge.addr, sge.length, needed);
    if (region === undefined) return false;
    const start = sge.addr - region.addr + skip;
    const take = Math.min(bytes.length - done, sge.length - skip);
    copyBytes(take === bytes.length ? bytes : bytes.subarray(done, done + take), region.bytes, start);
    done += take;
    skip = 0;
  }
  return done === bytes.length;
};
