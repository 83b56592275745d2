// Owns the packet as the engines see it: one flat record for every opcode. Chapter 10.

import { DEFAULT_PKEY, type Msn, msn, type Pkey, type Qkey, type Qpn, qkey, qpn, type Rkey, rkey } from './numbers.ts';
import type { OpcodeName } from './opcode.ts';
import type { Psn } from './psn.ts';
import { ack, type Syndrome } from './syndrome.ts';
import { type Va, va } from './va.ts';

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
  readonly va: Va;
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

/** What a field holds whose header the opcode lacks. */
export const ABSENT = {
  solicitedEvent: false,
  migReq: false,
  pkey: DEFAULT_PKEY,
  fecn: false,
  becn: false,
  ackReq: false,
  va: 0,
  rkey: rkey(0),
  dmaLength: 0,
  syndrome: ack(),
  msn: msn(0),
  qkey: qkey(0),
  srcQp: qpn(0),
  swapAdd: 0n,
  compare: 0n,
  original: 0n,
  imm: 0,
  invalidateRkey: rkey(0),
  placementType: 0,
  selectivity: 0,
  payload: EMPTY,
} satisfies Omit<Packet, 'opcode' | 'destQp' | 'psn'>;

/** A packet from the fields that matter; the rest hold `ABSENT`, so the P_Key is the default partition's. */
export const makePacket = (
  opcode: OpcodeName,
  destQp: Qpn,
  psn: Psn,
  fields: Partial<Omit<Packet, 'opcode' | 'destQp' | 'psn'>> = {},
): Packet => ({
  opcode,
  solicitedEvent: fields.solicitedEvent ?? ABSENT.solicitedEvent,
  migReq: fields.migReq ?? ABSENT.migReq,
  pkey: fields.pkey ?? ABSENT.pkey,
  fecn: fields.fecn ?? ABSENT.fecn,
  becn: fields.becn ?? ABSENT.becn,
  destQp,
  ackReq: fields.ackReq ?? ABSENT.ackReq,
  psn,
  va: va(fields.va ?? ABSENT.va),
  rkey: fields.rkey ?? ABSENT.rkey,
  dmaLength: fields.dmaLength ?? ABSENT.dmaLength,
  syndrome: fields.syndrome ?? ABSENT.syndrome,
  msn: fields.msn ?? ABSENT.msn,
  qkey: fields.qkey ?? ABSENT.qkey,
  srcQp: fields.srcQp ?? ABSENT.srcQp,
  swapAdd: fields.swapAdd ?? ABSENT.swapAdd,
  compare: fields.compare ?? ABSENT.compare,
  original: fields.original ?? ABSENT.original,
  imm: fields.imm ?? ABSENT.imm,
  invalidateRkey: fields.invalidateRkey ?? ABSENT.invalidateRkey,
  placementType: fields.placementType ?? ABSENT.placementType,
  selectivity: fields.selectivity ?? ABSENT.selectivity,
  payload: fields.payload ?? ABSENT.payload,
});
