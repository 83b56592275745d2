// Owns the writing of completions, and flushing. Chapters 20, 40.
import type { QpCore } from './qp-core.ts';
import type { RecvWqe } from './receive-queue.ts';
import type { SendWqe } from './send-queue.ts';
import { COMPLETION_OF, type WcOpcode, type WcStatus } from './work-completion.ts';

/** Completes a send WQE; success is silent unless a completion was asked for. */
export const completeSend = (qp: QpCore, wqe: SendWqe, status: WcStatus): void => {
  if (status === 'SUCCESS' && !wqe.signaled) return; //= RC-24, RC-25
  qp.sendCq.push(
    {
      wrId: wqe.wrId,
      status,
      opcode: COMPLETION_OF[wqe.opcode],
      byteLen: wqe.length,
      qpNum: qp.qpn,
      imm: undefined,
      invalidatedRkey: undefined,
      srcQp: 0,
      grh: false,
    },
    status !== 'SUCCESS',
  );
};

/** What a received message brought beside its bytes. */
export type Received = {
  readonly opcode: WcOpcode;
  readonly byteLen: number;
  readonly imm: number | undefined;
  readonly invalidatedRkey: number | undefined;
  readonly srcQp: number;
  readonly grh: boolean;
  readonly solicited: boolean;
};

/** Completes a receive with SUCCESS. */
export const completeRecv = (qp: QpCore, wqe: RecvWqe, received: Received): void => {
  qp.recvCq.push(
    {
      wrId: wqe.wrId,
      status: 'SUCCESS',
      opcode: received.opcode,
      byteLen: received.byteLen,
      qpNum: qp.qpn,
      imm: received.imm,
      invalidatedRkey: received.invalidatedRkey,
      srcQp: received.srcQp,
      grh: received.grh,
    },
    received.solicited,
  );
};

/** Completes a receive with a status that is not SUCCESS. */
export const failRecv = (qp: QpCore, wrId: number, status: WcStatus): void => {
  qp.recvCq.push(
    {
      wrId,
      status,
      opcode: 'RECV',
      byteLen: 0,
      qpNum: qp.qpn,
      imm: undefined,
      invalidatedRkey: undefined,
      srcQp: 0,
      grh: false,
    },
    true,
  );
};

/** The receive for the next message, left where it is: one held back from a message that failed, or the oldest queued. */
export const nextReceive = (qp: QpCore): RecvWqe | undefined => qp.held ?? (qp.srq?.queue ?? qp.rq).peek();

/** The receive for a message that begins: it becomes `held`. */
export const takeReceive = (qp: QpCore): void => {
  if (qp.held === undefined) qp.held = (qp.srq ?? qp.rq).take(qp.spare);
};

/** The held receive has completed: its entry becomes the spare. */
export const releaseReceive = (qp: QpCore): void => {
  if (qp.held === undefined) return;
  qp.spare = qp.held;
  qp.held = undefined;
};

//= QP-38, QP-43
/** Flushes what the send queue still holds, in post order. */
export const flushSend = (qp: QpCore): void => {
  const { sq } = qp;
  while (sq.tail < sq.head) {
    completeSend(qp, sq.at(sq.tail), 'WR_FLUSH_ERR');
    sq.tail++;
  }
  sq.begun = sq.head;
};

//= QP-38, QP-40
/** Flushes the held receive and the QP's own receive queue, in post order; an SRQ keeps what it holds. */
export const flushRecv = (qp: QpCore): void => {
  if (qp.held !== undefined) failRecv(qp, qp.held.wrId, 'WR_FLUSH_ERR');
  releaseReceive(qp);
  for (let wqe = qp.rq.take(qp.spare); wqe !== undefined; wqe = qp.rq.take(qp.spare)) {
    failRecv(qp, wqe.wrId, 'WR_FLUSH_ERR');
    qp.spare = wqe;
  }
};

//= QP-38, QP-41
/** Moves the QP to ERR and flushes both queues. What carries the cause has been completed before. */
export const flushIntoError = (qp: QpCore): void => {
  qp.state = 'ERR';
  qp.draining = 'NO';
  flushSend(qp);
  flushRecv(qp);
  if (qp.srq !== undefined) qp.device.raise({ type: 'LAST_WQE_REACHED', qpNum: qp.qpn });
};

//= QP-36
/** In SQD with nothing begun left: the send queue has drained. */
export const settleDraining = (qp: QpCore): void => {
  if (qp.draining !== 'DRAINING' || qp.sq.tail < qp.sq.begun) return;
  qp.draining = 'DRAINED';
  if (qp.attributes.enSqdAsyncNotify) qp.device.raise({ type: 'SQ_DRAINED', qpNum: qp.qpn });
};
