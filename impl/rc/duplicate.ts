// Owns the answers to requests that have been executed before. Chapter 30.
import type { OpcodeInfo } from '../wire/opcode.ts';
import type { Packet } from '../wire/packet.ts';
import { psnAdd, psnDistance } from '../wire/psn.ts';
import { vaNumber } from '../wire/va.ts';
import { answerAck, answerAgain } from './outbox.ts';
import type { RcQp } from './rc-qp.ts';
import { psnCountOf, TRAVEL } from './request-packet.ts';

/** Answers a request whose PSN is behind the expected one; nothing is executed again. */
export const onDuplicate = (qp: RcQp, packet: Packet, { operation }: OpcodeInfo): void => {
  switch (operation) {
    case 'SEND':
    case 'WRITE': //= RC-54, RC-78
      if (packet.ackReq) answerAck(qp, psnAdd(qp.responder.expectedPsn, -1));
      else qp.device.drop('DUPLICATE');
      return;
    case 'READ_REQUEST':
      replayRead(qp, packet);
      return;
    case 'RESERVED': //= RC-76
      qp.device.drop('DUPLICATE');
      return;
    default:
      replaySaved(qp, packet);
  }
};

/** The VA of a READ as far as it is kept. One of no bytes may name any (RC-67): from 2^53 on they are one, which no region reaches. */
export const keptVa = ({ va }: Packet): number => Math.min(vaNumber(va), Number.MAX_SAFE_INTEGER);

//= RC-55
const replayRead = (qp: RcQp, packet: Packet): void => {
  const resource = qp.responder.kept.at(packet.psn);
  const { psn, dmaLength } = packet;
  const va = keptVa(packet);
  const psnCount = psnCountOf(TRAVEL.RDMA_READ, dmaLength, qp.attributes.pathMtu);
  if (
    resource?.kind !== 'READ' ||
    resource.rkey !== packet.rkey ||
    va < resource.va ||
    va + dmaLength > resource.va + resource.length ||
    psnDistance(psn, resource.firstPsn) + psnCount > resource.psnCount
  ) {
    qp.device.drop('NO_RESOURCE');
    return;
  }
  const { msn } = qp.responder;
  const { rkey } = packet;
  answerAgain(qp, { kind: 'READ', again: true, psn, msn, rkey, va, length: dmaLength, first: true }, psnCount);
};

//= RC-56
const replaySaved = (qp: RcQp, packet: Packet): void => {
  const resource = qp.responder.kept.at(packet.psn);
  const { psn } = packet;
  if (resource?.kind === 'ATOMIC') {
    answerAgain(qp, { kind: 'ATOMIC', again: true, psn, msn: resource.msn, original: resource.original }, 1);
  } else if (resource?.kind === 'EMPTY') answerAgain(qp, { kind: 'EMPTY', again: true, psn, msn: resource.msn }, 1);
  else qp.device.drop('NO_RESOURCE');
};
