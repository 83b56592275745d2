// Two devices in a simulated world, one QP at each, connected: the stage of most chapter tests.
import {
  ACCESS,
  allocPd,
  type Context,
  type Cq,
  createCq,
  createQp,
  ip,
  type Mr,
  type Mtu,
  modifyQp,
  type Pd,
  pollCq,
  postRecv,
  postSend,
  type Qp,
  type QpAttr,
  type QpInit,
  type QpType,
  regMr,
  type SendWr,
  unwrap,
  type WorkCompletion,
} from '../../impl/index.ts';
import type { FaultSchedule } from '../../impl/sim/faults.ts';
import { type Observer, World } from '../../impl/sim/world.ts';

/** What an end has. */
export type End = {
  readonly index: number;
  readonly context: Context;
  readonly pd: Pd;
  readonly sendCq: Cq;
  readonly recvCq: Cq;
  readonly qp: Qp;
  readonly mr: Mr;
  /** The memory of `mr`. */
  readonly bytes: Uint8Array;
};

export type Pair = { readonly world: World; readonly a: End; readonly b: End };

export type PairConfig = {
  readonly mode?: 'timed' | 'scripted';
  readonly qpType?: QpType;
  readonly mtu?: Mtu;
  readonly sqPsn?: number;
  readonly faults?: FaultSchedule;
  readonly observer?: Observer;
  readonly window?: number;
  readonly memory?: number;
  /** Added to the attributes of both modifies of each end. */
  readonly rtr?: QpAttr;
  readonly rts?: QpAttr;
  readonly access?: number;
  readonly qpAccess?: number;
  readonly init?: Partial<Omit<QpInit, 'qpType' | 'sendCq' | 'recvCq'>>;
  readonly cqe?: number;
};

export const ALL_REMOTE = ACCESS.LOCAL_WRITE | ACCESS.REMOTE_READ | ACCESS.REMOTE_WRITE | ACCESS.REMOTE_ATOMIC;
export const ADDRESSES = [ip('10.0.0.1'), ip('10.0.0.2')] as const;

const makeEnd = (world: World, index: number, config: PairConfig): End => {
  const context = world.nic(index).open();
  const pd = unwrap(allocPd(context));
  const sendCq = unwrap(createCq(context, { cqe: config.cqe ?? 256 }));
  const recvCq = unwrap(createCq(context, { cqe: config.cqe ?? 256 }));
  const bytes = new Uint8Array(config.memory ?? 65536);
  const mr = unwrap(regMr(pd, bytes, config.access ?? ALL_REMOTE));
  const qp = unwrap(
    createQp(pd, {
      qpType: config.qpType ?? 'RC',
      sendCq,
      recvCq,
      cap: { maxSendWr: 128, maxRecvWr: 128, maxSendSge: 32, maxRecvSge: 32, maxInlineData: 256 },
      ...config.init,
    }),
  );
  return { index, context, pd, sendCq, recvCq, qp, mr, bytes };
};

export const INIT_ATTR = { qpState: 'INIT', pkeyIndex: 0, portNum: 1 } as const;

/** Attributes to RTR towards a peer. */
export const rtrAttr = (peer: Qp, dgid: (typeof ADDRESSES)[number], mtu: Mtu, rqPsn: number): QpAttr => ({
  qpState: 'RTR',
  ahAttr: { dgid },
  pathMtu: mtu,
  destQpNum: peer.qpNum,
  rqPsn,
  maxDestRdAtomic: 4,
  minRnrTimer: 12,
});

export const rtsAttr = (sqPsn: number): QpAttr => ({
  qpState: 'RTS',
  timeout: 10,
  retryCnt: 7,
  rnrRetry: 7,
  sqPsn,
  maxRdAtomic: 4,
});

/** Walks one end to RTS. */
export const connect = (end: End, peer: End, config: PairConfig = {}): void => {
  const { mtu = 1024, sqPsn = 0, qpAccess = ALL_REMOTE } = config;
  unwrap(modifyQp(end.qp, { ...INIT_ATTR, qpAccessFlags: qpAccess }));
  const dgid = ADDRESSES[peer.index === 0 ? 0 : 1];
  unwrap(modifyQp(end.qp, { ...rtrAttr(peer.qp, dgid, mtu, sqPsn), ...config.rtr }));
  unwrap(modifyQp(end.qp, { ...rtsAttr(sqPsn), ...config.rts }));
};

/** Two ends, created and not connected. */
export const unconnectedPair = (config: PairConfig = {}): Pair => {
  const { window } = config;
  const world = new World({
    mode: config.mode ?? 'timed',
    nics: ADDRESSES.map((address) => ({ addresses: [address], ...(window === undefined ? {} : { window }) })),
    ...(config.faults === undefined ? {} : { faults: config.faults }),
    ...(config.observer === undefined ? {} : { observer: config.observer }),
  });
  return { world, a: makeEnd(world, 0, config), b: makeEnd(world, 1, config) };
};

/** Two ends in RTS. */
export const rcPair = (config: PairConfig = {}): Pair => {
  const pair = unconnectedPair(config);
  connect(pair.a, pair.b, config);
  connect(pair.b, pair.a, config);
  return pair;
};

/** A scatter/gather list of one piece of an end's memory. */
export const piece = (end: End, offset: number, length: number): { addr: number; length: number; lkey: number } => ({
  addr: end.mr.addr + offset,
  length,
  lkey: end.mr.lkey,
});

export const send = (end: End, wr: SendWr): void => unwrap(postSend(end.qp, { signaled: true, ...wr }));
export const recv = (end: End, wrId: number, offset = 0, length = 4096): void =>
  unwrap(postRecv(end.qp, { wrId, sgList: [piece(end, offset, length)] }));

/** Polls both queues of an end. */
export const completions = (end: End): { readonly sent: WorkCompletion[]; readonly received: WorkCompletion[] } => ({
  sent: pollCq(end.sendCq, 1000),
  received: pollCq(end.recvCq, 1000),
});

/** Fills memory with bytes that tell their place. */
export const pattern = (length: number, salt = 0): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 7 + salt) & 0xff);

/** Runs until nothing is left to happen. */
export const settle = ({ world }: Pair): void => {
  world.run(() => false, world.now + 60_000_000_000);
};

export const statuses = (wcs: readonly WorkCompletion[]): string[] =>
  wcs.map(({ wrId, status }) => `${wrId} ${status}`);
