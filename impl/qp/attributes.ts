// Owns the attributes of a QP: names, mask bits, ranges, and what a query returns. Chapter 20.
import type { IpAddress } from '../wire/address.ts';
import type { Mtu } from '../wire/mtu.ts';
import { psn } from '../wire/psn.ts';
import type { QpState } from './state.ts';

/** Where the peer of a connected QP is (`ibv_ah_attr`). */
export type AhAttr = {
  /** The peer's address; of the same family as the device's. */
  readonly dgid: IpAddress;
  /** IPv6 flow label from which the UDP source port is derived, 20 bits; 0 derives it from the two QPNs. */
  readonly flowLabel: number;
};

/** Capacities of a QP (`ibv_qp_cap`), fixed when it is created; each from 0 to the device's limit. */
export type QpCap = {
  /** Sends posted and not completed. */
  readonly maxSendWr: number;
  /** Receives posted and not taken; means nothing where there is an SRQ. */
  readonly maxRecvWr: number;
  /** Pieces of the list of one send. */
  readonly maxSendSge: number;
  /** Pieces of the list of one receive. */
  readonly maxRecvSge: number;
  /** Bytes that a send WR may carry inline. */
  readonly maxInlineData: number;
};

/**
 * What `modifyQp` may be given; a key that is present is a bit of the attribute mask. Names as in `ibv_qp_attr`; which a
 * transition needs and takes: table qp-transitions; ranges: table qp-attributes.
 */
export type QpAttr = {
  /** The state to go to; left out: the present one. */
  readonly qpState?: QpState;
  /** The state the QP is believed to be in; the call is refused if it is another. */
  readonly curQpState?: QpState;
  /** To SQD: raise SQ_DRAINED when the send queue has drained. */
  readonly enSqdAsyncNotify?: boolean;
  /** RC, UC: what the peer may do here, REMOTE_ and FLUSH_ bits of `ACCESS`. */
  readonly qpAccessFlags?: number;
  /** Index in the port's P_Key table, 0..127. */
  readonly pkeyIndex?: number;
  /** 1: there is no other port. */
  readonly portNum?: number;
  /** UD: the Q_Key that a datagram has to carry, 32 bits. */
  readonly qkey?: number;
  /** RC, UC: where the peer is. */
  readonly ahAttr?: { readonly dgid: IpAddress; readonly flowLabel?: number };
  /** Bytes. */
  readonly pathMtu?: Mtu;
  /** ACK timeout code, 4096 ns times 2^timeout, 1..31; 0 never fires. */
  readonly timeout?: number;
  /** Retries after timeouts and sequence NAKs before RETRY_EXC_ERR, 0..7. */
  readonly retryCnt?: number;
  /** Retries after RNR NAKs before RNR_RETRY_EXC_ERR, 0..6; 7: without end. */
  readonly rnrRetry?: number;
  /** PSN of the first packet expected, 24 bits: the peer's `sqPsn`. */
  readonly rqPsn?: number;
  /** READs, atomics, FLUSHes and ATOMIC WRITEs under way at once as requester, 0..128. */
  readonly maxRdAtomic?: number;
  /** Always refused: RoCE has no automatic path migration. */
  readonly altAhAttr?: unknown;
  /** Code of the time that a peer waits when there is no receive here, 0..31: table rnr-timers. */
  readonly minRnrTimer?: number;
  /** PSN of the first packet sent, 24 bits. */
  readonly sqPsn?: number;
  /** As `maxRdAtomic`, of the peer: what is kept here for its repeats. */
  readonly maxDestRdAtomic?: number;
  /** Always refused, as `altAhAttr`. */
  readonly pathMigState?: unknown;
  /** Always refused: a QP keeps its capacities. */
  readonly cap?: unknown;
  /** The peer's QPN, 24 bits. */
  readonly destQpNum?: number;
};

/** Names of the mask bits, as in the transition table. */
export type AttributeName =
  | 'STATE'
  | 'CUR_STATE'
  | 'EN_SQD_ASYNC_NOTIFY'
  | 'ACCESS_FLAGS'
  | 'PKEY_INDEX'
  | 'PORT'
  | 'QKEY'
  | 'AV'
  | 'PATH_MTU'
  | 'TIMEOUT'
  | 'RETRY_CNT'
  | 'RNR_RETRY'
  | 'RQ_PSN'
  | 'MAX_QP_RD_ATOMIC'
  | 'ALT_PATH'
  | 'MIN_RNR_TIMER'
  | 'SQ_PSN'
  | 'MAX_DEST_RD_ATOMIC'
  | 'PATH_MIG_STATE'
  | 'CAP'
  | 'DEST_QPN';

/** One attribute: its key in `QpAttr`, its bit in libibverbs' mask, its range if it is a number. */
export type AttributeInfo = {
  readonly key: keyof QpAttr;
  readonly bit: number;
  readonly min?: number;
  readonly max?: number;
};

const range = (key: keyof QpAttr, bit: number, min: number, max: number): AttributeInfo => ({ key, bit, min, max });
const opaque = (key: keyof QpAttr, bit: number): AttributeInfo => ({ key, bit });

//= QP-20, QP-21
export const ATTRIBUTES: Readonly<Record<AttributeName, AttributeInfo>> = {
  STATE: opaque('qpState', 0),
  CUR_STATE: opaque('curQpState', 1),
  EN_SQD_ASYNC_NOTIFY: opaque('enSqdAsyncNotify', 2),
  ACCESS_FLAGS: opaque('qpAccessFlags', 3),
  PKEY_INDEX: range('pkeyIndex', 4, 0, 127),
  PORT: range('portNum', 5, 1, 1),
  QKEY: range('qkey', 6, 0, 0xffffffff),
  AV: opaque('ahAttr', 7),
  PATH_MTU: opaque('pathMtu', 8),
  TIMEOUT: range('timeout', 9, 0, 31),
  RETRY_CNT: range('retryCnt', 10, 0, 7),
  RNR_RETRY: range('rnrRetry', 11, 0, 7),
  RQ_PSN: range('rqPsn', 12, 0, 0xffffff),
  MAX_QP_RD_ATOMIC: range('maxRdAtomic', 13, 0, 128),
  ALT_PATH: opaque('altAhAttr', 14),
  MIN_RNR_TIMER: range('minRnrTimer', 15, 0, 31),
  SQ_PSN: range('sqPsn', 16, 0, 0xffffff),
  MAX_DEST_RD_ATOMIC: range('maxDestRdAtomic', 17, 0, 128),
  PATH_MIG_STATE: opaque('pathMigState', 18),
  CAP: opaque('cap', 19),
  DEST_QPN: range('destQpNum', 20, 0, 0xffffff),
};

/** The attributes a QP holds, all present. PSN cursors are the engines'; these are the values last given. */
export type QpAttributes = {
  readonly enSqdAsyncNotify: boolean;
  readonly qpAccessFlags: number;
  readonly pkeyIndex: number;
  readonly portNum: number;
  readonly qkey: number;
  readonly ahAttr: AhAttr | undefined;
  readonly pathMtu: Mtu;
  readonly timeout: number;
  readonly retryCnt: number;
  readonly rnrRetry: number;
  readonly rqPsn: number;
  readonly maxRdAtomic: number;
  readonly minRnrTimer: number;
  readonly sqPsn: number;
  readonly maxDestRdAtomic: number;
  readonly destQpNum: number;
};

/** Attributes of a QP in RESET. */
export const RESET_ATTRIBUTES: QpAttributes = {
  enSqdAsyncNotify: false,
  qpAccessFlags: 0,
  pkeyIndex: 0,
  portNum: 1,
  qkey: 0,
  ahAttr: undefined,
  pathMtu: 1024,
  timeout: 0,
  retryCnt: 0,
  rnrRetry: 0,
  rqPsn: psn(0),
  maxRdAtomic: 0,
  minRnrTimer: 0,
  sqPsn: psn(0),
  maxDestRdAtomic: 0,
  destQpNum: 0,
};

/** The mask: names of the attributes present, in table order. */
export const maskOf = (attr: QpAttr): readonly AttributeName[] =>
  ATTRIBUTE_NAMES.filter((name) => attr[ATTRIBUTES[name].key] !== undefined);

const isAttributeName = (name: string): name is AttributeName => name in ATTRIBUTES;
export const ATTRIBUTE_NAMES: readonly AttributeName[] = Object.keys(ATTRIBUTES).filter(isAttributeName);
