// Owns virtual addresses: 64 bits that fit a number, but for the few from 2^53 on. Chapter 10.
import { numberOf, putU32, putU64, u32, u64 } from './bytes.ts';

/** A virtual address, 0 to 2^64 - 1: a number below 2^53, a bigint from there on. `va` gives this form. */
export type Va = number | bigint;

const WORD = 2 ** 32;

/** Upper half from which on a number would not be exact. */
const BIG = 2 ** 21;

/** The form of an address that is equal where the address is. */
export const va = (address: number | bigint): Va =>
  typeof address === 'bigint' && address <= Number.MAX_SAFE_INTEGER ? Number(address) : address;

/** The eight bytes at `at`, big-endian. */
export const vaAt = (bytes: Uint8Array, at: number): Va => {
  const high = u32(bytes, at);
  return high < BIG ? high * WORD + u32(bytes, at + 4) : u64(bytes, at);
};

/** Writes eight bytes, big-endian. Throws RangeError unless it is an unsigned integer of 64 bits. */
export const putVa = (bytes: Uint8Array, at: number, address: Va): void => {
  if (typeof address === 'bigint' || !Number.isSafeInteger(address) || address < 0) {
    putU64(bytes, at, BigInt(address));
    return;
  }
  const high = Math.floor(address / WORD);
  putU32(bytes, at, high);
  putU32(bytes, at + 4, address - high * WORD);
};

/** `bytes` further on; behind the last address comes 0. */
export const vaAdd = (address: Va, bytes: number): Va =>
  typeof address === 'number' && address + bytes <= Number.MAX_SAFE_INTEGER
    ? address + bytes
    : va(BigInt.asUintN(64, BigInt(address) + BigInt(bytes)));

/** A number, rounded from 2^53 on: it still lies behind every region (decision 0011). */
export const vaNumber = (address: Va): number => (typeof address === 'number' ? address : numberOf(address));
