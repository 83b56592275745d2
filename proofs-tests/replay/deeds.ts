/** What each step of the model is on the implementation; what it cannot do there, it says. */
import { modifyQp, unwrap } from '../../impl/index.ts';
import { destroyContext } from '../../impl/migration/destroy.ts';
import { dump } from '../../impl/migration/dump.ts';
import { readImage, writeImage } from '../../impl/migration/image-file.ts';
import { restore } from '../../impl/migration/restore.ts';
import { rcTimer } from '../../impl/rc/engine.ts';
import type { InFlight } from '../../impl/sim/medium.ts';
import { resumeContext, stopContext } from '../../impl/verbs/migrate-qp.ts';
import { decodePacket } from '../../impl/wire/decode.ts';
import { encodePacket } from '../../impl/wire/encode.ts';
import { qpn } from '../../impl/wire/numbers.ts';
import { makePacket } from '../../impl/wire/packet.ts';
import { path } from '../../impl/wire/path.ts';
import { psn } from '../../impl/wire/psn.ts';
import { ack, nak } from '../../impl/wire/syndrome.ts';
import { distanceTo, wirePsn } from '../../model/bounds.ts';
import type { QpEvent } from '../../model/context.ts';
import type { Envelope, Side } from '../../model/packet.ts';
import type { SideEvent } from '../../model/side-state.ts';
import type { Action } from '../../model/system.ts';
import { boundsOf } from '../refine/frame.ts';
import { packetOf, streamOf } from '../refine/packets.ts';
import { addressOf, hostOf, type Stand } from './stand.ts';

/** Why a step cannot be taken; undefined where it was. */
export type Refusal = string | undefined;

/** A datagram as the model has it, its PSN modulo the scenario's. */
export const envelopeOf = (stand: Stand, { bytes, path: way }: InFlight): Envelope | undefined => {
  const decoded = decodePacket(bytes, way);
  if (!decoded.ok) return undefined;
  const side = decoded.packet.destQp === stand.sides.A.qp.qpNum ? 'A' : 'B';
  const frame = stand.frame(side);
  const stream = streamOf(frame, decoded.packet, 'in');
  const from = hostOf(way.source);
  const packet = packetOf(frame, stream, decoded.packet, from);
  if (packet === undefined) return undefined;
  const index = distanceTo(boundsOf(frame, stream), packet.psn, 0);
  return { from, to: hostOf(way.destination), side, packet: { ...packet, psn: wirePsn(stand.scenario.bounds, index) } };
};

/** Control packets carry what their opcode says and a PSN; incarnations do not travel in the published protocol. */
const keyOf = ({ from, to, side, packet }: Envelope, exactly: boolean): string => {
  const { type, psn: number } = packet;
  const control = type === 'rx.nakStopped' || type === 'rx.resume' || type === 'rx.resumed';
  const fields = control ? [] : Object.entries(packet).filter(([name]) => exactly || name !== 'ackReq');
  return JSON.stringify([from, to, side, type, number, fields.sort()]);
};

/** The oldest datagram that is this packet; one that differs in AckReq alone, where there is no other. */
const inFlight = (stand: Stand, wanted: Envelope): InFlight | undefined => {
  const flying = stand.world.medium.list().map((packet) => ({ packet, envelope: envelopeOf(stand, packet) }));
  const like = (exactly: boolean) =>
    flying.find(({ envelope }) => envelope !== undefined && keyOf(envelope, exactly) === keyOf(wanted, exactly))
      ?.packet;
  return like(true) ?? like(false);
};

const NEVER_SENT = 'the implementation has no such packet on its way';

const arrive = (stand: Stand, wanted: Envelope, kind: 'arrive' | 'lose' | 'duplicate'): Refusal => {
  const packet = inFlight(stand, wanted);
  if (packet === undefined) return NEVER_SENT;
  if (kind === 'duplicate') stand.world.medium.copy(packet);
  if (kind === 'lose') stand.world.medium.take(packet.id);
  else stand.world.deliver(packet.id);
  return undefined;
};

const forge = (stand: Stand, { from, to, side, packet }: Envelope): Refusal => {
  const way = path(addressOf(from), addressOf(to), 0xc000);
  const number = stand.sides[side].qp.qpNum;
  const at = psn(stand.firstPsn);
  const forged =
    packet.type === 'rx.resume'
      ? makePacket('RC_RESUME', qpn(number), at, { ackReq: true, syndrome: ack() })
      : makePacket('RC_ACKNOWLEDGE', qpn(number), at, { syndrome: nak('STOPPED') });
  const launched = stand.world.medium.launch(from, encodePacket(forged, way), way);
  stand.sent.push({ at: stand.world.now, packet: launched });
  return undefined;
};

const transmit = (stand: Stand, side: Side): Refusal => {
  stand.postSends(side);
  const before = stand.sent.length;
  stand.world.tick(stand.sides[side].host, 1);
  const sent = stand.sent.slice(before).some(({ packet }) => envelopeOf(stand, packet)?.packet.type === 'rx.request');
  return sent ? undefined : 'the implementation sends no request here';
};

const expire = (stand: Stand, side: Side, timer: 'ACK' | 'RNR'): Refusal => {
  const { qp, host } = stand.sides[side];
  const { engine } = qp;
  if (engine.type !== 'RC') return 'the QP is not RC';
  const which = timer === 'ACK' && engine.resuming !== undefined ? 'RESUME' : timer;
  if (rcTimer(engine, which) === Number.POSITIVE_INFINITY)
    return `the ${which} timer of the implementation does not run`;
  stand.world.expire(host, qp.qpNum, which);
  return undefined;
};

const tell = (stand: Stand, side: Side, { type }: QpEvent): Refusal => {
  const { qp } = stand.sides[side];
  switch (type) {
    case 'transmit':
      return transmit(stand, side);
    case 'ackTimeout':
      return expire(stand, side, 'ACK');
    case 'rnrTimeout':
      return expire(stand, side, 'RNR');
    case 'post.receive':
      stand.postReceives(side, 1);
      return undefined;
    case 'modify.rts':
    case 'modify.sqd':
    case 'modify.err':
    case 'modify.reset': {
      const state = (
        { 'modify.rts': 'RTS', 'modify.sqd': 'SQD', 'modify.err': 'ERR', 'modify.reset': 'RESET' } as const
      )[type];
      const done = modifyQp(qp, type === 'modify.rts' && qp.engine.state === 'RTR' ? stand.rts : { qpState: state });
      return done.ok ? undefined : `modify to ${state} is refused: ${done.error.message}`;
    }
    default:
      return `the implementation has no ${type}`;
  }
};

const coordinate = (stand: Stand, side: Side, type: string): Refusal => {
  const { world, sides, scenario } = stand;
  const at = sides[side];
  const { route } = scenario.sides[side];
  switch (type) {
    case 'stop':
      world.act(at.host, 'stop', (now) => stopContext(at.context, now));
      return undefined;
    case 'dump':
      at.image = Buffer.concat([...writeImage(unwrap(dump(at.context)))]);
      return undefined;
    case 'restore': {
      const image = at.image === undefined ? undefined : readImage(at.image);
      if (image === undefined || !image.ok) return 'there is no image';
      const target = route[at.left.size + 1] ?? -1;
      const made = world.act(target, 'restore', (now) => restore(world.nic(target), image.value, now));
      if (!made.ok) return `restore is refused: ${made.error.message}`;
      at.left.set(at.host, at.context);
      stand.moved(side, target, made.value);
      return undefined;
    }
    case 'resume':
      world.act(at.host, 'resume', (now) => resumeContext(at.context, now));
      return undefined;
    case 'abort':
    case 'crash':
      return undefined;
    default:
      return `the implementation has no ${type}`;
  }
};

const befall = (
  stand: Stand,
  side: Side,
  event: Exclude<SideEvent, { kind: 'copy' | 'consumer' | 'coordinator' }>,
): Refusal => {
  const { world, sides } = stand;
  const { left, context, host } = sides[side];
  switch (event.kind) {
    case 'destroy': {
      const old = left.get(event.host) ?? (host === event.host ? context : undefined);
      if (old === undefined) return 'there is no copy to destroy';
      world.act(event.host, 'destroy', () => destroyContext(old));
      return undefined;
    }
    case 'dark':
    case 'dies':
      world.remove(event.host);
      return undefined;
    default:
      return `the implementation has no ${event.kind}`;
  }
};

/** Takes one step of the model on the implementation. */
export const take = (stand: Stand, action: Action): Refusal => {
  stand.pass();
  if (action.kind === 'forge') return forge(stand, action.packet);
  if (action.kind !== 'side') return arrive(stand, action.packet, action.kind);
  const { side, event } = action;
  if (event.kind === 'copy' || event.kind === 'consumer') {
    if (event.host !== stand.sides[side].host) return `side ${side} does not run at host ${event.host}`;
    return tell(stand, side, event.event);
  }
  return event.kind === 'coordinator' ? coordinate(stand, side, event.type) : befall(stand, side, event);
};
