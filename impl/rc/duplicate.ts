// Owns the answers to requests that have been executed before. Chapter 30.
import type { OpcodeInfo } from '../wire/opcode.ts';
import type { Packet } from '../wire/packet.ts';
import { psnAdd, psnDistance } from '../wire/psn.ts';
import { answer, answerAck, withdrawFrom } from './outbox.ts';
import type { RcQp, Resource } from './rc-qp.ts';

/** Answers a request whose PSN is behind the expected one; nothing is executed again. */
export const onDuplicate = (qp: RcQp, packet: Packet, { operation }: OpcodeInfo): void => {
  switch (operation) {
    case 'SEND':
    case 'WRITE': //= RC-54, RC-78
      if (packet.ackReq) answerAck(qp, psnAdd(qp.responder.expectedPsn, -1));
      else qp.device.drop('DUPLICATE');
      return;
    case 'READ_REQUEST':
      withdrawFrom(qp, packet.psn);
      replayRead(qp, packet);
      return;
    case 'RESERVED': //= RC-76
      qp.device.drop('DUPLICATE');
      return;
    default:
      withdrawFrom(qp, packet.psn);
      replaySaved(qp, packet);
  }
};

const resourceOf = (qp: RcQp, packet: Packet): Resource | undefined =>
  qp.responder.resources.find(({ firstPsn, psnCount }) => {
    const index = psnDistance(packet.psn, firstPsn);
    return index >= 0 && index < psnCount;
  });

//= RC-55
const replayRead = (qp: RcQp, packet: Packet): void => {
  const resource = resourceOf(qp, packet);
  const { psn, dmaLength } = packet;
  const va = Number(packet.va);
  if (
    resource?.kind !== 'READ' ||
    resource.rkey !== packet.rkey ||
    va < resource.va ||
    va + dmaLength > resource.va + resource.length
  ) {
    qp.device.drop('NO_RESOURCE');
    return;
  }
  answer(qp, { kind: 'READ', psn, msn: qp.responder.msn, rkey: packet.rkey, va, length: dmaLength, first: true });
};

//= RC-56
const replaySaved = (qp: RcQp, packet: Packet): void => {
  const resource = resourceOf(qp, packet);
  const { psn } = packet;
  if (resource?.kind === 'ATOMIC') answer(qp, { kind: 'ATOMIC', psn, msn: resource.msn, original: resource.original });
  else if (resource?.kind === 'EMPTY') answer(qp, { kind: 'EMPTY', psn, msn: resource.msn });
  else qp.device.drop('NO_RESOURCE');
};
