// Owns what the observer of a simulated world sees of a QP: its cursors and timers at an instant, not its queues' entries.
import type { QpAttributes } from '../qp/attributes.ts';
import { type Instant, NEVER, remaining } from '../qp/instant.ts';
import type { MigrationState } from '../qp/migration-state.ts';
import type { QpState } from '../qp/state.ts';
import type { Completer, RcQp, Requester, Resource, Responder } from '../rc/rc-qp.ts';
import type { QpEngine } from '../verbs/device.ts';

/** Nanoseconds that a timer has left; null: it does not run. */
type Left = number | null;

export type RcGlimpse = {
  readonly type: 'RC';
  readonly state: QpState;
  readonly phase: MigrationState['phase'];
  readonly peerPaused: boolean;
  readonly attributes: QpAttributes;
  /** Send WQEs posted, and completed. */
  readonly posted: number;
  readonly completed: number;
  readonly draining: RcQp['draining'];
  /** Receives posted and not taken. */
  readonly receives: number;
  readonly requester: Pick<Requester, 'psn' | 'nextPsn'>;
  readonly completer: Pick<Completer, 'una' | 'retryCnt' | 'rnrRetry' | 'nakHandled'> & {
    readonly ackTimer: Left;
    readonly rnrTimer: Left;
  };
  readonly responder: Pick<Responder, 'expectedPsn' | 'msn' | 'nakSent'> & {
    readonly arriving: Responder['arriving']['kind'];
    readonly resources: readonly Resource[];
  };
  /** A RESUME is unanswered; when it would be repeated. */
  readonly resuming: { readonly timer: Left } | null;
};

/** Of QPs without answers only the verbs state shows, and what their queues hold. */
export type PlainGlimpse = {
  readonly type: 'UC' | 'UD';
  readonly state: QpState;
  readonly phase: MigrationState['phase'];
  readonly draining: RcQp['draining'];
  /** Send WQEs posted and not completed; receives posted and not taken. */
  readonly sends: number;
  readonly receives: number;
};
export type Glimpse = RcGlimpse | PlainGlimpse;

const left = (deadline: Instant, now: Instant): Left => (deadline === NEVER ? null : remaining(deadline, now));

const rcGlimpse = (qp: RcQp, now: Instant): RcGlimpse => {
  const { migration, requester, completer, responder, resuming } = qp;
  const { una, retryCnt, rnrRetry, nakHandled, ackDeadline, rnrDeadline } = completer;
  const { expectedPsn, msn, nakSent, arriving, kept } = responder;
  const { phase } = migration;
  const at = phase === 'STOPPED' ? migration.since : now;
  return {
    type: 'RC',
    state: qp.state,
    phase,
    peerPaused: phase === 'PAUSED' || (phase === 'STOPPED' && migration.peerPaused),
    attributes: qp.attributes,
    posted: qp.sq.head,
    completed: qp.sq.tail,
    draining: qp.draining,
    receives: qp.rq.count,
    requester: { psn: requester.psn, nextPsn: requester.nextPsn },
    completer: {
      una,
      retryCnt,
      rnrRetry,
      nakHandled,
      ackTimer: left(ackDeadline, at),
      rnrTimer: left(rnrDeadline, at),
    },
    responder: { expectedPsn, msn, nakSent, arriving: arriving.kind, resources: kept.list() },
    resuming: resuming === undefined ? null : { timer: left(resuming.deadline, at) },
  };
};

export const glimpseOf = (engine: QpEngine, now: Instant): Glimpse => {
  if (engine.type === 'RC') return rcGlimpse(engine, now);
  const { type, state, migration, draining, sq, rq } = engine;
  return { type, state, phase: migration.phase, draining, sends: sq.head - sq.tail, receives: rq.count };
};
