/** What befell a QP of the implementation, as events of the model. */
import { type Instant, NEVER } from '../../impl/qp/instant.ts';
import type { RcQp } from '../../impl/rc/rc-qp.ts';
import type { WorldStep } from '../../impl/sim/world.ts';
import type { QpEvent } from '../../model/context.ts';
import type { Call } from './call.ts';
import type { Frame } from './frame.ts';
import { type Heard, type Hearing, type Noise, tell } from './hearing.ts';

const NONE: readonly QpEvent[] = [];

/** Timers that are due fire in this order. */
const due = ({ migration: { phase }, completer, resuming }: RcQp, now: Instant): readonly QpEvent[] => {
  if (phase === 'STOPPED') return NONE;
  const [ack, rnr] = [completer.ackDeadline <= now, completer.rnrDeadline <= now];
  const repeats = (resuming?.deadline ?? NEVER) <= now && phase !== 'PAUSED';
  if (!ack && !rnr && !repeats) return NONE;
  const silent = phase === 'PAUSED' || resuming !== undefined;
  return [
    ...(ack ? [{ type: 'ackTimeout' } as const] : []),
    ...(rnr && !silent ? [{ type: 'rnrTimeout' } as const] : []),
    ...(repeats ? [{ type: 'ackTimeout' } as const] : []),
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
      return call.qpn === qpn ? Array.from({ length: call.count }, () => ({ type: call.verb })) : NONE;
    case 'modify':
      return call.qpn === qpn ? [{ type: MODIFY[call.to] }] : NONE;
    default:
      return NONE;
  }
};

/** RC-80, which the model has for requests to a QP that runs: what is not from the peer's address is not for this QP. */
const isForeign = ({ hostOf }: Frame, { attributes: { ahAttr } }: RcQp, { packet, from }: Heard): boolean =>
  packet.opcode !== 'RC_RESUME' && ahAttr !== undefined && hostOf(ahAttr.dgid) !== hostOf(from);

const arrived = (frame: Frame, qp: RcQp, heard: Heard | Noise): readonly QpEvent[] => {
  if (!heard.ok || heard.packet.destQp !== qp.qpn || isForeign(frame, qp, heard)) return NONE;
  const packet = tell(heard, frame, 'in');
  return packet === undefined ? NONE : [{ from: frame.hostOf(heard.from), ...packet }];
};

/**
 * What an input is going to be to a QP that it concerns, as events of the model in the order in which they happen; one that
 * the model does not name gives none.
 * @param call what an act is.
 */
export const eventsOf = (
  frame: Frame,
  qp: RcQp,
  { input, at }: Pick<WorldStep, 'input' | 'at'>,
  call: Call | undefined,
  hearing: Hearing,
): readonly QpEvent[] => {
  switch (input.type) {
    case 'tick':
      return due(qp, at);
    case 'timer':
      return [{ type: input.timer === 'RNR' ? 'rnrTimeout' : 'ackTimeout' }];
    case 'act':
      return called(call, qp.qpn);
    case 'packet':
      return arrived(frame, qp, hearing.of(input.packet));
  }
};
