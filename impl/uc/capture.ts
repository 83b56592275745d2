// Owns a UC QP as plain data, and the way back. Chapter 60.
import { type CoreData, captureCore, rebuildCore } from '../qp/capture-core.ts';
import type { Instant } from '../qp/instant.ts';
import type { Arriving } from '../qp/message.ts';
import { psn } from '../wire/psn.ts';
import type { UcQp } from './uc-qp.ts';

export type UcData = CoreData & {
  readonly type: 'UC';
  readonly sender: { readonly nextPsn: number; readonly packet: number };
  readonly responder: { readonly expectedPsn: number; readonly arriving: Arriving; readonly received: number };
};

/** Everything the QP is. */
export const captureUcQp = (qp: UcQp): UcData =>
  Object.assign(captureCore(qp), {
    type: 'UC' as const,
    sender: { ...qp.sender },
    responder: { ...qp.responder },
  });

/** Makes a QP fresh from `createQp` what `data` says, stopped at `now`. */
export const rebuildUcQp = (qp: UcQp, data: UcData, now: Instant): void => {
  rebuildCore(qp, data, now);
  qp.sender.nextPsn = psn(data.sender.nextPsn);
  qp.sender.packet = data.sender.packet;
  qp.responder.expectedPsn = psn(data.responder.expectedPsn);
  qp.responder.arriving = { ...data.responder.arriving };
  qp.responder.received = data.responder.received;
};
