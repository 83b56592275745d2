// Owns an RC QP as plain data: all that it is, for an image, and the way back. Chapter 60.

import { type CoreData, captureCore, rebuildCore } from '../qp/capture-core.ts';
import { type Instant, NEVER, remaining } from '../qp/instant.ts';
import type { Arriving } from '../qp/message.ts';
import { psn } from '../wire/psn.ts';
import type { RcQp, Requester, Resource } from './rc-qp.ts';

/** Nanoseconds that a timer has left; null: it does not run. */
export type Left = number | null;

export type RcData = CoreData & {
  readonly type: 'RC';
  readonly requester: Readonly<Requester>;
  readonly completer: {
    readonly una: number;
    readonly retryCnt: number;
    readonly rnrRetry: number;
    readonly nakHandled: boolean;
    readonly ackTimer: Left;
    readonly rnrTimer: Left;
  };
  readonly responder: {
    readonly expectedPsn: number;
    readonly msn: number;
    readonly arriving: Arriving;
    readonly received: number;
    readonly nakSent: boolean;
    readonly resources: readonly Resource[];
  };
  /** A RESUME is unanswered; when it would be repeated. */
  readonly resuming: { readonly timer: Left } | null;
};

const left = (deadline: Instant, now: Instant): Left => (deadline === NEVER ? null : remaining(deadline, now));
const deadline = (timer: Left, now: Instant): Instant => (timer === null ? NEVER : now + timer);

//= IMG-18
/**
 * Everything the QP is, at `now`, or at the instant at which it stopped. Answers that wait to be sent are not part of
 * it: the peer asks for them again.
 */
export const captureRcQp = (qp: RcQp, now: Instant): RcData => {
  const at = qp.migration.phase === 'STOPPED' ? qp.migration.since : now;
  const { requester, completer, responder, resuming } = qp;
  return Object.assign(captureCore(qp), {
    type: 'RC' as const,
    requester: { ...requester },
    completer: {
      una: completer.una,
      retryCnt: completer.retryCnt,
      rnrRetry: completer.rnrRetry,
      nakHandled: completer.nakHandled,
      ackTimer: left(completer.ackDeadline, at),
      rnrTimer: left(completer.rnrDeadline, at),
    },
    responder: {
      expectedPsn: responder.expectedPsn,
      msn: responder.msn,
      arriving: responder.arriving,
      received: responder.received,
      nakSent: responder.nakSent,
      resources: responder.kept.list(),
    },
    resuming: resuming === undefined ? null : { timer: left(resuming.deadline, at) },
  });
};

//= MIG-11
/** Makes a QP fresh from `createQp` what `data` says, stopped at `now`. Its path is the caller's to set. */
export const rebuildRcQp = (qp: RcQp, data: RcData, now: Instant): void => {
  rebuildCore(qp, data, now);
  Object.assign(qp.requester, data.requester);
  const { una, retryCnt, rnrRetry, nakHandled, ackTimer, rnrTimer } = data.completer;
  qp.completer.una = psn(una);
  qp.completer.retryCnt = retryCnt;
  qp.completer.rnrRetry = rnrRetry;
  qp.completer.nakHandled = nakHandled;
  qp.completer.ackDeadline = deadline(ackTimer, now);
  qp.completer.rnrDeadline = deadline(rnrTimer, now);
  const { expectedPsn, msn, arriving, received, nakSent, resources } = data.responder;
  qp.responder.expectedPsn = psn(expectedPsn);
  qp.responder.msn = msn;
  qp.responder.arriving = { ...arriving };
  qp.responder.received = received;
  qp.responder.nakSent = nakSent;
  qp.responder.kept.replace(resources);
  qp.resuming = data.resuming === null ? undefined : { deadline: deadline(data.resuming.timer, now) };
};
