// Owns when two partition keys match. Chapter 10.
import type { Pkey } from './numbers.ts';

const PARTITION = 0x7fff;
const FULL_MEMBER = 0x8000;

//= WIRE-6
/** Whether holders of the two keys may talk: one partition, not the invalid one, at least one full member. */
export const pkeysMatch = (a: Pkey, b: Pkey): boolean =>
  (a & PARTITION) === (b & PARTITION) && (a & PARTITION) !== 0 && ((a | b) & FULL_MEMBER) !== 0;
