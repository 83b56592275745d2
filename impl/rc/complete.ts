// Owns the retirement of send WQEs: in post order, with success or the error that ends the queue. Chapter 30.
import { completeSend, settleDraining } from '../qp/completing.ts';
import { failOldest } from './error.ts';
import type { RcQp } from './rc-qp.ts';
import { isAnswered } from './request-packet.ts';

/** Completes the oldest WQE with success; the next one's local error may be due then. */
export const completeOldest = (qp: RcQp): void => {
  const { sq, requester } = qp;
  const wqe = sq.at(sq.tail);
  if (isAnswered(wqe.opcode)) requester.rdAtomic--;
  completeSend(qp, wqe, 'SUCCESS'); //= RC-22, RC-23
  sq.tail++;
  settle(qp);
};

/** What is due when the oldest WQE has changed: a local error that waited for its turn, or the end of draining. */
export const settle = (qp: RcQp): void => {
  const { sq } = qp;
  if (sq.tail < sq.begun) {
    const { failure } = sq.at(sq.tail);
    if (failure !== undefined) failOldest(qp, failure); //= RC-11
    return;
  }
  settleDraining(qp);
};

/** Executes and completes the oldest WQE, which is local: LOCAL_INV or BIND_MW. */
export const completeLocal = (qp: RcQp): void => {
  const { sq, requester } = qp;
  const wqe = sq.at(sq.tail);
  sq.begun++;
  requester.cursor = sq.begun;
  if (wqe.opcode === 'LOCAL_INV') {
    if (!qp.device.invalidate(qp, wqe.invalidateRkey)) failOldest(qp, 'LOC_QP_OP_ERR');
    else completeOldest(qp);
    return;
  }
  if (!qp.device.bindWindow(qp, wqe)) failOldest(qp, 'MW_BIND_ERR');
  else completeOldest(qp);
};
