// Owns an RC QP's way to ERR and to RESET. Chapter 20.
import { completeSend, failRecv, flushIntoError, releaseReceive } from '../qp/completing.ts';
import { NEVER } from '../qp/instant.ts';
import { endMessage } from '../qp/message.ts';
import { RUNNING } from '../qp/migration-state.ts';
import type { NakRefusal } from '../qp/refusal.ts';
import type { WcStatus } from '../qp/work-completion.ts';
import { psn } from '../wire/psn.ts';
import type { RcQp } from './rc-qp.ts';

const quiet = (qp: RcQp): void => {
  qp.completer.ackDeadline = NEVER;
  qp.completer.rnrDeadline = NEVER;
  qp.responder.outbox.answers = [];
  endMessage(qp);
  qp.resuming = undefined; //= MIG-23
  if (qp.migration.phase === 'PAUSED') qp.migration = RUNNING;
};

//= QP-9, QP-11
/** Moves the QP to ERR and flushes both queues. What carries the cause has been completed before. */
export const enterError = (qp: RcQp): void => {
  if (qp.state === 'ERR') return;
  quiet(qp);
  flushIntoError(qp);
  qp.requester.cursor = qp.sq.tail;
  qp.requester.packet = 0;
  qp.requester.rdAtomic = 0;
  qp.requester.readSlack = 0;
};

//= RC-69, RC-73
/** Ends the QP for a request that it has refused: the receive that the request has taken completes, or an event says why. */
export const dieOf = (qp: RcQp, { code, status }: NakRefusal): void => {
  if (qp.held !== undefined) failRecv(qp, qp.held.wrId, status);
  else {
    const type = code === 'REMOTE_ACCESS_ERROR' ? 'QP_ACCESS_ERR' : 'QP_REQ_ERR';
    qp.device.raise({ type, qpNum: qp.qpn });
  }
  releaseReceive(qp);
  enterError(qp);
};

/** Completes the oldest send WQE with an error: it carries the cause. */
export const failOldest = (qp: RcQp, status: WcStatus): void => {
  const { sq } = qp;
  completeSend(qp, sq.at(sq.tail), status);
  sq.tail++;
  enterError(qp);
};

//= QP-42
/** Empties everything, for RESET: no completions. */
export const clearRcQp = (qp: RcQp): void => {
  quiet(qp);
  const { requester, completer, responder } = qp;
  qp.sq.clear();
  qp.rq.clear();
  releaseReceive(qp);
  Object.assign(requester, { psn: psn(0), nextPsn: psn(0), cursor: 0, packet: 0, rdAtomic: 0, readSlack: 0 });
  requester.retransmitting = false;
  Object.assign(completer, { una: psn(0), retryCnt: 0, rnrRetry: 0, nakHandled: false });
  Object.assign(responder, { expectedPsn: psn(0), msn: 0, nakSent: false });
  responder.kept.replace([]);
};
