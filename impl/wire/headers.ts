// Owns the header layouts of RoCEv2. Chapter 10.
import { flag, header, reserved, uint, uint64, virtualAddress } from './header.ts';
import type { Msn, Pkey, Qkey, Qpn, Rkey } from './numbers.ts';
import type { Psn } from './psn.ts';

//= WIRE-2, WIRE-3
/** Base transport header: in every packet. */
export const bth = header('BTH', {
  opcode: uint(8),
  solicitedEvent: flag,
  migReq: flag,
  padCount: uint(2),
  tver: uint(4),
  pkey: uint<Pkey>(16),
  fecn: flag,
  becn: flag,
  resv6: reserved(6),
  destQp: uint<Qpn>(24),
  ackReq: flag,
  resv7: reserved(7),
  psn: uint<Psn>(24),
});

/** RDMA extended transport header. */
export const reth = header('RETH', { va: virtualAddress, rkey: uint<Rkey>(32), dmaLength: uint(32) });

/** ACK extended transport header. */
export const aeth = header('AETH', { syndrome: uint(8), msn: uint<Msn>(24) });

/** Datagram extended transport header. */
export const deth = header('DETH', { qkey: uint<Qkey>(32), resv8: reserved(8), srcQp: uint<Qpn>(24) });

/** Reliable datagram extended transport header. No opcode of godwit has it: RD is not a RoCEv2 service anyone sells. */
export const rdeth = header('RDETH', { resv8: reserved(8), eecn: uint(24) });

/** Atomic extended transport header. */
export const atomicEth = header('AtomicETH', {
  va: virtualAddress,
  rkey: uint<Rkey>(32),
  swapAdd: uint64,
  compare: uint64,
});

/** Atomic ACK extended transport header. */
export const atomicAckEth = header('AtomicAckETH', { original: uint64 });

/** Immediate data. */
export const immDt = header('ImmDt', { imm: uint(32) });

/** Invalidate extended transport header. */
export const ieth = header('IETH', { invalidateRkey: uint<Rkey>(32) });

/** FLUSH extended transport header. */
export const feth = header('FETH', { resv26: reserved(26), selectivity: uint(2), placementType: uint(4) });

/** Layouts of the extension headers, by name. */
export const EXTENSION_HEADERS = {
  RETH: reth,
  AETH: aeth,
  DETH: deth,
  AtomicETH: atomicEth,
  AtomicAckETH: atomicAckEth,
  ImmDt: immDt,
  IETH: ieth,
  FETH: feth,
} as const;

export type HeaderName = keyof typeof EXTENSION_HEADERS;
