// What tests of the RC engines say again and again about one device and the peer they play.
import type { RcQp } from '../../impl/rc/rc-qp.ts';
import { rkey } from '../../impl/wire/numbers.ts';
import type { makePacket } from '../../impl/wire/packet.ts';
import { ack, nak } from '../../impl/wire/syndrome.ts';
import { Lone, type LoneConfig } from './lone.ts';

export type Fields = Parameters<typeof makePacket>[3];

/** Where the peer's memory would be; the peer is the test. */
export const REMOTE = { remoteAddr: 0x2000, rkey: 0x99 };
/** The bytes of a packet that fills the path MTU. */
export const MTU = new Uint8Array(256);
export const ASK = { ackReq: true } as const;

/** The engines of the QP. */
export const engine = ({ qp }: Lone): RcQp => {
  if (qp.engine.type !== 'RC') throw new Error(`a ${qp.engine.type} QP`);
  return qp.engine;
};
export const responder = (lone: Lone): RcQp['responder'] => engine(lone).responder;

/** A device with `count` SENDs of one packet unanswered: wrId i has PSN 99 + i. */
export const outstanding = (count: number, config: LoneConfig = {}): Lone => {
  const lone = new Lone(config);
  for (let wrId = 1; wrId <= count; wrId++) lone.send({ wrId, opcode: 'SEND' });
  return lone;
};

export const read = (lone: Lone, wrId: number, length: number): readonly string[] =>
  lone.send({ wrId, opcode: 'RDMA_READ', sgList: [lone.piece(0, length)], ...REMOTE });

export const acked = (lone: Lone, psn: number): readonly string[] =>
  lone.exchange('RC_ACKNOWLEDGE', psn, { syndrome: ack() });

export const naked = (lone: Lone, psn: number): readonly string[] =>
  lone.exchange('RC_ACKNOWLEDGE', psn, { syndrome: nak('PSN_SEQUENCE_ERROR') });

/** RETH fields of a place in the device's memory. */
export const to = (lone: Lone, offset: number, dmaLength: number, fields: Fields = {}): Fields => ({
  va: BigInt(lone.mr.addr + offset),
  rkey: rkey(lone.mr.rkey),
  dmaLength,
  ackReq: true,
  ...fields,
});
