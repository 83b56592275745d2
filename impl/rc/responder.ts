// Owns the responder: in sequence, ahead or behind; executed, refused or answered again. Chapter 30.
import { takeReceive } from '../qp/completing.ts';
import { INVALID, type Refusal } from '../qp/refusal.ts';
import { firstRefusal } from '../qp/request-checks.ts';
import type { OpcodeInfo } from '../wire/opcode.ts';
import type { Packet } from '../wire/packet.ts';
import { psnDistance } from '../wire/psn.ts';
import { nak, rnrNak } from '../wire/syndrome.ts';
import { onDuplicate } from './duplicate.ts';
import { execute } from './execute.ts';
import { answer, answerAck, isFirstAnswer, runOutbox, withdrawNak } from './outbox.ts';
import type { RcQp } from './rc-qp.ts';

/** Packets of waiting answers sent when a request arrives; the rest is sent when the device runs the QP. */
const BURST = 64;

/** Takes a request packet. Precondition: the QP's state processes requests. */
export const onRequest = (qp: RcQp, packet: Packet, info: OpcodeInfo): void => {
  const { responder } = qp;
  if (isDying(qp)) {
    qp.device.drop('QP_STATE');
    return;
  }
  const distance = psnDistance(packet.psn, responder.expectedPsn);
  if (distance === 0) onExpected(qp, packet, info);
  else if (distance > 0) onAhead(qp);
  else onDuplicate(qp, packet, info); //= RC-53
  if (responder.outbox.answers.length > 0) runOutbox(qp, BURST);
};

/** A NAK that ends the QP is waiting to be sent: nothing more is executed. */
const isDying = (qp: RcQp): boolean => qp.responder.outbox.answers.at(-1)?.kind === 'FATAL';

//= RC-51, RC-52
const onAhead = (qp: RcQp): void => {
  const { responder } = qp;
  if (responder.nakSent) {
    qp.device.drop('OUT_OF_SEQUENCE');
    return;
  }
  responder.nakSent = true;
  qp.device.tally('sequenceNaksSent');
  answerAck(qp, responder.expectedPsn, nak('PSN_SEQUENCE_ERROR'));
};

//= RC-74
/** The peer has asked for more answers than it was allowed to wait for. */
const overfull = (qp: RcQp, { operation }: OpcodeInfo): Refusal | undefined => {
  const { answers } = qp.responder.outbox;
  if (answers.length < qp.attributes.maxDestRdAtomic || operation === 'SEND' || operation === 'WRITE') return undefined;
  return answers.filter(isFirstAnswer).length >= qp.attributes.maxDestRdAtomic ? INVALID : undefined;
};

const onExpected = (qp: RcQp, packet: Packet, info: OpcodeInfo): void => {
  if (qp.responder.nakSent) withdrawNak(qp);
  qp.responder.nakSent = false;
  const refusal = overfull(qp, info) ?? firstRefusal(qp, packet, info) ?? execute(qp, packet, info);
  if (refusal !== undefined) refuse(qp, packet, refusal);
};

const refuse = (qp: RcQp, packet: Packet, refusal: Refusal): void => {
  if (refusal.kind === 'NOT_READY') {
    qp.responder.nakSent = true; //= RC-60
    qp.device.tally('rnrNaksSent');
    answerAck(qp, packet.psn, rnrNak(qp.attributes.minRnrTimer));
    return;
  }
  if (refusal.status.startsWith('LOC')) takeReceive(qp); // The receive is at fault, or too short: it says so itself.
  answer(qp, { kind: 'FATAL', psn: packet.psn, msn: qp.responder.msn, refusal });
};
