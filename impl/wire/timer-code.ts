// Owns the codes for times: RNR NAK timer and local ACK timeout. Chapter 10.

//= WIRE-21
/** RNR NAK timer in microseconds by code 0..31. */
export const RNR_TIMERS_US = [
  655360, 10, 20, 30, 40, 60, 80, 120, 160, 240, 320, 480, 640, 960, 1280, 1920, 2560, 3840, 5120, 7680, 10240, 15360,
  20480, 30720, 40960, 61440, 81920, 122880, 163840, 245760, 327680, 491520,
] as const;

/** Nanoseconds of an RNR timer code; only the low five bits count. */
export const rnrTimerNs = (code: number): number => (RNR_TIMERS_US[code & 0x1f] ?? 0) * 1000;

/** Nanoseconds of a local ACK timeout code 0..31; undefined for 0, which means none. */
export const ackTimeoutNs = (code: number): number | undefined => {
  //= WIRE-24
  const n = code & 0x1f;
  return n === 0 ? undefined : 4096 * 2 ** n;
};
