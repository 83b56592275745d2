// Owns stopping, capturing, rebuilding and resuming of a context and its QPs. Chapters 50, 60.
import type { Instant } from '../qp/instant.ts';
import { captureRcQp, type RcData, rebuildRcQp } from '../rc/capture.ts';
import { resume, stop, thaw } from '../rc/migration.ts';
import { qpn } from '../wire/numbers.ts';
import type { Context } from './context.ts';
import type { QpEngine } from './device.ts';
import { setPath } from './modify-qp.ts';
import type { Qp } from './qp.ts';

/** A QP of any type as plain data. */
export type QpData = RcData;

//= MIG-1
/** Stops the context: every QP of it, and its consumer. */
export const stopContext = (context: Context, now: Instant): void => {
  context.stopped = true;
  for (const { engine } of context.qps.list()) {
    stop(engine, now);
    context.device.touch(engine);
  }
};

/** Lets a restored context run: every QP of it tells its peer. */
export const resumeContext = (context: Context, now: Instant): void => {
  context.stopped = false;
  for (const { engine } of context.qps.list()) {
    resume(engine, now);
    context.device.touch(engine);
  }
};

/** Lets a stopped context that was not moved run on. */
export const thawContext = (context: Context, now: Instant): void => {
  context.stopped = false;
  for (const { engine } of context.qps.list()) {
    thaw(engine, now);
    context.device.touch(engine);
  }
};

/** Everything a QP is, at `now`; of a stopped QP, when it stopped. */
export const captureQp = ({ engine }: Qp, now: Instant): QpData => captureEngine(engine, now);

/** As `captureQp`, for those who have no verbs object at hand. */
export const captureEngine = (engine: QpEngine, now: Instant): QpData => captureRcQp(engine, now);

//= MIG-11
/** Makes a QP fresh from `createQp` what `data` says, stopped. */
export const rebuildQp = (qp: Qp, data: QpData, now: Instant): void => {
  const { engine } = qp;
  rebuildRcQp(engine, data, now);
  engine.pkey = qp.context.device.pkeys[engine.attributes.pkeyIndex] ?? engine.pkey;
  engine.peerQpn = qpn(engine.attributes.destQpNum);
  setPath(qp);
};
