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

// Field by field, as `makeRcQp`.
export const makeUcQp = (config: QpCoreConfig): UcQp => {
  const core = makeQpCore('UC', config);
  return {
    type: core.type,
    qpn: core.qpn,
    pd: core.pd,
    cap: core.cap,
    sqSigAll: core.sqSigAll,
    sendCq: core.sendCq,
    recvCq: core.recvCq,
    srq: core.srq,
    sq: core.sq,
    rq: core.rq,
    device: core.device,
    state: core.state,
    migration: core.migration,
    attributes: core.attributes,
    pkey: core.pkey,
    path: core.path,
    peerQpn: core.peerQpn,
    draining: core.draining,
    established: core.established,
    held: core.held,
    spare: core.spare,
    scheduled: core.scheduled,
    wakeAt: core.wakeAt,
    sender: makeSender(),
    responder: { expectedPsn: psn(0), arriving: NOTHING_ARRIVING, received: 0 },
  };
};
