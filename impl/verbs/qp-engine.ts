// Owns what modify asks of each QP type. Chapter 20.
import { settleDraining } from '../qp/completing.ts';
import type { QpCoreConfig } from '../qp/qp-core.ts';
import type { QpType } from '../qp/state.ts';
import { clearUnacknowledged, enterUnacknowledgedError } from '../qp/unacknowledged.ts';
import { reloadRetries, startRequester } from '../rc/connect.ts';
import { clearRcQp, enterError } from '../rc/error.ts';
import { makeRoom } from '../rc/execute.ts';
import { makeRcQp } from '../rc/rc-qp.ts';
import { clearUcResponder } from '../uc/responder.ts';
import { makeUcQp } from '../uc/uc-qp.ts';
import { makeUdQp } from '../ud/ud-qp.ts';
import { psn } from '../wire/psn.ts';
import type { QpEngine, VerbsDevice } from './device.ts';

export const makeEngine = (type: QpType, config: QpCoreConfig, device: VerbsDevice): QpEngine => {
  switch (type) {
    case 'RC':
      return makeRcQp(config, device.protocol);
    case 'UC':
      return makeUcQp(config);
    case 'UD':
      return makeUdQp(config);
  }
};

/** Moves to ERR and flushes. */
export const engineError = (engine: QpEngine): void => {
  if (engine.type === 'RC') enterError(engine);
  else enterUnacknowledgedError(engine);
};

/** Empties everything. */
export const engineReset = (engine: QpEngine): void => {
  if (engine.type === 'RC') clearRcQp(engine);
  else clearUnacknowledged(engine);
  if (engine.type === 'UC') clearUcResponder(engine);
};

/** To RTR: the responder begins at RQ_PSN. UD has no PSN to expect. */
export const engineToRtr = (engine: QpEngine): void => {
  if (engine.type !== 'UD') engine.responder.expectedPsn = psn(engine.attributes.rqPsn);
};

/** To RTS for the first time: the requester begins at SQ_PSN. */
export const engineToRts = (engine: QpEngine): void => {
  if (engine.type === 'RC') startRequester(engine);
  else engine.sender.nextPsn = psn(engine.attributes.sqPsn);
};

/** To SQD: what is begun goes on, nothing new is begun. */
export const engineDrain = (engine: QpEngine): void => {
  engine.draining = 'DRAINING';
  settleDraining(engine);
};

/** RETRY_CNT or RNR_RETRY has been given. */
export const engineRetries = (engine: QpEngine): void => {
  if (engine.type === 'RC') reloadRetries(engine);
};

/** MAX_DEST_RD_ATOMIC has been given: no more requests are kept than that. */
export const engineResources = (engine: QpEngine): void => {
  if (engine.type === 'RC') makeRoom(engine, 0);
};

/** The PSN expected and the PSN assigned next. */
export const enginePsns = (engine: QpEngine): { readonly rqPsn: number; readonly sqPsn: number } => {
  switch (engine.type) {
    case 'RC':
      return { rqPsn: engine.responder.expectedPsn, sqPsn: engine.requester.nextPsn };
    case 'UC':
      return { rqPsn: engine.responder.expectedPsn, sqPsn: engine.sender.nextPsn };
    case 'UD':
      return { rqPsn: engine.attributes.rqPsn, sqPsn: engine.sender.nextPsn };
  }
};
