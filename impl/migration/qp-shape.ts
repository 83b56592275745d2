// Owns the shape of a queue pair in an image: everything its engines know, nothing derived. Chapter 60.
import type { Arriving } from '../qp/message.ts';
import type { MigrationState } from '../qp/migration-state.ts';
import { QP_STATES } from '../qp/state.ts';
import type { RcData } from '../rc/capture.ts';
import type { Resource } from '../rc/rc-qp.ts';
import type { UcData } from '../uc/capture.ts';
import type { UdData } from '../ud/capture.ts';
import type { QpData } from '../verbs/migrate-qp.ts';
import { MTUS } from '../wire/mtu.ts';
import { handleShape } from './object-shapes.ts';
import { mapped, record, tagged } from './record-shape.ts';
import {
  boolean,
  integer,
  list,
  natural,
  nullable,
  oneOf,
  optional,
  type Shape,
  u8,
  u16,
  u24,
  u32,
  u64,
  type ValueOf,
} from './shape.ts';
import { ahAttrShape, psnShape, recvWqeShape, sendWqeShape } from './work-shapes.ts';

const capShape = record('cap', {
  maxSendWr: natural,
  maxRecvWr: natural,
  maxSendSge: natural,
  maxRecvSge: natural,
  maxInlineData: natural,
});

const attributesShape = record('attributes', {
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

const requesterShape = record('requester', {
  psn: psnShape,
  nextPsn: psnShape,
  cursor: natural,
  packet: natural,
  rdAtomic: natural,
  readSlack: natural,
  retransmitting: boolean,
});

/** Timers hold the nanoseconds left when the QP stopped, or null if they do not run. */
const completerShape = record('completer', {
  una: u24,
  retryCnt: integer(0, 7),
  rnrRetry: integer(0, 7),
  nakHandled: boolean,
  ackTimer: nullable(natural),
  rnrTimer: nullable(natural),
});

/** Fields that a kind does not have are zero: refuses others. */
const absent = (kind: string, fields: readonly (number | bigint)[], refuse: (message: string) => never): void => {
  for (const field of fields) if (field !== 0 && field !== 0n) refuse(`${kind} has no field that is ${field}`);
};

const arrivingShape: Shape<Arriving> = mapped(
  record('arriving', { kind: oneOf(['NONE', 'SEND', 'WRITE'] as const), va: natural, rkey: u32, length: u32 }),
  (arriving) => ({ va: 0, rkey: 0, length: 0, ...arriving }),
  ({ kind, va, rkey, length }, refuse) => {
    if (kind === 'WRITE') return { kind, va, rkey, length };
    absent(kind, [va, rkey, length], refuse);
    return { kind };
  },
);

/** As `arrivingShape`. */
const resourceShape: Shape<Resource> = mapped(
  record('resource', {
    kind: oneOf(['READ', 'ATOMIC', 'EMPTY'] as const),
    firstPsn: psnShape,
    psnCount: u24,
    va: natural,
    length: u32,
    rkey: u32,
    original: u64,
    msn: u24,
  }),
  (resource) => ({ va: 0, length: 0, rkey: 0, original: 0n, msn: 0, ...resource }),
  ({ kind, firstPsn, psnCount, va, length, rkey, original, msn }, refuse) => {
    if (kind === 'READ') {
      absent(kind, [original, msn], refuse);
      return { kind, firstPsn, psnCount, va, length, rkey };
    }
    absent(kind, [va, length, rkey], refuse);
    if (psnCount !== 1) refuse(`${kind} occupies one PSN, not ${psnCount}`);
    if (kind === 'ATOMIC') return { kind, firstPsn, psnCount: 1, original, msn };
    absent(kind, [original], refuse);
    return { kind, firstPsn, psnCount: 1, msn };
  },
);

const responderShape = record('responder', {
  expectedPsn: u24,
  msn: u24,
  arriving: arrivingShape,
  received: natural,
  nakSent: boolean,
  resources: list(resourceShape),
});

const coreFields = {
  state: oneOf(QP_STATES),
  migration: record('migration', { phase: oneOf<MigrationState['phase']>(['STOPPED']), peerPaused: boolean }),
  attributes: attributesShape,
  draining: oneOf(['NO', 'DRAINING', 'DRAINED'] as const),
  established: boolean,
  sq: record('sq', { head: natural, begun: natural, tail: natural, wqes: list(sendWqeShape) }),
  rq: list(recvWqeShape),
  held: nullable(recvWqeShape),
};

const rcShape: Shape<RcData> = mapped(
  record('RC', {
    ...coreFields,
    requester: requesterShape,
    completer: completerShape,
    responder: responderShape,
    resuming: nullable(record('resuming', { timer: nullable(natural) })),
  }),
  (data) => data,
  (fields) => ({ type: 'RC', ...fields }),
);

const senderShape = record('sender', { nextPsn: u24, packet: natural });

const ucShape: Shape<UcData> = mapped(
  record('UC', {
    ...coreFields,
    sender: senderShape,
    responder: record('UC responder', { expectedPsn: u24, arriving: arrivingShape, received: natural }),
  }),
  (data) => data,
  (fields) => ({ type: 'UC', ...fields }),
);

const udShape: Shape<UdData> = mapped(
  record('UD', { ...coreFields, sender: senderShape }),
  (data) => data,
  (fields) => ({ type: 'UD', ...fields }),
);

/** What the engines of a QP know; its type says which engines. */
const dataShape: Shape<QpData> = tagged<QpData>(({ type }) => type, { RC: rcShape, UC: ucShape, UD: udShape });

export const qpShape = record('qp', {
  handle: handleShape,
  qpn: u24,
  pd: handleShape,
  sendCq: handleShape,
  recvCq: handleShape,
  srq: optional(handleShape),
  cap: capShape,
  sqSigAll: boolean,
  pkey: u16,
  data: dataShape,
});

export type QpImage = ValueOf<typeof qpShape>;
