// Owns sending without acknowledgement: a WQE is complete when its last packet has been sent. Chapters 32, 34.
import type { Psn } from '../wire/psn.ts';
import { psn, psnAdd } from '../wire/psn.ts';
import { completeSend, flushIntoError, flushSend, releaseReceive, settleDraining } from './completing.ts';
import type { QpCore } from './qp-core.ts';
import type { SendWqe } from './send-queue.ts';
import { ABILITIES } from './state.ts';
import type { WcStatus } from './work-completion.ts';

/** Owner: this file. */
export type Sender = {
  nextPsn: Psn;
  /** Number of the next packet within the oldest WQE. */
  packet: number;
};

export const makeSender = (): Sender => ({ nextPsn: psn(0), packet: 0 });

export type UnacknowledgedQp = QpCore & { readonly sender: Sender };

/** What a transport says of a WQE it was asked for. */
export type Outcome = 'SENT' | WcStatus;

/** How a transport sends. */
export type Emitter<Q extends UnacknowledgedQp> = {
  /** Packets of the WQE; 0: it is done without any. */
  readonly packets: (qp: Q, wqe: SendWqe) => number;
  /** Sends packet `index`, or says why the WQE fails. */
  readonly emit: (qp: Q, wqe: SendWqe, index: number) => Outcome;
  /** Does what a WQE without packets asks for. */
  readonly local: (qp: Q, wqe: SendWqe) => WcStatus;
};

/** Sends up to `budget` packets; returns how many. */
export const runUnacknowledged = <Q extends UnacknowledgedQp>(qp: Q, budget: number, emitter: Emitter<Q>): number => {
  const { sq } = qp;
  let sent = 0;
  while (sent < budget && sq.tail < sq.head && mayGoOn(qp)) {
    const wqe = sq.at(sq.tail);
    if (sq.begun === sq.tail) begin(qp, wqe, emitter.packets(qp, wqe));
    if (wqe.psnCount === 0) {
      finish(qp, wqe, emitter.local(qp, wqe));
      continue;
    }
    const outcome = emitter.emit(qp, wqe, qp.sender.packet);
    if (outcome === 'SENT') {
      sent++;
      afterPacket(qp, wqe);
    } else finish(qp, wqe, outcome);
  }
  settleDraining(qp);
  return sent;
};

//= QP-34, QP-35
const mayGoOn = (qp: QpCore): boolean => {
  const { beginWqes, continueWqes } = ABILITIES[qp.state];
  return qp.migration.phase === 'RUNNING' && (qp.sq.begun > qp.sq.tail ? continueWqes : beginWqes);
};

const begin = (qp: UnacknowledgedQp, wqe: SendWqe, packets: number): void => {
  wqe.firstPsn = qp.sender.nextPsn;
  wqe.psnCount = packets;
  qp.sender.packet = 0;
  qp.sq.begun++;
};

const afterPacket = (qp: UnacknowledgedQp, wqe: SendWqe): void => {
  qp.sender.nextPsn = psnAdd(qp.sender.nextPsn, 1);
  qp.sender.packet++;
  if (qp.sender.packet === wqe.psnCount) finish(qp, wqe, 'SUCCESS'); //= UC-3, UD-3
};

const finish = (qp: UnacknowledgedQp, wqe: SendWqe, status: WcStatus): void => {
  completeSend(qp, wqe, status);
  qp.sq.tail++;
  if (status !== 'SUCCESS') enterSqe(qp);
};

//= QP-10, QP-43
/** A send has failed: the queue stops, what is behind is flushed. */
const enterSqe = (qp: UnacknowledgedQp): void => {
  qp.state = 'SQE';
  qp.draining = 'NO';
  flushSend(qp);
};

/** Moves the QP to ERR and flushes both queues. */
export const enterUnacknowledgedError = (qp: UnacknowledgedQp): void => {
  if (qp.state !== 'ERR') flushIntoError(qp);
};

/** Empties the queues, for RESET. */
export const clearUnacknowledged = (qp: UnacknowledgedQp): void => {
  qp.sq.clear();
  qp.rq.clear();
  releaseReceive(qp);
  qp.sender.nextPsn = psn(0);
  qp.sender.packet = 0;
};
