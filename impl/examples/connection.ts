// Owns what every example does first: memory, a completion queue, and RC queue pairs connected to other ranks.
import {
  ACCESS,
  allocPd,
  type Cq,
  completions,
  createCompChannel,
  createCq,
  createQp,
  type IpAddress,
  type Mr,
  type Mtu,
  modifyQp,
  type Pd,
  pollCq,
  type Qp,
  regMr,
  unwrap,
  type WorkCompletion,
} from '../index.ts';
import { type Rank, RunFailed } from './ranks.ts';

/** What a peer has to know of a queue pair and of the memory behind it. */
export type Endpoint = {
  readonly qpn: number;
  /** First PSN that it sends, 24 bits. */
  readonly psn: number;
  readonly addr: number;
  readonly rkey: number;
};

/** The objects of one rank: one protection domain, one piece of memory, one CQ for all its queue pairs. */
export type Resources = {
  readonly rank: Rank;
  readonly pd: Pd;
  readonly cq: Cq;
  readonly mr: Mr;
  readonly bytes: Uint8Array;
  /** The completions of the CQ, for those who wait. */
  readonly arrivals: AsyncIterator<WorkCompletion>;
};

/** `depth`: work requests of all queue pairs under way at once. */
export const allocate = (rank: Rank, memory: number, depth: number): Resources => {
  const context = rank.device.open();
  const pd = unwrap(allocPd(context));
  const channel = unwrap(createCompChannel(context));
  const cq = unwrap(createCq(context, { cqe: 2 * depth, channel }));
  const bytes = new Uint8Array(memory);
  const access = ACCESS.LOCAL_WRITE | ACCESS.REMOTE_WRITE | ACCESS.REMOTE_READ | ACCESS.REMOTE_ATOMIC;
  return { rank, pd, cq, bytes, mr: unwrap(regMr(pd, bytes, access)), arrivals: completions(cq) };
};

/** A queue pair in INIT: it takes receives already, and its numbers can be given away. */
export const createQueuePair = ({ pd, cq }: Resources, depth: number, maxSendSge = 1): Qp => {
  const cap = { maxSendWr: depth, maxRecvWr: depth, maxSendSge };
  const qp = unwrap(createQp(pd, { qpType: 'RC', sendCq: cq, recvCq: cq, cap }));
  const qpAccessFlags = ACCESS.REMOTE_WRITE | ACCESS.REMOTE_READ | ACCESS.REMOTE_ATOMIC;
  unwrap(modifyQp(qp, { qpState: 'INIT', pkeyIndex: 0, portNum: 1, qpAccessFlags }));
  return qp;
};

/** What to give the peer. The PSN may be any; this one differs from queue pair to queue pair. */
export const endpointOf = ({ rank, mr }: Resources, qp: Qp): Endpoint => ({
  qpn: qp.qpNum,
  psn: (qp.qpNum * 7919 + rank.index * 104_729) & 0xffffff,
  addr: mr.addr,
  rkey: mr.rkey,
});

/** To RTR and RTS: towards `peer` at `dgid`. */
export const connect = (qp: Qp, own: Endpoint, peer: Endpoint, dgid: IpAddress, pathMtu: Mtu = 4096): void => {
  const to = { ahAttr: { dgid }, pathMtu, destQpNum: peer.qpn, rqPsn: peer.psn } as const;
  unwrap(modifyQp(qp, { qpState: 'RTR', ...to, maxDestRdAtomic: 16, minRnrTimer: 1 }));
  unwrap(modifyQp(qp, { qpState: 'RTS', timeout: 16, retryCnt: 7, rnrRetry: 7, sqPsn: own.psn, maxRdAtomic: 16 }));
};

/** Polls of an empty CQ after which the processor is left to others until a completion comes. */
const SPINS = 200;

/** At least one completion, at most `max`: polls for a short while, then waits. Throws unless all are SUCCESS. */
export const poll = async ({ cq, rank, arrivals }: Resources, max = 64): Promise<readonly WorkCompletion[]> => {
  for (let spins = 0; spins < SPINS; spins++) {
    const wcs = pollCq(cq, max);
    if (wcs.length > 0) return wcs.map(checked);
    rank.device.progress();
  }
  return wait({ arrivals });
};

/** One completion, without polling: the event loop wakes the program. Throws unless it is SUCCESS. */
export const wait = async ({ arrivals }: Pick<Resources, 'arrivals'>): Promise<readonly WorkCompletion[]> => {
  const next = await arrivals.next();
  if (next.done === true) throw new RunFailed('the device is closed');
  return [checked(next.value)];
};

const checked = (wc: WorkCompletion): WorkCompletion => {
  if (wc.status !== 'SUCCESS') throw new RunFailed(`work request ${wc.wrId} of QP ${wc.qpNum}: ${wc.status}`);
  return wc;
};
