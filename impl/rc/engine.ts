// Owns the way into an RC QP: packets, time and turns go through here to the engine they are for. Chapter 30.
import { type Instant, NEVER } from '../qp/instant.ts';
import type { IpAddress } from '../wire/address.ts';
import type { OpcodeInfo } from '../wire/opcode.ts';
import type { Packet } from '../wire/packet.ts';
import { onAckTimeout, onResponse, onRnrTimeout } from './completer.ts';
import { acceptResume, answerStopped, pause, resumeAnswered, sendResume } from './migration.ts';
import { runOutbox } from './outbox.ts';
import type { RcQp } from './rc-qp.ts';
import { runRequester } from './requester.ts';
import { onRequest } from './responder.ts';

/** A packet for this QP has come from `source`. */
export const receiveRc = (qp: RcQp, packet: Packet, info: OpcodeInfo, source: IpAddress, now: Instant): void => {
  switch (qp.protocol.judge(qp, packet, info, source)) {
    case 'PROCESS':
      if (info.role === 'request') receiveRequest(qp, packet, info);
      else receiveResponse(qp, packet, info, now);
      return;
    case 'ANSWER_STOPPED':
      answerStopped(qp);
      return;
    case 'PAUSE':
      pause(qp);
      return;
    case 'ACCEPT_RESUME':
      acceptResume(qp, source);
      return;
    case 'DROP_SOURCE':
      qp.device.drop('WRONG_SOURCE');
      return;
    case 'DROP_STATE':
      qp.device.drop('QP_STATE');
      return;
    case 'DROP_STOPPED':
      qp.device.drop('QP_STOPPED');
      return;
  }
};

const receiveRequest = (qp: RcQp, packet: Packet, info: OpcodeInfo): void => {
  const { expectedPsn } = qp.responder;
  onRequest(qp, packet, info);
  if (qp.established || qp.responder.expectedPsn === expectedPsn) return;
  qp.established = true;
  if (qp.state === 'RTR') qp.device.raise({ type: 'COMM_EST', qpNum: qp.qpn }); //= QP-45
};

const receiveResponse = (qp: RcQp, packet: Packet, info: OpcodeInfo, now: Instant): void => {
  onResponse(qp, packet, info, now);
  if (packet.opcode === 'RC_ACKNOWLEDGE' && packet.syndrome.kind === 'ACK') resumeAnswered(qp);
};

/** Gives the QP a turn to send up to `budget` packets, answers first; returns how many it sent. */
export const runRc = (qp: RcQp, now: Instant, budget: number): number => {
  if (qp.migration.phase === 'STOPPED') return 0;
  const answered = runOutbox(qp, budget);
  return answered + runRequester(qp, now, budget - answered);
};

/** A timer of an RC QP. */
export type RcTimer = 'ACK' | 'RNR' | 'RESUME';

/** When a timer fires; NEVER if it does not run. */
export const rcTimer = (qp: RcQp, timer: RcTimer): Instant => {
  if (qp.migration.phase === 'STOPPED') return NEVER;
  switch (timer) {
    case 'ACK':
      return qp.completer.ackDeadline;
    case 'RNR': //= RC-42
      return qp.migration.phase === 'PAUSED' || qp.resuming !== undefined ? NEVER : qp.completer.rnrDeadline;
    case 'RESUME':
      if (qp.migration.phase === 'PAUSED' && !qp.protocol.repeatsResumeWhilePaused) return NEVER;
      return qp.resuming?.deadline ?? NEVER;
  }
};

/** When the first of its timers fires. */
export const rcDeadline = (qp: RcQp): Instant => {
  const { completer, resuming } = qp;
  if (resuming === undefined && qp.migration.phase === 'RUNNING') {
    return completer.ackDeadline < completer.rnrDeadline ? completer.ackDeadline : completer.rnrDeadline;
  }
  return Math.min(rcTimer(qp, 'ACK'), rcTimer(qp, 'RNR'), rcTimer(qp, 'RESUME'));
};

/** Fires one timer, due or not. */
export const fireRcTimer = (qp: RcQp, timer: RcTimer, now: Instant): void => {
  switch (timer) {
    case 'ACK':
      onAckTimeout(qp);
      return;
    case 'RNR':
      onRnrTimeout(qp);
      return;
    case 'RESUME':
      sendResume(qp, now);
      return;
  }
};

const TIMERS: readonly RcTimer[] = ['ACK', 'RNR', 'RESUME'];

/** Fires the timers that are due. */
export const tickRc = (qp: RcQp, now: Instant): void => {
  for (const timer of TIMERS) if (rcTimer(qp, timer) <= now) fireRcTimer(qp, timer, now);
};
