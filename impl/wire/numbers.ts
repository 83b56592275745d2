// Owns the branded numbers of the wire: queue pair numbers, keys and message sequence numbers. Chapter 10.

declare const brand: unique symbol;
type Branded<Name extends string> = number & { readonly [brand]: Name };

/** Queue pair number, 24 bits. 0 is the SMI, 1 the GSI, 0xffffff multicast. */
export type Qpn = Branded<'Qpn'>;
/** Remote key of a memory region or window, 32 bits. */
export type Rkey = Branded<'Rkey'>;
/** Local key of a memory region, 32 bits. */
export type Lkey = Branded<'Lkey'>;
/** Partition key, 16 bits: bit 15 is full membership, the low 15 bits name the partition. */
export type Pkey = Branded<'Pkey'>;
/** Queue key of a datagram QP, 32 bits. */
export type Qkey = Branded<'Qkey'>;
/** Message sequence number, 24 bits; counts request messages completed by a responder and wraps. */
export type Msn = Branded<'Msn'>;

const ranged = <T extends number>(name: string, bits: number) => {
  const end = 2 ** bits;
  /** Throws RangeError unless `n` is an integer that fits. */
  return (n: number): T => {
    if (!Number.isInteger(n) || n < 0 || n >= end) throw new RangeError(`${name} ${n} is not a ${bits}-bit integer`);
    return n as T;
  };
};

/** A QPN; throws RangeError unless an integer of 24 bits. */
export const qpn = ranged<Qpn>('QPN', 24);
/** An R_Key; throws RangeError unless an integer of 32 bits. */
export const rkey = ranged<Rkey>('R_Key', 32);
/** An L_Key; throws RangeError unless an integer of 32 bits. */
export const lkey = ranged<Lkey>('L_Key', 32);
/** A P_Key; throws RangeError unless an integer of 16 bits. */
export const pkey = ranged<Pkey>('P_Key', 16);
/** A Q_Key; throws RangeError unless an integer of 32 bits. */
export const qkey = ranged<Qkey>('Q_Key', 32);
/** The MSN congruent to `n` modulo 2^24: message sequence numbers wrap. */
export const msn = (n: number): Msn => (n & 0xffffff) as Msn;

/** The P_Key of the default partition, full member. */
export const DEFAULT_PKEY = pkey(0xffff);
/** The Q_Key of the general services interface, QP 1. */
export const GSI_QKEY = qkey(0x80010000);
