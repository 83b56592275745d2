// Owns what a UC queue pair is made of. Chapter 32.
import { type Message, NOTHING_ARRIVING } from '../qp/message.ts';
import { makeQpCore, type QpCore, type QpCoreConfig } from '../qp/qp-core.ts';
import { makeSender, type Sender } from '../qp/unacknowledged.ts';
import { type Psn, psn } from '../wire/psn.ts';

/** Owner: responder.ts. */
export type UcResponder = Message & { expectedPsn: Psn };

export type UcQp = QpCore & {
  readonly type: 'UC';
  readonly sender: Sender;
  readonly responder: UcResponder;
};

export const makeUcQp = (config: QpCoreConfig): UcQp =>
  // Added to the core, not spread with it: so all QPs of a type have one hidden class, and access to their fields is compiled.
  Object.assign(makeQpCore('UC', config), {
    sender: makeSender(),
    responder: { expectedPsn: psn(0), arriving: NOTHING_ARRIVING, received: 0 },
  });
