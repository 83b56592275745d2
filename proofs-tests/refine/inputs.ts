/** What befell a QP of the implementation, as events of the model. */
import type { RcGlimpse } from '../../impl/sim/glimpse.ts';
import type { Input } from '../../impl/sim/world.ts';
import { decodePacket } from '../../impl/wire/decode.ts';
import type { QpEvent } from '../../model/context.ts';
import type { Host, Packet } from '../../model/packet.ts';
import { type Call, callOf } from './call.ts';
import type { Frame } from './frame.ts';
import { packetOf, streamOf } from './packets.ts';

/** Timers that are due fire in this order. */
const due = ({ phase, completer, resuming }: RcGlimpse): readonly QpEvent[] => {
  if (phase === 'STOPPED') return [];
  const silent = phase === 'PAUSED' || resuming !== null;
  return [
    ...(completer.ackTimer === 0 ? [{ type: 'ackTimeout' } as const] : []),
    ...(completer.rnrTimer === 0 && !silent ? [{ type: 'rnrTimeout' } as const] : []),
    ...(resuming?.timer === 0 && phase !== 'PAUSED' ? [{ type: 'ackTimeout' } as const] : []),
  ];
};

const MODIFY = {
  RESET: 'modify.reset',
  INIT: 'modify.init',
  RTR: 'modify.rtr',
  RTS: 'modify.rts',
  SQD: 'modify.sqd',
  ERR: 'modify.err',
} as const;

/** What a verb, or the checkpointer, is to one QP of the device. */
export const called = (call: Call | undefined, qpn: number): readonly QpEvent[] => {
  switch (call?.verb) {
    case 'stop':
    case 'resume':
    case 'destroy':
      return [{ type: call.verb }];
    case 'post.receive':
      return call.qpn === qpn ? Array.from({ length: call.count }, () => ({ type: call.verb })) : [];
    case 'modify':
      return call.qpn === qpn ? [{ type: MODIFY[call.to] }] : [];
    default:
      return [];
  }
};

/** RC-80, which the model has for requests to a QP that runs: what is not from the peer's address is not for this QP. */
const isForeign = (frame: Frame, { attributes: { ahAttr } }: RcGlimpse, { type }: Packet, from: Host): boolean =>
  type !== 'rx.resume' && ahAttr !== undefined && frame.hostOf(ahAttr.dgid) !== from;

/** Events of the model in the order in which they happened; an input that the model does not name gives none. */
export const eventsOf = (frame: Frame, qpn: number, before: RcGlimpse, input: Input): readonly QpEvent[] => {
  switch (input.type) {
    case 'tick':
      return due(before);
    case 'timer':
      if (input.qpn !== qpn) return [];
      return [{ type: input.timer === 'RNR' ? 'rnrTimeout' : 'ackTimeout' }];
    case 'act':
      return called(callOf(input.name), qpn);
    case 'packet': {
      const { bytes, path } = input.packet;
      const decoded = decodePacket(bytes, path);
      if (!decoded.ok || decoded.packet.destQp !== qpn) return [];
      const from = frame.hostOf(path.source);
      const packet = packetOf(frame, streamOf(frame, decoded.packet, 'in'), decoded.packet, from);
      return packet === undefined || isForeign(frame, before, packet, from) ? [] : [{ ...packet, from }];
    }
  }
};
