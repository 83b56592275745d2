// Owns an RC requester's starting point. Chapter 20.
import { psn } from '../wire/psn.ts';
import type { RcQp } from './rc-qp.ts';

/** To RTS for the first time: the requester begins at SQ_PSN. */
export const startRequester = (qp: RcQp): void => {
  const first = psn(qp.attributes.sqPsn);
  qp.requester.psn = first;
  qp.requester.nextPsn = first;
  qp.completer.una = first;
};

/** RETRY_CNT or RNR_RETRY has been given. */
export const reloadRetries = (qp: RcQp): void => {
  qp.completer.retryCnt = qp.attributes.retryCnt;
  qp.completer.rnrRetry = qp.attributes.rnrRetry;
};
