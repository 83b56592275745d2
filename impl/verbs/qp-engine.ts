// Owns the union of QP types beneath the verbs: what modify asks of each. Chapter 20.

import type { QpCoreConfig } from '../qp/qp-core.ts';
import type { QpType } from '../qp/state.ts';
import { reloadRetries, startDraining, startRequester, startResponder } from '../rc/connect.ts';
import { clearRcQp, enterError as rcError } from '../rc/error.ts';
import { makeRcQp } from '../rc/rc-qp.ts';
import type { QpEngine, VerbsDevice } from './device.ts';

export const makeEngine = (_type: QpType, config: QpCoreConfig, device: VerbsDevice): QpEngine =>
  makeRcQp(config, device.protocol);

export const engineError = (engine: QpEngine): void => rcError(engine);
export const engineReset = (engine: QpEngine): void => clearRcQp(engine);
export const engineToRtr = (engine: QpEngine): void => startResponder(engine);
export const engineToRts = (engine: QpEngine): void => startRequester(engine);
export const engineDrain = (engine: QpEngine): void => startDraining(engine);
export const engineRetries = (engine: QpEngine): void => reloadRetries(engine);
/** PSN to be expected and PSN to be assigned next. */
export const enginePsns = (engine: QpEngine): { readonly rqPsn: number; readonly sqPsn: number } => ({
  rqPsn: engine.responder.expectedPsn,
  sqPsn: engine.requester.nextPsn,
});
