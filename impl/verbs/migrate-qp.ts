// Owns stopping, capturing, rebuilding and resuming of a context and its QPs. Chapters 50, 60.
import { invariant } from '../invariant.ts';
import type { Instant } from '../qp/instant.ts';
import { RUNNING } from '../qp/migration-state.ts';
import { captureRcQp, type RcData, rebuildRcQp } from '../rc/capture.ts';
import { resume, stop } from '../rc/migration.ts';
import { captureUcQp, rebuildUcQp, type UcData } from '../uc/capture.ts';
import { captureUdQp, rebuildUdQp, type UdData } from '../ud/capture.ts';
import { qpn } from '../wire/numbers.ts';
import type { Context } from './context.ts';
import type { QpEngine } from './device.ts';
import { setPath } from './modify-qp.ts';
import type { Qp } from './qp.ts';

/** A QP of any type as plain data. */
export type QpData = RcData | UcData | UdData;

/** Does something to every QP of a context, and has the device look at it. */
const eachQp = (context: Context, action: (engine: QpEngine) => void): void => {
  for (const { engine } of context.qps.list()) {
    action(engine);
    context.device.touch(engine);
  }
};

//= MIG-1
/** Stops the context: every QP of it, and its consumer. */
export const stopContext = (context: Context, now: Instant): void => {
  context.stopped = true;
  eachQp(context, (engine) => {
    if (engine.type === 'RC') stop(engine, now);
    else engine.migration = { phase: 'STOPPED', peerPaused: false, since: now };
  });
};

/** Lets a restored context run: every QP of it tells its peer. */
export const resumeContext = (context: Context, now: Instant): void => {
  context.stopped = false;
  eachQp(context, (engine) => {
    if (engine.type === 'RC') resume(engine, now);
    else engine.migration = RUNNING;
  });
};

/** Everything a QP is, at `now`; of a stopped QP, when it stopped. */
export const captureQp = ({ engine }: Qp, now: Instant): QpData => captureEngine(engine, now);

/** As `captureQp`, for those who have no verbs object at hand. */
export const captureEngine = (engine: QpEngine, now: Instant): QpData => {
  switch (engine.type) {
    case 'RC':
      return captureRcQp(engine, now);
    case 'UC':
      return captureUcQp(engine);
    case 'UD':
      return captureUdQp(engine);
  }
};

const rebuildEngine = (engine: QpEngine, data: QpData, now: Instant): void => {
  if (engine.type === 'RC' && data.type === 'RC') rebuildRcQp(engine, data, now);
  else if (engine.type === 'UC' && data.type === 'UC') rebuildUcQp(engine, data, now);
  else if (engine.type === 'UD' && data.type === 'UD') rebuildUdQp(engine, data, now);
  else invariant(false, 'MIG-11', `a ${engine.type} QP from the data of a ${data.type} QP`);
};

//= MIG-11
/** Makes a QP fresh from `createQp` what `data` says, stopped. */
export const rebuildQp = (qp: Qp, data: QpData, now: Instant): void => {
  const { engine } = qp;
  rebuildEngine(engine, data, now);
  engine.pkey = qp.context.device.pkeys[engine.attributes.pkeyIndex] ?? engine.pkey;
  engine.peerQpn = qpn(engine.attributes.destQpNum);
  setPath(qp);
};
