// Owns the answers that wait to be sent: responses leave in PSN order, a long READ in bursts. Chapter 30.
import { ACCESS } from '../memory/access.ts';
import { type MutablePacket, makeMutablePacket } from '../qp/mutable-packet.ts';
import { NO_ACCESS } from '../qp/refusal.ts';
import { msn as toMsn } from '../wire/numbers.ts';
import type { OpcodeName } from '../wire/opcode.ts';
import { EMPTY } from '../wire/packet.ts';
import { type Psn, psnAdd, psnDistance } from '../wire/psn.ts';
import { nak, type Syndrome } from '../wire/syndrome.ts';
import type { Answer, ReadAnswer } from './answer.ts';
import { ackSyndrome } from './credit.ts';
import { dieOf } from './error.ts';
import type { RcQp } from './rc-qp.ts';

const scratch: MutablePacket = makeMutablePacket();

/** Sends one response packet now. */
export const sendResponse = (
  qp: RcQp,
  opcode: OpcodeName,
  psn: Psn,
  msn: number,
  syndrome: Syndrome,
  payload: Uint8Array = EMPTY,
): void => {
  if (qp.path === undefined) return;
  scratch.opcode = opcode;
  scratch.pkey = qp.pkey;
  scratch.destQp = qp.peerQpn;
  scratch.psn = psn;
  scratch.msn = toMsn(msn);
  scratch.syndrome = syndrome;
  scratch.payload = payload;
  qp.device.transmit(scratch, qp.path);
};

/**
 * Sends an ACK of `psn`, or a NAK, or lets it wait behind what has to go first. A waiting ACK is replaced by a later one, but not
 * by a NAK, which may be withdrawn.
 */
export const answerAck = (qp: RcQp, psn: Psn, syndrome?: Syndrome): void => {
  const { answers } = qp.responder.outbox;
  if (answers.length === 0) {
    sendResponse(qp, 'RC_ACKNOWLEDGE', psn, qp.responder.msn, syndrome ?? ackSyndrome(qp));
    return;
  }
  const last = answers.at(-1);
  if (syndrome === undefined && last?.kind === 'ACK' && last.syndrome === undefined) answers.pop();
  answer(qp, { kind: 'ACK', psn, msn: qp.responder.msn, syndrome });
};

/** Sends an answer of one packet, or lets it wait behind what has to go first. */
export const answer = (qp: RcQp, each: Answer): void => {
  const { answers } = qp.responder.outbox;
  if (answers.length === 0 && (each.kind !== 'READ' || each.length <= qp.attributes.pathMtu)) {
    if (each.kind === 'READ') sendReadPacket(qp, each);
    else sendWhole(qp, each);
    return;
  }
  answers.push(each); //= RC-70
  qp.device.schedule(qp);
};

const isWithin = (psn: Psn, first: Psn, count: number): boolean => {
  const index = psnDistance(psn, first);
  return index >= 0 && index < count;
};

//= RC-70, RC-78
/** Answers a request that has come again, in the place of its PSN; what waits of its first answer is given up for it. */
export const answerAgain = (qp: RcQp, each: Answer, psnCount: number): void => {
  const { outbox } = qp.responder;
  const others = outbox.answers.filter(({ psn }) => !isWithin(psn, each.psn, psnCount));
  const later = others.findIndex(({ psn }) => psnDistance(psn, each.psn) > 0);
  others.splice(later < 0 ? others.length : later, 0, each);
  outbox.answers = others;
  qp.device.schedule(qp);
};

//= RC-79
/** A peer that keeps its limit no longer waits for what was asked in these PSNs: it is not answered again. */
export const forgetRepeats = ({ responder: { outbox } }: RcQp, first: Psn, psnCount: number): void => {
  if (outbox.answers.length === 0) return;
  outbox.answers = outbox.answers.filter((each) => !isRepeat(each) || !isWithin(each.psn, first, psnCount));
};

const isRepeat = (each: Answer): boolean => 'again' in each && each.again;

/** Whether an answer that waits is to a request with an answer of its own, given for the first time. */
export const isFirstAnswer = (each: Answer): boolean => 'again' in each && !each.again;

//= RC-52
/** The gap is closed: a NAK of it that still waits is not sent. */
export const withdrawNak = ({ responder: { outbox } }: RcQp): void => {
  if (outbox.answers.length === 0) return;
  outbox.answers = outbox.answers.filter((each) => each.kind !== 'ACK' || each.syndrome === undefined);
};

/** Sends up to `budget` packets of waiting answers; returns how many it sent. */
export const runOutbox = (qp: RcQp, budget: number): number => {
  let sent = 0;
  for (let next = qp.responder.outbox.answers[0]; next !== undefined && sent < budget; ) {
    if (next.kind === 'READ') {
      sendReadPacket(qp, next);
      if (!next.first && next.length === 0) qp.responder.outbox.answers.shift();
    } else {
      qp.responder.outbox.answers.shift();
      sendWhole(qp, next);
    }
    sent++;
    next = qp.responder.outbox.answers[0];
  }
  return sent;
};

const sendWhole = (qp: RcQp, next: Exclude<Answer, ReadAnswer>): void => {
  switch (next.kind) {
    case 'ACK':
      sendResponse(qp, 'RC_ACKNOWLEDGE', next.psn, next.msn, next.syndrome ?? ackSyndrome(qp));
      return;
    case 'ATOMIC':
      scratch.original = next.original;
      sendResponse(qp, 'RC_ATOMIC_ACKNOWLEDGE', next.psn, next.msn, ackSyndrome(qp));
      return;
    case 'EMPTY':
      sendResponse(qp, 'RC_READ_RESPONSE_ONLY', next.psn, next.msn, ackSyndrome(qp));
      return;
    case 'FATAL':
      sendResponse(qp, 'RC_ACKNOWLEDGE', next.psn, next.msn, nak(next.refusal.code));
      dieOf(qp, next.refusal);
      return;
  }
};

/** The next packet of a READ response; memory is read now. */
const sendReadPacket = (qp: RcQp, read: ReadAnswer): void => {
  const mtu = qp.attributes.pathMtu;
  const size = read.length < mtu ? read.length : mtu;
  const payload = size === 0 ? EMPTY : readable(qp, read, size);
  if (payload === undefined) {
    sendResponse(qp, 'RC_ACKNOWLEDGE', read.psn, read.msn, nak('REMOTE_ACCESS_ERROR'));
    dieOf(qp, NO_ACCESS);
    return;
  }
  const last = read.length <= mtu;
  const opcode = read.first
    ? last
      ? 'RC_READ_RESPONSE_ONLY'
      : 'RC_READ_RESPONSE_FIRST'
    : last
      ? 'RC_READ_RESPONSE_LAST'
      : 'RC_READ_RESPONSE_MIDDLE';
  sendResponse(qp, opcode, read.psn, read.msn, ackSyndrome(qp), payload);
  read.first = false;
  read.psn = psnAdd(read.psn, 1);
  read.va += size;
  read.length -= size;
};

const readable = (qp: RcQp, { rkey, va }: ReadAnswer, size: number): Uint8Array | undefined => {
  const region = qp.device.keys.remote(rkey, qp.pd, qp.qpn, va, size, ACCESS.REMOTE_READ);
  if (region === undefined) return undefined;
  return region.views.at(va - region.addr, size);
};
