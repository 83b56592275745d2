// Owns work completions: their status, opcode and record. Numbers are libibverbs'. Chapter 40.
import type { WrOpcode } from './work-request.ts';

/** `ibv_wc_status`. */
export const WC_STATUS = {
  SUCCESS: 0,
  /** A message longer than its receive. */
  LOC_LEN_ERR: 1,
  /** A work request that this QP cannot do: no READ allowed, nothing to invalidate, no way to the destination. */
  LOC_QP_OP_ERR: 2,
  /** The list names memory that is not registered here, or not for this. */
  LOC_PROT_ERR: 4,
  /** The QP was in ERR, or went there, before its turn came. */
  WR_FLUSH_ERR: 5,
  MW_BIND_ERR: 6,
  /** The answer did not fit the request. */
  BAD_RESP_ERR: 7,
  LOC_ACCESS_ERR: 8,
  /** The peer refused the request: not allowed, of a wrong length, or out of order. */
  REM_INV_REQ_ERR: 9,
  /** The peer's R_Key does not open the range. */
  REM_ACCESS_ERR: 10,
  /** The peer could not execute the request. */
  REM_OP_ERR: 11,
  /** The peer did not answer in `retryCnt` retries. */
  RETRY_EXC_ERR: 12,
  /** The peer had no receive in `rnrRetry` retries. */
  RNR_RETRY_EXC_ERR: 13,
  FATAL_ERR: 19,
  GENERAL_ERR: 21,
} as const;
export type WcStatus = keyof typeof WC_STATUS;

/** `ibv_wc_opcode`. */
export const WC_OPCODE = {
  SEND: 0,
  RDMA_WRITE: 1,
  RDMA_READ: 2,
  COMP_SWAP: 3,
  FETCH_ADD: 4,
  BIND_MW: 5,
  LOCAL_INV: 6,
  FLUSH: 8,
  ATOMIC_WRITE: 9,
  RECV: 128,
  RECV_RDMA_WITH_IMM: 129,
} as const;
export type WcOpcode = keyof typeof WC_OPCODE;

/** One work completion. With a status other than SUCCESS only wrId, status and qpNum mean something. */
export type WorkCompletion = {
  readonly wrId: number;
  readonly status: WcStatus;
  readonly opcode: WcOpcode;
  /** Bytes received; for a READ or atomic, bytes read. */
  readonly byteLen: number;
  readonly qpNum: number;
  /** Immediate data, if there was any. */
  readonly imm: number | undefined;
  /** The R_Key that the peer invalidated, if it did. */
  readonly invalidatedRkey: number | undefined;
  /** Sender's QPN (UD), else 0. */
  readonly srcQp: number;
  /** Whether the first 40 bytes of the buffer are the network header (UD). */
  readonly grh: boolean;
};

/** How the completion of a send WR names its operation. */
export const COMPLETION_OF: Readonly<Record<WrOpcode, WcOpcode>> = {
  SEND: 'SEND',
  SEND_WITH_IMM: 'SEND',
  SEND_WITH_INV: 'SEND',
  RDMA_WRITE: 'RDMA_WRITE',
  RDMA_WRITE_WITH_IMM: 'RDMA_WRITE',
  RDMA_READ: 'RDMA_READ',
  ATOMIC_CMP_AND_SWP: 'COMP_SWAP',
  ATOMIC_FETCH_AND_ADD: 'FETCH_ADD',
  ATOMIC_WRITE: 'ATOMIC_WRITE',
  FLUSH: 'FLUSH',
  LOCAL_INV: 'LOCAL_INV',
  BIND_MW: 'BIND_MW',
};
