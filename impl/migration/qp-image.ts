// Owns the way of a queue pair into an image and back. Chapter 60.
import { type Instant, NEVER, remaining } from '../qp/instant.ts';
import { fillRecvWqe, makeRecvWqe, recvWqeData } from '../qp/receive-queue.ts';
import type { SendWqe } from '../qp/send-queue.ts';
import { fillSgeList, sgeListData } from '../qp/sge-list.ts';
import type { Arriving, Resource } from '../rc/rc-qp.ts';
import type { QpEngine } from '../verbs/device.ts';
import { setPath } from '../verbs/modify-qp.ts';
import type { Qp } from '../verbs/qp.ts';
import { pkey, qpn } from '../wire/numbers.ts';
import type { QpImage, ResourceImage } from './qp-shape.ts';
import type { SendWqeImage } from './work-shapes.ts';

/** Nanoseconds a timer had left when the QP stopped; undefined if it did not run. */
const timeLeft = (deadline: Instant, since: Instant): number | undefined =>
  deadline === NEVER ? undefined : remaining(deadline, since);

const deadlineOf = (left: number | undefined, since: Instant): Instant => (left === undefined ? NEVER : since + left);

const sendWqeImage = ({ sges, ...wqe }: SendWqe): SendWqeImage => ({ ...wqe, sgList: sgeListData(sges) });

const resourceImage = (resource: Resource): ResourceImage => ({
  va: 0,
  length: 0,
  rkey: 0,
  original: 0n,
  msn: 0,
  ...resource,
});

//= IMG-14
/** The image of a stopped QP. Undefined if it is not STOPPED. */
export const captureQp = ({ handle, pd, sendCq, recvCq, srq, engine }: Qp): QpImage | undefined => {
  const { sq, requester, completer, responder, resuming, migration, held } = engine;
  if (migration.phase !== 'STOPPED') return undefined;
  const { since } = migration;
  const { arriving } = responder;
  const writing = arriving.kind === 'WRITE' ? arriving : { va: 0, rkey: 0, length: 0 };
  return {
    handle,
    qpn: engine.qpn,
    type: engine.type,
    pd: pd.handle,
    sendCq: sendCq.handle,
    recvCq: recvCq.handle,
    srq: srq?.handle,
    cap: engine.cap,
    sqSigAll: engine.sqSigAll,
    state: engine.state,
    peerPaused: migration.peerPaused,
    attributes: engine.attributes,
    pkey: engine.pkey,
    draining: engine.draining,
    established: engine.established,
    held: held === undefined ? undefined : recvWqeData(held),
    begun: sq.begun - sq.tail,
    sends: Array.from({ length: sq.head - sq.tail }, (_, i) => sendWqeImage(sq.at(sq.tail + i))),
    receives: engine.rq.list(),
    requester: { ...requester, cursor: requester.cursor - sq.tail },
    completer: {
      ...completer,
      ackTimer: timeLeft(completer.ackDeadline, since),
      rnrTimer: timeLeft(completer.rnrDeadline, since),
    },
    responder: {
      ...responder,
      arriving: arriving.kind,
      arrivingVa: writing.va,
      arrivingRkey: writing.rkey,
      arrivingLength: writing.length,
      resources: responder.resources.map(resourceImage),
    },
    resumeTimer: resuming === undefined ? undefined : timeLeft(resuming.deadline, since),
  };
};

const restoreSend = (wqe: SendWqe, { sgList, ...image }: SendWqeImage): void => {
  Object.assign(wqe, image);
  fillSgeList(wqe.sges, sgList);
};

const resourceOf = ({ kind, firstPsn, psnCount, va, length, rkey, original, msn }: ResourceImage): Resource => {
  if (kind === 'READ') return { kind, firstPsn, psnCount, va, length, rkey };
  return kind === 'ATOMIC' ? { kind, firstPsn, psnCount: 1, original, msn } : { kind, firstPsn, psnCount: 1, msn };
};

const arrivingOf = ({ responder }: QpImage): Arriving => {
  const { arriving: kind, arrivingVa: va, arrivingRkey: rkey, arrivingLength: length } = responder;
  return kind === 'WRITE' ? { kind, va, rkey, length } : { kind };
};

/** Gives a QP just created all that its image holds, as stopped at `since`. */
export const restoreQp = (qp: Qp, image: QpImage, since: Instant): void => {
  const { engine } = qp;
  engine.state = image.state;
  engine.migration = { phase: 'STOPPED', peerPaused: image.peerPaused, since }; //= MIG-11
  engine.attributes = image.attributes;
  engine.pkey = pkey(image.pkey);
  engine.peerQpn = qpn(image.attributes.destQpNum);
  engine.draining = image.draining;
  engine.established = image.established;
  if (image.attributes.ahAttr !== undefined) setPath(qp);
  restoreQueues(engine, image);
  restoreEngines(engine, image, since);
};

const restoreQueues = (qp: QpEngine, image: QpImage): void => {
  if (image.held !== undefined) {
    qp.held = makeRecvWqe();
    fillRecvWqe(qp.held, image.held);
  }
  for (const [i, send] of image.sends.entries()) {
    restoreSend(qp.sq.at(i), send);
    qp.sq.head = i + 1;
  }
  qp.sq.begun = image.begun;
  for (const receive of image.receives) qp.rq.post(receive);
};

const restoreEngines = (qp: QpEngine, image: QpImage, since: Instant): void => {
  const { requester, completer, responder } = image;
  Object.assign(qp.requester, requester);
  qp.completer.una = completer.una;
  qp.completer.retryCnt = completer.retryCnt;
  qp.completer.rnrRetry = completer.rnrRetry;
  qp.completer.nakHandled = completer.nakHandled;
  qp.completer.ackDeadline = deadlineOf(completer.ackTimer, since);
  qp.completer.rnrDeadline = deadlineOf(completer.rnrTimer, since);
  qp.responder.expectedPsn = responder.expectedPsn;
  qp.responder.msn = responder.msn;
  qp.responder.arriving = arrivingOf(image);
  qp.responder.received = responder.received;
  qp.responder.nakSent = responder.nakSent;
  qp.responder.resources = responder.resources.map(resourceOf);
  if (image.resumeTimer !== undefined) qp.resuming = { deadline: since + image.resumeTimer };
};
