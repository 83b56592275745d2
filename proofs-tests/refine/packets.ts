/** Packets of the wire as packets of the model. */
import { opcodeInfo } from '../../impl/wire/opcode.ts';
import type { Packet as WirePacket } from '../../impl/wire/packet.ts';
import { type Bounds, distanceTo } from '../../model/bounds.ts';
import type { Host, Packet } from '../../model/packet.ts';
import { type Part, slotAt } from '../../model/workload.ts';
import type { Frame, Said, Stream } from './frame.ts';
import { boundsOf } from './frame.ts';

type Op = Extract<Packet, { type: 'rx.request' }>['op'];

const OPS: Readonly<Partial<Record<string, Op>>> = {
  SEND: 'SEND',
  WRITE: 'WRITE',
  READ_REQUEST: 'READ',
  COMPARE_SWAP: 'ATOMIC',
  FETCH_ADD: 'ATOMIC',
};
const PARTS: Readonly<Record<string, Part>> = { ONLY: 'only', FIRST: 'first', MIDDLE: 'middle', LAST: 'last' };

/** Bytes that are not those of the message whose PSN they have. */
const FORGED = -1;

const messageAt = (bounds: Bounds, stream: Stream, psn: number, said: Said): number => {
  const slot = slotAt(stream.works, distanceTo(bounds, psn, 0));
  return slot !== undefined && stream.says(slot.message, slot.offset, said) ? slot.message : FORGED;
};

const request = (bounds: Bounds, stream: Stream, mtu: number, packet: WirePacket): Packet | undefined => {
  const { operation, position, offsets } = opcodeInfo(packet.opcode);
  const op = OPS[operation];
  const part = PARTS[position];
  if (op === undefined || part === undefined) return undefined;
  const { psn, ackReq, payload, dmaLength, imm } = packet;
  const psns = op === 'READ' ? Math.max(1, Math.ceil(dmaLength / mtu)) : 1;
  const said = { payload, imm: offsets.ImmDt === 0 ? undefined : imm };
  return { type: 'rx.request', psn, op, part, psns, ackReq, message: messageAt(bounds, stream, psn, said) };
};

const acknowledge = ({ psn, syndrome }: WirePacket): Packet | undefined => {
  if (syndrome.kind === 'ACK') return { type: 'rx.ack', psn };
  if (syndrome.kind === 'RNR_NAK') return { type: 'rx.rnrNak', psn };
  if (syndrome.kind === 'RESERVED') return undefined;
  if (syndrome.code === 'STOPPED') return { type: 'rx.nakStopped', psn, epoch: 0, signed: true };
  return { type: 'rx.nak', psn, code: syndrome.code === 'PSN_SEQUENCE_ERROR' ? 'SEQUENCE' : 'INVALID_REQUEST' };
};

/**
 * A packet that carries, or answers, a stream; undefined where the model has no such packet.
 * @param stream of the requester: the sender of a request, the receiver of an answer.
 * @param origin host of the sender.
 */
export const packetOf = (frame: Frame, stream: Stream, packet: WirePacket, origin: Host): Packet | undefined => {
  const bounds = boundsOf(frame, stream);
  const { operation } = opcodeInfo(packet.opcode);
  const { psn, payload } = packet;
  switch (operation) {
    case 'ACKNOWLEDGE':
      return acknowledge(packet);
    case 'RESUME':
      return { type: 'rx.resume', psn, epoch: 0, origin, signed: true };
    case 'READ_RESPONSE':
    case 'ATOMIC_ACKNOWLEDGE':
      return { type: 'rx.response', psn, message: messageAt(bounds, stream, psn, { payload, imm: undefined }) };
    default:
      return request(bounds, stream, frame.mtu, packet);
  }
};

/** Which of its ends' streams a packet belongs to. */
export const streamOf = ({ sends, gets }: Frame, packet: WirePacket, direction: 'in' | 'out'): Stream => {
  const isRequest = opcodeInfo(packet.opcode).role === 'request';
  return isRequest === (direction === 'out') ? sends : gets;
};

/** What the model's packets are compared by: incarnations do not travel in the published protocol. */
export const bare = (packet: Packet): Packet => ('epoch' in packet ? { ...packet, epoch: 0 } : packet);

/** Whether two packets say the same, incarnations apart. */
export const isSamePacket = (a: Packet, b: Packet): boolean => {
  if (a.psn !== b.psn) return false;
  if (a.type === 'rx.ack') return b.type === 'rx.ack';
  if (a.type === 'rx.response') return b.type === 'rx.response' && a.message === b.message;
  if (a.type !== 'rx.request') return JSON.stringify(bare(a)) === JSON.stringify(bare(b));
  if (b.type !== 'rx.request') return false;
  const isSamePart = a.op === b.op && a.part === b.part && a.psns === b.psns;
  return isSamePart && a.ackReq === b.ackReq && a.message === b.message;
};

/** A packet, or an event, in words. */
export const said = (thing: object | undefined): string =>
  thing === undefined
    ? 'nothing'
    : Object.entries(thing)
        .map(([name, value]) => (name === 'type' ? String(value) : `${name} ${JSON.stringify(value)}`))
        .join(' ');
