/** α: what the model sees of a QP of the implementation. */
import { NEVER } from '../../impl/qp/instant.ts';
import type { RcQp } from '../../impl/rc/rc-qp.ts';
import { distanceTo } from '../../model/bounds.ts';
import type { QpContext } from '../../model/context.ts';
import type { Host } from '../../model/packet.ts';
import type { Copy } from '../../model/protocol.ts';
import type { QpValue } from '../../model/qp.ts';
import { ENDLESS, type Frame, psnsOf } from './frame.ts';

/** A QP as the model has it, with what the model leaves to its guards: whether the ACK timer runs, what has completed. */
export type Seen = Copy & {
  readonly ackTimer: boolean;
  readonly completed: number;
  readonly nakHandled: boolean;
  /** Work requests posted and not completed, of both kinds. */
  readonly queued: number;
};

const selfOf = ({ migration, resuming }: RcQp): QpValue['self'] =>
  migration.phase === 'STOPPED' ? 'STOPPED' : resuming === undefined ? 'RUNNING' : 'RESUMING';

const knowsPaused = ({ migration }: RcQp): boolean =>
  migration.phase === 'PAUSED' || (migration.phase === 'STOPPED' && migration.peerPaused);

const NO_RESOURCES: QpContext['resources'] = [];
const NOT_ASKED: QpContext['asked'] = [];

/** @param host where this copy runs. */
export const alpha = (frame: Frame, qp: RcQp, host: Host): Seen => {
  const { requester, completer, responder, attributes, sq } = qp;
  // Streams here are shorter than half the PSN space: a PSN is the index of a packet.
  const [own, theirs] = [psnsOf(frame.sends), psnsOf(frame.gets)];
  const { kept, arriving } = responder;
  const receives = qp.rq.count;
  return {
    value: {
      verbs: qp.state,
      self: selfOf(qp),
      peer: knowsPaused(qp) ? 'PAUSED' : 'REACHABLE',
      requester: 'ENGINE',
      responder: 'ENGINE',
    },
    context: {
      qpType: qp.type,
      una: distanceTo(own, completer.una, 0),
      nxt: distanceTo(own, requester.psn, 0),
      sent: distanceTo(own, requester.nextPsn, 0),
      retries: attributes.retryCnt - completer.retryCnt,
      spared: 0,
      rnrRetries: frame.rnrRetry === ENDLESS ? 0 : attributes.rnrRetry - completer.rnrRetry,
      rnrWait: completer.rnrDeadline === NEVER ? 0 : 1,
      expected: distanceTo(theirs, responder.expectedPsn, 0),
      nakSent: responder.nakSent ? 1 : 0,
      inProgress: arriving.kind === 'NONE' ? '' : arriving.kind,
      resources:
        kept.count === 0
          ? NO_RESOURCES
          : kept.list().map(({ firstPsn, psnCount }) => ({ first: distanceTo(theirs, firstPsn, 0), psns: psnCount })),
      ackLost: 0,
      receives,
      host,
      peerHost: attributes.ahAttr === undefined ? -1 : frame.hostOf(attributes.ahAttr.dgid),
      epoch: 0,
      peerEpoch: 0,
      peerCapable: 1,
      forwardTo: -1,
      asked: NOT_ASKED,
      ghost: { executed: responder.msn, broke: '' },
    },
    ackTimer: completer.ackDeadline !== NEVER,
    completed: sq.tail,
    nakHandled: completer.nakHandled,
    queued: sq.head - sq.tail + receives,
  };
};

/** A cursor that is set anew before it is read again is not part of what is compared. */
export const isSilent = ({ self, peer }: QpValue): boolean => self !== 'RUNNING' || peer === 'PAUSED';

/** What must be equal in the model and in α of the implementation. Incarnations do not travel in the published protocol. */
export const comparable = ({ value, context }: Copy): Readonly<Record<string, unknown>> => {
  const { verbs, self, peer } = value;
  const { epoch, peerEpoch, peerCapable, forwardTo, nxt, ...rest } = context;
  switch (verbs) {
    // Nothing is left of a QP in ERR or RESET but that it is.
    case 'ERR':
    case 'RESET':
      return { verbs, self, peer };
    // Nothing has been sent or received yet, and nobody knows by whom.
    case 'INIT':
      return { verbs, self, receives: rest.receives };
    case 'RTR': {
      const { una, sent, retries, rnrRetries, rnrWait, ...received } = rest;
      return { verbs, self, peer, ...received };
    }
    default:
      return { verbs, self, peer, nxt: isSilent(value) ? 'una' : nxt, ...rest };
  }
};
