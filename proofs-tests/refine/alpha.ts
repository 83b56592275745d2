/** α: what the model sees of a QP of the implementation. */
import type { RcGlimpse } from '../../impl/sim/glimpse.ts';
import { distanceTo } from '../../model/bounds.ts';
import type { QpContext } from '../../model/context.ts';
import type { Host } from '../../model/packet.ts';
import type { Copy } from '../../model/protocol.ts';
import type { QpValue } from '../../model/qp.ts';
import { boundsOf, type Frame, type Stream } from './frame.ts';

/** A QP as the model has it, with what the model leaves to its guards: whether the ACK timer runs, what has completed. */
export type Seen = Copy & {
  readonly ackTimer: boolean;
  readonly completed: number;
  readonly nakHandled: boolean;
  /** Work requests posted and not completed, of both kinds. */
  readonly queued: number;
};

const selfOf = ({ phase, resuming }: RcGlimpse): QpValue['self'] =>
  phase === 'STOPPED' ? 'STOPPED' : resuming === null ? 'RUNNING' : 'RESUMING';

const valuesOf = (data: RcGlimpse): QpValue => ({
  verbs: data.state,
  self: selfOf(data),
  peer: data.peerPaused ? 'PAUSED' : 'REACHABLE',
  requester: 'ENGINE',
  responder: 'ENGINE',
});

/** Index of the packet with this PSN: streams here are shorter than half the PSN space. */
const indexIn =
  (frame: Frame, stream: Stream) =>
  (psn: number): number =>
    distanceTo(boundsOf(frame, stream), psn, 0);

/** @param host where this copy runs. */
export const alpha = (frame: Frame, data: RcGlimpse, host: Host): Seen => {
  const [own, theirs] = [indexIn(frame, frame.sends), indexIn(frame, frame.gets)];
  const { requester, completer, responder, attributes, receives } = data;
  const endless = boundsOf(frame, frame.sends).rnrRetry === null;
  const context: QpContext = {
    qpType: data.type,
    una: own(completer.una),
    nxt: own(requester.psn),
    sent: own(requester.nextPsn),
    retries: attributes.retryCnt - completer.retryCnt,
    rnrRetries: endless ? 0 : attributes.rnrRetry - completer.rnrRetry,
    rnrWait: completer.rnrTimer === null ? 0 : 1,
    expected: theirs(responder.expectedPsn),
    nakSent: responder.nakSent ? 1 : 0,
    inProgress: responder.arriving === 'NONE' ? '' : responder.arriving,
    resources: responder.resources.map(({ firstPsn, psnCount }) => ({ first: theirs(firstPsn), psns: psnCount })),
    ackLost: 0,
    receives,
    host,
    peerHost: attributes.ahAttr === undefined ? -1 : frame.hostOf(attributes.ahAttr.dgid),
    epoch: 0,
    peerEpoch: 0,
    peerCapable: 1,
    forwardTo: -1,
    asked: [],
    ghost: { executed: responder.msn, broke: '' },
  };
  return {
    value: valuesOf(data),
    context,
    ackTimer: completer.ackTimer !== null,
    completed: data.completed,
    nakHandled: completer.nakHandled,
    queued: data.posted - data.completed + receives,
  };
};

/** A cursor that is set anew before it is read again is not part of what is compared. */
const isSilent = ({ self, peer }: QpValue): boolean => self !== 'RUNNING' || peer === 'PAUSED';

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
