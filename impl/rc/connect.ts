// Owns an RC QP's starting points: what a modify to RTR or RTS sets. Chapter 20.
import { psn } from '../wire/psn.ts';
import { settleDraining } from './complete.ts';
import type { RcQp } from './rc-qp.ts';

/** To RTR: the responder begins at RQ_PSN. */
export const startResponder = (qp: RcQp): void => {
  qp.responder.expectedPsn = psn(qp.attributes.rqPsn);
};

/** To RTS for the first time: the requester begins at SQ_PSN. */
export const startRequester = (qp: RcQp): void => {
  const first = psn(qp.attributes.sqPsn);
  qp.requester.psn = first;
  qp.requester.nextPsn = first;
  qp.completer.una = first;
  reloadRetries(qp);
};

/** RETRY_CNT or RNR_RETRY has been given. */
export const reloadRetries = (qp: RcQp): void => {
  qp.completer.retryCnt = qp.attributes.retryCnt;
  qp.completer.rnrRetry = qp.attributes.rnrRetry;
};

/** To SQD: what is begun goes on, nothing new is begun. */
export const startDraining = (qp: RcQp): void => {
  qp.draining = 'DRAINING';
  settleDraining(qp);
};
