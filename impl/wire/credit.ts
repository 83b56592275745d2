// Owns the codes by which a responder says how many receive WQEs it has. Chapter 10.

//= WIRE-22
/** Receive WQEs by credit code 0..30. */
export const CREDITS = [
  0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 6144,
  8192, 12288, 16384, 24576, 32768,
] as const;

/** The credit code that says nothing: a QP with an SRQ, or one that does not count. */
export const NO_CREDIT = 31;

/** Receive WQEs of a credit code 0..31; undefined for 31. */
export const creditCount = (code: number): number | undefined => CREDITS[code & 0x1f];

/** The largest credit code that promises no more than `wqes` receive WQEs. */
export const creditCode = (wqes: number): number => CREDITS.findLastIndex((count) => count <= wqes);
