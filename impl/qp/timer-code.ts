// Owns the codes of timers: what a number in an attribute or a syndrome means in nanoseconds. Chapter 30.
import { NEVER } from './instant.ts';

//= RC-43
/** RNR timer in microseconds, by code. Source: table rnr-timer. */
export const RNR_MICROSECONDS: readonly number[] = [
  655360, 10, 20, 30, 40, 60, 80, 120, 160, 240, 320, 480, 640, 960, 1280, 1920, 2560, 3840, 5120, 7680, 10240, 15360,
  20480, 30720, 40960, 61440, 81920, 122880, 163840, 245760, 327680, 491520,
];

/** Nanoseconds of an RNR timer code 0..31. */
export const rnrNanoseconds = (code: number): number => (RNR_MICROSECONDS[code & 31] ?? 0) * 1000;

//= RC-41
/** Nanoseconds of an ACK timeout code 0..31; NEVER for 0. */
export const ackTimeoutNanoseconds = (code: number): number => (code === 0 ? NEVER : 4096 * 2 ** code);
