// Owns the packet as the engines see it: one flat record for every opcode. Chapter 10.
import { DEFAULT_PKEY, type Msn, msn, type Pkey, type Qkey, type Qpn, qkey, qpn, type Rkey, rkey } from './numbers.ts';
import type { OpcodeName } from './opcode.ts';
import type { Psn } from './psn.ts';
import { ack, type Syndrome } from './syndrome.ts';

/**
 * A RoCEv2 packet: BTH, every extension header's fields, payload. Which fields mean something is the opcode's to say
 * (`OPCODES[opcode].headers`); the others hold the zeros of `makePacket`, are not written and not read. Pad count, TVer,
 * reserved bits and ICRC are the codec's.
 */
export type Packet = {
  readonly opcode: OpcodeName;
  /** BTH SE: the requester asks for a solicited event. */
  readonly solicitedEvent: boolean;
  /** BTH M: automatic path migration state; not godwit's migration. */
  readonly migReq: boolean;
  readonly pkey: Pkey;
  readonly fecn: boolean;
  readonly becn: boolean;
  readonly destQp: Qpn;
  readonly ackReq: boolean;
  readonly psn: Psn;
  /** RETH, AtomicETH: remote virtual address, 64 bits. */
  readonly va: bigint;
  /** RETH, AtomicETH. */
  readonly rkey: Rkey;
  /** RETH: bytes of the whole message, 32 bits. */
  readonly dmaLength: number;
  /** AETH. */
  readonly syndrome: Syndrome;
  /** AETH. */
  readonly msn: Msn;
  /** DETH. */
  readonly qkey: Qkey;
  /** DETH. */
  readonly srcQp: Qpn;
  /** AtomicETH: swap value of COMPARE_SWAP, addend of FETCH_ADD; 64 bits. */
  readonly swapAdd: bigint;
  /** AtomicETH: value compared with; 64 bits. */
  readonly compare: bigint;
  /** AtomicAckETH: what stood in memory before the atomic; 64 bits. */
  readonly original: bigint;
  /** ImmDt: immediate data, the 32 bits read big-endian. */
  readonly imm: number;
  /** IETH: R_Key to invalidate. */
  readonly invalidateRkey: Rkey;
  /** FETH: placement type bits (1 global visibility, 2 persistence), 4 bits. */
  readonly placementType: number;
  /** FETH: selectivity level (0 memory range, 1 whole memory region), 2 bits. */
  readonly selectivity: number;
  /** Without pad. Of a decoded packet: a view into the datagram, not a copy. */
  readonly payload: Uint8Array;
};

/** No bytes. */
export const EMPTY = new Uint8Array(0);

const NO_QPN = qpn(0);
const NO_RKEY = rkey(0);
const NO_QKEY = qkey(0);
const NO_MSN = msn(0);
const NO_SYNDROME = ack();

/** A packet from the fields that matter; the rest are zero, P_Key is the default partition's. */
export const makePacket = (
  opcode: OpcodeName,
  destQp: Qpn,
  psn: Psn,
  fields: Partial<Omit<Packet, 'opcode' | 'destQp' | 'psn'>> = {},
): Packet => ({
  opcode,
  solicitedEvent: fields.solicitedEvent ?? false,
  migReq: fields.migReq ?? false,
  pkey: fields.pkey ?? DEFAULT_PKEY,
  fecn: fields.fecn ?? false,
  becn: fields.becn ?? false,
  destQp,
  ackReq: fields.ackReq ?? false,
  psn,
  va: fields.va ?? 0n,
  rkey: fields.rkey ?? NO_RKEY,
  dmaLength: fields.dmaLength ?? 0,
  syndrome: fields.syndrome ?? NO_SYNDROME,
  msn: fields.msn ?? NO_MSN,
  qkey: fields.qkey ?? NO_QKEY,
  srcQp: fields.srcQp ?? NO_QPN,
  swapAdd: fields.swapAdd ?? 0n,
  compare: fields.compare ?? 0n,
  original: fields.original ?? 0n,
  imm: fields.imm ?? 0,
  invalidateRkey: fields.invalidateRkey ?? NO_RKEY,
  placementType: fields.placementType ?? 0,
  selectivity: fields.selectivity ?? 0,
  payload: fields.payload ?? EMPTY,
});
