// Owns what migration does to an RC QP: stop, pause, resume. What is decided, and when, is the protocol's. Chapter 50.

import { type Instant, NEVER } from '../qp/instant.ts';
import { PAUSED, RUNNING } from '../qp/migration-state.ts';
import { makeMutablePacket } from '../qp/mutable-packet.ts';
import { samePath } from '../qp/path-to.ts';
import { ABILITIES } from '../qp/state.ts';
import type { IpAddress } from '../wire/address.ts';
import { psnAdd } from '../wire/psn.ts';
import { ack, nak } from '../wire/syndrome.ts';
import { ackTimeoutNs } from '../wire/timer-code.ts';
import { sendResponse } from './outbox.ts';
import type { RcQp } from './rc-qp.ts';
import { goBack } from './retransmit.ts';

//= MIG-1, MIG-13, MIG-22
/** Stops the QP, for good: what it has is what a dump will hold. Stopping twice changes nothing. */
export const stop = (qp: RcQp, now: Instant): void => {
  if (qp.migration.phase === 'STOPPED') return;
  qp.migration = { phase: 'STOPPED', peerPaused: qp.migration.phase === 'PAUSED', since: now };
  qp.responder.outbox.answers = [];
};

//= MIG-2, MIG-20
/** Answers a request packet with NAK_STOPPED; nothing changes. */
export const answerStopped = (qp: RcQp): void => {
  qp.device.tally('nakStoppedSent');
  sendResponse(qp, 'RC_ACKNOWLEDGE', qp.responder.expectedPsn, qp.responder.msn, nak('STOPPED'));
};

//= MIG-4, MIG-5, MIG-7
/** The peer has stopped: nothing is sent and no timer fires until it resumes. A wait for its receiver goes on then. */
export const pause = (qp: RcQp): void => {
  if (qp.migration.phase !== 'RUNNING') {
    qp.device.drop('NAK_HANDLED');
    return;
  }
  qp.migration = PAUSED;
  qp.completer.ackDeadline = NEVER;
};

//= MIG-17, MIG-18, MIG-19, MIG-22
/** The peer has resumed and is at `source` now. */
export const acceptResume = (qp: RcQp, source: IpAddress): void => {
  const { ahAttr } = qp.attributes;
  if (qp.path === undefined || ahAttr === undefined) return;
  qp.attributes = { ...qp.attributes, ahAttr: { ...ahAttr, dgid: source } };
  qp.path = samePath(qp.path.source, source, qp.path.sourcePort);
  qp.responder.outbox.answers = [];
  qp.responder.nakSent = false;
  sendResponse(qp, 'RC_ACKNOWLEDGE', psnAdd(qp.responder.expectedPsn, -1), qp.responder.msn, ack());
  run(qp);
};

/** Runs again, from the oldest unacknowledged PSN. */
const run = (qp: RcQp): void => {
  qp.migration = RUNNING;
  qp.completer.nakHandled = false;
  if (qp.resuming !== undefined) qp.resuming.deadline = 0;
  goBack(qp);
};

//= MIG-14, MIG-15
/** Lets a restored QP run: it tells its peer first, and sends nothing else until the peer has answered. */
export const resume = (qp: RcQp, now: Instant): void => {
  if (qp.migration.phase !== 'STOPPED') return;
  const { peerPaused } = qp.migration;
  run(qp);
  if (!ABILITIES[qp.state].processRequests) return;
  qp.resuming = { deadline: NEVER };
  sendResume(qp, now);
  if (peerPaused) qp.migration = PAUSED;
};

const scratch = makeMutablePacket();

//= MIG-14, MIG-16, MIG-20
/** Sends RESUME, and sets the time of the next one. */
export const sendResume = (qp: RcQp, now: Instant): void => {
  if (qp.resuming === undefined || qp.path === undefined) return;
  scratch.opcode = 'RC_RESUME';
  scratch.pkey = qp.pkey;
  scratch.destQp = qp.peerQpn;
  scratch.psn = qp.completer.una;
  scratch.ackReq = true;
  scratch.syndrome = ack();
  qp.device.tally('resumesSent');
  qp.device.transmit(scratch, qp.path);
  qp.resuming.deadline = now + qp.protocol.resumeInterval(ackTimeoutNs(qp.attributes.timeout) ?? NEVER);
};

/** Whether an ACK that arrives now answers a RESUME; from here on the QP sends again. */
export const resumeAnswered = (qp: RcQp): void => {
  if (qp.resuming === undefined) return;
  qp.resuming = undefined;
  goBack(qp); //= MIG-19
};
