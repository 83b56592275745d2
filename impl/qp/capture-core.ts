// Owns what all QPs have as plain data. Chapter 60.
import type { QpAttributes } from './attributes.ts';
import type { Instant } from './instant.ts';
import type { MigrationState } from './migration-state.ts';
import type { Draining, QpCore } from './qp-core.ts';
import { fillRecvWqe, makeRecvWqe, type RecvWqeData, recvWqeData } from './receive-queue.ts';
import type { SendWqe } from './send-queue.ts';
import { fillSgeList, sgeListData } from './sge-list.ts';
import type { QpState } from './state.ts';
import type { Sge } from './work-request.ts';

/** A send WQE as plain data. */
export type SendWqeData = Readonly<Omit<SendWqe, 'sges'>> & { readonly sgList: readonly Sge[] };

export type CoreData = {
  readonly state: QpState;
  readonly migration: { readonly phase: MigrationState['phase']; readonly peerPaused: boolean };
  readonly attributes: QpAttributes;
  readonly draining: Draining;
  readonly established: boolean;
  /** Indexes grow for ever; `wqes` are those in [tail, head). */
  readonly sq: {
    readonly head: number;
    readonly begun: number;
    readonly tail: number;
    readonly wqes: readonly SendWqeData[];
  };
  readonly rq: readonly RecvWqeData[];
  /** The receive whose message is arriving. */
  readonly held: RecvWqeData | null;
};

// Field by field, both ways: copies of objects of this size by spreading them cost as much as all the rest of a dump.

const sendWqeData = (wqe: SendWqe): SendWqeData => ({
  wrId: wqe.wrId,
  opcode: wqe.opcode,
  signaled: wqe.signaled,
  fence: wqe.fence,
  solicited: wqe.solicited,
  sgList: sgeListData(wqe.sges),
  inline: wqe.inline?.slice(),
  length: wqe.length,
  imm: wqe.imm,
  remoteAddr: wqe.remoteAddr,
  rkey: wqe.rkey,
  compareAdd: wqe.compareAdd,
  swap: wqe.swap,
  invalidateRkey: wqe.invalidateRkey,
  placement: wqe.placement,
  selectivity: wqe.selectivity,
  mw: wqe.mw,
  bind: wqe.bind,
  ah: wqe.ah,
  remoteQpn: wqe.remoteQpn,
  remoteQkey: wqe.remoteQkey,
  firstPsn: wqe.firstPsn,
  psnCount: wqe.psnCount,
  failure: wqe.failure,
});

const rebuildSendWqe = (wqe: SendWqe, data: SendWqeData): void => {
  wqe.wrId = data.wrId;
  wqe.opcode = data.opcode;
  wqe.signaled = data.signaled;
  wqe.fence = data.fence;
  wqe.solicited = data.solicited;
  fillSgeList(wqe.sges, data.sgList);
  wqe.inline = data.inline?.slice();
  wqe.length = data.length;
  wqe.imm = data.imm;
  wqe.remoteAddr = data.remoteAddr;
  wqe.rkey = data.rkey;
  wqe.compareAdd = data.compareAdd;
  wqe.swap = data.swap;
  wqe.invalidateRkey = data.invalidateRkey;
  wqe.placement = data.placement;
  wqe.selectivity = data.selectivity;
  wqe.mw = data.mw;
  wqe.bind = data.bind;
  wqe.ah = data.ah;
  wqe.remoteQpn = data.remoteQpn;
  wqe.remoteQkey = data.remoteQkey;
  wqe.firstPsn = data.firstPsn;
  wqe.psnCount = data.psnCount;
  wqe.failure = data.failure;
};

export const captureCore = (qp: QpCore): CoreData => {
  const { sq, migration } = qp;
  const wqes: SendWqeData[] = [];
  for (let i = sq.tail; i < sq.head; i++) wqes.push(sendWqeData(sq.at(i)));
  return {
    state: qp.state,
    migration: {
      phase: migration.phase,
      peerPaused: migration.phase === 'PAUSED' || (migration.phase === 'STOPPED' && migration.peerPaused),
    },
    attributes: { ...qp.attributes },
    draining: qp.draining,
    established: qp.established,
    sq: { head: sq.head, begun: sq.begun, tail: sq.tail, wqes },
    rq: qp.rq.list(),
    held: qp.held === undefined ? null : recvWqeData(qp.held),
  };
};

/** Makes a fresh QP what `data` says, stopped at `now`. */
export const rebuildCore = (qp: QpCore, data: CoreData, now: Instant): void => {
  const { sq, rq } = qp;
  qp.state = data.state;
  qp.migration = { phase: 'STOPPED', peerPaused: data.migration.peerPaused, since: now };
  qp.attributes = { ...data.attributes };
  qp.draining = data.draining;
  qp.established = data.established;
  sq.tail = data.sq.tail;
  sq.head = data.sq.tail;
  for (const wqe of data.sq.wqes) {
    rebuildSendWqe(sq.free(), wqe);
    sq.head++;
  }
  sq.begun = data.sq.begun;
  for (const wqe of data.rq) rq.post(wqe);
  if (data.held === null) return;
  qp.held = qp.spare;
  fillRecvWqe(qp.held, data.held);
  qp.spare = makeRecvWqe();
};
