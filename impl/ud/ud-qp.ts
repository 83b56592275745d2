// Owns what a UD queue pair is made of. Chapter 34.
import { makeQpCore, type QpCore, type QpCoreConfig } from '../qp/qp-core.ts';
import { makeSender, type Sender } from '../qp/unacknowledged.ts';
import type { Path } from '../wire/path.ts';

export type UdQp = QpCore & {
  readonly type: 'UD';
  readonly sender: Sender;
  /** Paths to where it has sent, by destination and flow label: derived, never dumped. */
  readonly paths: Map<string, Path>;
};

// Field by field, as `makeRcQp`.
export const makeUdQp = (config: QpCoreConfig): UdQp => {
  const core = makeQpCore('UD', config);
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
    paths: new Map(),
  };
};
