// A context with something of everything in it, caught in the middle of its work: what image tests dump.
import {
  ACCESS,
  allocMw,
  allocPd,
  bindMw,
  type Context,
  createAh,
  createCompChannel,
  createCq,
  createQp,
  createSrq,
  ip,
  Nic,
  type NicConfig,
  postSrqRecv,
  regMr,
  reqNotifyCq,
  unwrap,
  type WorkCompletion,
} from '../../impl/index.ts';
import { dump } from '../../impl/migration/dump.ts';
import type { Image } from '../../impl/migration/image.ts';
import { readImage, writeImage } from '../../impl/migration/image-file.ts';
import { stopContext } from '../../impl/verbs/migrate-qp.ts';
import { ADDRESSES, type Pair, piece, rcPair, recv, send } from './pair.ts';

/** A device that nothing listens to. */
export const bareNic = (config: Partial<NicConfig> = {}): Nic =>
  new Nic({ addresses: [ip('10.0.0.9')], ...config }, { transmit: () => {}, wakeAt: () => {} });

const FAILED: WorkCompletion = {
  wrId: 77,
  status: 'RETRY_EXC_ERR',
  opcode: 'SEND',
  byteLen: 0,
  qpNum: 5,
  imm: undefined,
  invalidatedRkey: undefined,
  srcQp: 0,
  grh: false,
};

/** Gives a context objects of every kind, in states that are not the first ones. */
const furnish = (context: Context, { a }: Pair): void => {
  const pd = unwrap(allocPd(context));
  const channel = unwrap(createCompChannel(context));
  const cq = unwrap(createCq(context, { cqe: 10, channel }));
  unwrap(reqNotifyCq(cq, true));
  cq.queue.push(FAILED, true);
  const taken = unwrap(createCq(context, { cqe: 3, channel }));
  unwrap(reqNotifyCq(taken));
  taken.queue.push({ ...FAILED, wrId: 78 }, false);
  channel.getCqEvent(); // that of `cq`: taken from the channel, and not acknowledged
  const srq = unwrap(createSrq(pd, { maxWr: 6, maxSge: 2, srqLimit: 2 }));
  unwrap(postSrqRecv(srq, { wrId: 4, sgList: [piece(a, 0, 10), piece(a, 20, 5)] }));
  unwrap(postSrqRecv(srq, { wrId: 5 }));
  unwrap(createQp(pd, { qpType: 'RC', sendCq: cq, recvCq: cq, srq, cap: { maxSendWr: 3 }, sqSigAll: true }));
  unwrap(allocMw(pd, 2));
  unwrap(createAh(pd, { dgid: ADDRESSES[1], flowLabel: 12 }));
  context.raise({ type: 'COMM_EST', qpNum: a.qp.qpNum });
  context.raise({ type: 'CQ_ERR', cq: cq.handle });
};

/** Two windows bound by way of `a`'s queue: one before all other work, one behind it. */
const bindWindows = ({ a, world }: Pair): (() => void) => {
  const mr = unwrap(regMr(a.pd, new Uint8Array(100).fill(9), ACCESS.LOCAL_WRITE | ACCESS.MW_BIND));
  const bind = { mr, addr: mr.addr + 8, length: 16, access: ACCESS.REMOTE_WRITE };
  const [first, second] = [unwrap(allocMw(a.pd, 1)), unwrap(allocMw(a.pd, 1))];
  unwrap(bindMw(a.qp, first, { wrId: 20, bind }));
  world.nic(a.index).tick(world.now);
  return () => unwrap(bindMw(a.qp, second, { wrId: 21, bind }));
};

/** A pair whose end `a` is stopped with sends, receives, READs and completions in every stage. */
export const busyPair = (steps = 40): Pair => {
  const pair = rcPair({ sqPsn: 0xfffff0, mtu: 256, faults: [{ nic: 0, packet: 3, kind: 'drop' }] });
  const { a, b, world } = pair;
  const bindAgain = bindWindows(pair);
  for (let i = 0; i < 10; i++) {
    recv(a, 100 + i, 4096 * i, 2000);
    recv(b, 200 + i, 4096 * i, 2000);
  }
  for (let i = 0; i < 6; i++) {
    send(a, { wrId: i, opcode: 'SEND_WITH_IMM', imm: i, sgList: [piece(a, 100 * i, 300 * i)] });
    send(b, { wrId: i, opcode: 'SEND', sgList: [piece(b, 0, 1500)] });
  }
  send(a, { wrId: 10, opcode: 'SEND', inline: true, sgList: [piece(a, 0, 20)] });
  send(a, { wrId: 11, opcode: 'RDMA_READ', sgList: [piece(a, 0, 900)], remoteAddr: b.mr.addr, rkey: b.mr.rkey });
  send(b, { wrId: 12, opcode: 'RDMA_READ', sgList: [piece(b, 0, 900)], remoteAddr: a.mr.addr, rkey: a.mr.rkey });
  send(b, { wrId: 13, opcode: 'RDMA_WRITE', sgList: [piece(b, 0, 2000)], remoteAddr: a.mr.addr, rkey: a.mr.rkey });
  let happened = 0;
  world.run(() => happened++ === steps);
  bindAgain();
  furnish(a.context, pair);
  return pair;
};

/** The image of a context, stopped here if it is not yet. */
export const imageOf = (context: Context, blob?: Uint8Array): Image => {
  stopContext(context, 1_000_000);
  return unwrap(dump(context, blob));
};

/** The file of an image as one piece. */
export const fileOf = (image: Image): Buffer => Buffer.concat(writeImage(image));

/** Reads a file that is known to be right. */
export const read = (file: Uint8Array): Image => {
  const image = readImage(file);
  if (!image.ok) throw new Error(`${image.error.rule} at ${image.error.place}: ${image.error.message}`);
  return image.value;
};
