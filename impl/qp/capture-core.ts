// Owns what all QPs have as plain data. Chapter 60.
import { psn } from '../wire/psn.ts';
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

const sendWqeData = ({ sges, inline, ...rest }: SendWqe): SendWqeData => ({
  ...rest,
  inline: inline?.slice(),
  sgList: sgeListData(sges),
});

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
  sq.head = data.sq.head;
  sq.begun = data.sq.begun;
  sq.tail = data.sq.tail;
  data.sq.wqes.forEach(({ sgList, ...rest }, i) => {
    const wqe = sq.at(sq.tail + i);
    Object.assign(wqe, rest, { firstPsn: psn(rest.firstPsn), inline: rest.inline?.slice() });
    fillSgeList(wqe.sges, sgList);
  });
  for (const wqe of data.rq) rq.post(wqe);
  if (data.held === null) return;
  qp.held = qp.spare;
  fillRecvWqe(qp.held, data.held);
  qp.spare = makeRecvWqe();
};
