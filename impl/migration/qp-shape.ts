// Owns the shape of a queue pair in an image: everything its engines know, nothing derived. Chapter 60.

import { QP_STATES } from '../qp/state.ts';
import { MTUS } from '../wire/mtu.ts';
import { handleShape } from './object-shapes.ts';
import {
  boolean,
  integer,
  list,
  natural,
  oneOf,
  optional,
  record,
  u8,
  u16,
  u24,
  u32,
  u64,
  type ValueOf,
} from './shape.ts';
import { ahAttrShape, psnShape, recvWqeShape, sendWqeShape } from './work-shapes.ts';

export const capShape = record({
  maxSendWr: natural,
  maxRecvWr: natural,
  maxSendSge: natural,
  maxRecvSge: natural,
  maxInlineData: natural,
});

export const attributesShape = record({
  enSqdAsyncNotify: boolean,
  qpAccessFlags: u32,
  pkeyIndex: u16,
  portNum: u8,
  qkey: u32,
  ahAttr: optional(ahAttrShape),
  pathMtu: oneOf(MTUS),
  timeout: integer(0, 31),
  retryCnt: integer(0, 7),
  rnrRetry: integer(0, 7),
  rqPsn: u24,
  maxRdAtomic: u8,
  minRnrTimer: integer(0, 31),
  sqPsn: u24,
  maxDestRdAtomic: u8,
  destQpNum: u24,
});

/** Indexes count from the oldest WQE in the queue; timers hold the nanoseconds left, or nothing if they do not run. */
export const requesterShape = record({
  psn: psnShape,
  nextPsn: psnShape,
  cursor: natural,
  packet: natural,
  rdAtomic: natural,
  readSlack: natural,
  retransmitting: boolean,
});

export const completerShape = record({
  una: psnShape,
  retryCnt: integer(0, 7),
  rnrRetry: integer(0, 7),
  nakHandled: boolean,
  ackTimer: optional(natural),
  rnrTimer: optional(natural),
});

/** READ: range and key; ATOMIC: the saved result; EMPTY: neither. Fields of the other kinds are zero. */
const resource = record({
  kind: oneOf(['READ', 'ATOMIC', 'EMPTY'] as const),
  firstPsn: psnShape,
  psnCount: u24,
  va: natural,
  length: u32,
  rkey: u32,
  original: u64,
  msn: u24,
});

export const responderShape = record({
  expectedPsn: psnShape,
  msn: u24,
  arriving: oneOf(['NONE', 'SEND', 'WRITE'] as const),
  arrivingVa: natural,
  arrivingRkey: u32,
  arrivingLength: u32,
  received: natural,
  nakSent: boolean,
  resources: list(resource),
});

export const qpShape = record({
  handle: handleShape,
  qpn: u24,
  type: oneOf(['RC'] as const),
  pd: handleShape,
  sendCq: handleShape,
  recvCq: handleShape,
  srq: optional(handleShape),
  cap: capShape,
  sqSigAll: boolean,
  state: oneOf(QP_STATES),
  peerPaused: boolean,
  attributes: attributesShape,
  pkey: u16,
  draining: oneOf(['NO', 'DRAINING', 'DRAINED'] as const),
  established: boolean,
  held: optional(recvWqeShape),
  begun: natural,
  sends: list(sendWqeShape),
  receives: list(recvWqeShape),
  requester: requesterShape,
  completer: completerShape,
  responder: responderShape,
  resumeTimer: optional(natural),
});

export type QpImage = ValueOf<typeof qpShape>;
export type ResourceImage = ValueOf<typeof resource>;
