// Owns the choice of the engine for a QP's type.
import { type Instant, NEVER } from '../qp/instant.ts';
import { rcDeadline, receiveRc, runRc, tickRc } from '../rc/engine.ts';
import { runUc } from '../uc/requester.ts';
import { receiveUc } from '../uc/responder.ts';
import { runUd } from '../ud/requester.ts';
import { receiveUd } from '../ud/responder.ts';
import type { QpEngine } from '../verbs/device.ts';
import type { OpcodeInfo } from '../wire/opcode.ts';
import type { Packet } from '../wire/packet.ts';
import type { Path } from '../wire/path.ts';

/** A packet for the QP has come by `path`. */
export const receiveAt = (qp: QpEngine, packet: Packet, info: OpcodeInfo, path: Path, now: Instant): void => {
  switch (qp.type) {
    case 'RC':
      receiveRc(qp, packet, info, path.source, now);
      return;
    case 'UC':
      receiveUc(qp, packet, info, path.source);
      return;
    case 'UD':
      receiveUd(qp, packet, info, path);
      return;
  }
};

/** Gives the QP a turn of up to `budget` packets; returns how many it sent. */
export const runQp = (qp: QpEngine, now: Instant, budget: number): number => {
  switch (qp.type) {
    case 'RC':
      return runRc(qp, now, budget);
    case 'UC':
      return runUc(qp, budget);
    case 'UD':
      return runUd(qp, budget);
  }
};

/** Fires the QP's timers that are due. Only RC has any. */
export const tickQp = (qp: QpEngine, now: Instant): void => {
  if (qp.type === 'RC') tickRc(qp, now);
};

/** When the first of its timers fires. */
export const deadlineOf = (qp: QpEngine): Instant => (qp.type === 'RC' ? rcDeadline(qp) : NEVER);
