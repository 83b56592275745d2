// Owns the path MTU: payload bytes per packet and the number that stands for it. Chapter 10.

//= WIRE-23
/** Path MTU in bytes of payload, by `ibv_mtu` number 1..5. */
export const MTUS = [256, 512, 1024, 2048, 4096] as const;

/** Path MTU in bytes of payload. */
export type Mtu = (typeof MTUS)[number];

/** Largest payload of any packet, bytes. */
export const MAX_PAYLOAD = 4096;

/** `ibv_mtu` number, 1..5. */
export const mtuToEnum = (mtu: Mtu): number => MTUS.indexOf(mtu) + 1;

/** The path MTU of an `ibv_mtu` number; undefined outside 1..5. */
export const mtuFromEnum = (n: number): Mtu | undefined => MTUS[n - 1];
