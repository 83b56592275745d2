// Owns a UD QP as plain data, and the way back. Chapter 60.
import { type CoreData, captureCore, rebuildCore } from '../qp/capture-core.ts';
import type { Instant } from '../qp/instant.ts';
import { psn } from '../wire/psn.ts';
import type { UdQp } from './ud-qp.ts';

export type UdData = CoreData & {
  readonly type: 'UD';
  readonly sender: { readonly nextPsn: number; readonly packet: number };
};

/** Everything the QP is. */
export const captureUdQp = (qp: UdQp): UdData =>
  Object.assign(captureCore(qp), { type: 'UD' as const, sender: { ...qp.sender } });

/** Makes a QP fresh from `createQp` what `data` says, stopped at `now`. */
export const rebuildUdQp = (qp: UdQp, data: UdData, now: Instant): void => {
  rebuildCore(qp, data, now);
  qp.sender.nextPsn = psn(data.sender.nextPsn);
  qp.sender.packet = data.sender.packet;
};
