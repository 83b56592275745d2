// Owns the stage of the device suite: two devices of either kind, two ends, and the passing of time.
import {
  ACCESS,
  allocPd,
  type CompChannel,
  type Context,
  type Cq,
  createCompChannel,
  createCq,
  createQp,
  type Device,
  type IpAddress,
  ip,
  type Mr,
  modifyQp,
  openUdpDevice,
  type Pd,
  pollCq,
  type Qp,
  type QpType,
  regMr,
  type Sge,
  SimNetwork,
  type Srq,
  unwrap,
  type WorkCompletion,
} from '../../impl/index.ts';

export type Stage = {
  readonly devices: readonly [Device, Device];
  readonly addresses: readonly [IpAddress, IpAddress];
  readonly close: () => Promise<void>;
};

const stageOf = ([a, b]: readonly [Device, Device], addresses: Stage['addresses']): Stage => ({
  devices: [a, b],
  addresses,
  close: async () => {
    await Promise.all([a.close(), b.close()]);
  },
});

const simulated = async (): Promise<Stage> => {
  const network = new SimNetwork();
  const addresses = [ip('10.0.0.1'), ip('10.0.0.2')] as const;
  const [a, b] = addresses.map((address) => network.openDevice({ addresses: [address] }));
  if (a === undefined || b === undefined) throw new Error('two devices were opened');
  return stageOf([a, b], addresses);
};

/** A network of this process's own: several files of tests run side by side. */
const NETWORK = `127.${220 + (process.pid & 31)}.${(process.pid >> 5) & 255}`;

const overUdp = async (): Promise<Stage> => {
  const addresses = [ip(`${NETWORK}.1`), ip(`${NETWORK}.2`)] as const;
  const [a, b] = addresses.map((address) => openUdpDevice({ address }));
  if (a === undefined || b === undefined) throw new Error('two devices were opened');
  return stageOf([await a, await b], addresses);
};

/** The two kinds of device, by the words that a title goes on with. */
export const KINDS = [
  ['in a simulated network', simulated],
  ['on UDP', overUdp],
] as const;

const MEMORY = 1 << 16;

/** One end: a context with everything a test may want. */
export type End = {
  readonly context: Context;
  readonly pd: Pd;
  readonly channel: CompChannel;
  readonly cq: Cq;
  readonly bytes: Uint8Array;
  readonly mr: Mr;
  readonly qp: Qp;
  /** A scatter/gather list of one piece of the memory. */
  readonly piece: (offset: number, length: number) => readonly Sge[];
  /** That place as the peer names it. */
  readonly place: (offset: number) => { readonly remoteAddr: number; readonly rkey: number };
};

const makeEnd = (device: Device, qpType: QpType, srqOf?: (pd: Pd) => Srq): End => {
  const context = device.open();
  const pd = unwrap(allocPd(context));
  const channel = unwrap(createCompChannel(context));
  const cq = unwrap(createCq(context, { cqe: 64, channel }));
  const bytes = new Uint8Array(MEMORY);
  const access = ACCESS.LOCAL_WRITE | ACCESS.REMOTE_READ | ACCESS.REMOTE_WRITE | ACCESS.REMOTE_ATOMIC | ACCESS.MW_BIND;
  const mr = unwrap(regMr(pd, bytes, access | ACCESS.FLUSH_GLOBAL | ACCESS.FLUSH_PERSISTENT));
  const cap = { maxSendWr: 32, maxRecvWr: 32, maxSendSge: 4, maxRecvSge: 4, maxInlineData: 64 };
  const srq = srqOf?.(pd);
  const qp = unwrap(createQp(pd, { qpType, sendCq: cq, recvCq: cq, cap, ...(srq === undefined ? {} : { srq }) }));
  const piece = (offset: number, length: number) => [{ addr: mr.addr + offset, length, lkey: mr.lkey }];
  const place = (offset: number) => ({ remoteAddr: mr.addr + offset, rkey: mr.rkey });
  return { context, pd, channel, cq, bytes, mr, qp, piece, place };
};

export const QKEY = 0x1234;
const PSN = 0xfffffe;

/** Access of a connected QP: everything. */
const QP_ACCESS =
  ACCESS.REMOTE_READ | ACCESS.REMOTE_WRITE | ACCESS.REMOTE_ATOMIC | ACCESS.FLUSH_GLOBAL | ACCESS.FLUSH_PERSISTENT;

/** To RTS, PSNs just before the wrap. */
const connectEnd = ({ qp }: End, peer: End, dgid: IpAddress): void => {
  const [connected, reliable] = [qp.qpType !== 'UD', qp.qpType === 'RC'];
  const rights = connected ? { qpAccessFlags: QP_ACCESS } : { qkey: QKEY };
  unwrap(modifyQp(qp, { qpState: 'INIT', pkeyIndex: 0, portNum: 1, ...rights }));
  const to = { ahAttr: { dgid }, pathMtu: 1024, destQpNum: peer.qp.qpNum, rqPsn: PSN } as const;
  const responder = { maxDestRdAtomic: 4, minRnrTimer: 1 };
  unwrap(modifyQp(qp, { qpState: 'RTR', ...(connected ? to : {}), ...(reliable ? responder : {}) }));
  const requester = { timeout: 17, retryCnt: 7, rnrRetry: 7, maxRdAtomic: 4 };
  unwrap(modifyQp(qp, { qpState: 'RTS', sqPsn: PSN, ...(reliable ? requester : {}) }));
};

/** Two ends, ready to send; `srqOf` gives the second one a shared receive queue. */
export const connected = ({ devices, addresses }: Stage, qpType: QpType, srqOf?: (pd: Pd) => Srq): [End, End] => {
  const [a, b] = [makeEnd(devices[0], qpType), makeEnd(devices[1], qpType, srqOf)];
  connectEnd(a, b, addresses[1]);
  connectEnd(b, a, addresses[0]);
  return [a, b];
};

/** Lets time pass until something is so. */
export const until = async (done: () => boolean): Promise<void> => {
  while (!done()) await new Promise((resolve) => setImmediate(resolve));
};

/** The next completions of an end, so many. */
export const completionsOf = async ({ cq }: End, count: number): Promise<readonly WorkCompletion[]> => {
  const wcs: WorkCompletion[] = [];
  await until(() => {
    wcs.push(...pollCq(cq, count - wcs.length));
    return wcs.length === count;
  });
  return wcs;
};

/** Bytes that differ from place to place. */
export const pattern = (length: number, seed = 1): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => i * 7 + (i >> 8) * 13 + seed);
