// Chapter 40: objects that have been destroyed.
import { expect, test } from 'vitest';
import {
  ackCqEvents,
  allocMw,
  allocPd,
  bindMw,
  createAh,
  createCompChannel,
  createCq,
  createQp,
  createSrq,
  deallocMw,
  deallocPd,
  deregMr,
  destroyAh,
  destroyCompChannel,
  destroyCq,
  destroyQp,
  destroySrq,
  modifyQp,
  modifySrq,
  pollCq,
  postRecv,
  postSend,
  postSrqRecv,
  queryQp,
  querySrq,
  type Result,
  regMr,
  reqNotifyCq,
  resizeCq,
  unwrap,
} from '../../impl/index.ts';
import { FIRST, Lone, PEER } from './lone.ts';

/** One of everything, alive. */
const furnished = () => {
  const lone = new Lone();
  const { context } = lone;
  const pd = unwrap(allocPd(context));
  const channel = unwrap(createCompChannel(context));
  const cq = unwrap(createCq(context, { cqe: 4, channel }));
  const srq = unwrap(createSrq(lone.pd, { maxWr: 4, maxSge: 1 }));
  const qp = unwrap(createQp(pd, { qpType: 'RC', sendCq: cq, recvCq: cq, cap: { maxSendWr: 1, maxRecvWr: 1 } }));
  qp.engine.state = 'RTS';
  const mr = unwrap(regMr(pd, new Uint8Array(8), 1));
  const [mw, two] = [unwrap(allocMw(pd, 1)), unwrap(allocMw(pd, 2))];
  const ah = unwrap(createAh(pd, { dgid: PEER }));
  return { lone, context, pd, channel, cq, srq, qp, mr, mw, two, ah };
};
type Furniture = ReturnType<typeof furnished>;

/** Destroys them all, users first. */
const destroy = ({ qp, srq, cq, channel, mw, two, mr, ah, pd }: Furniture): readonly Result<void>[] => [
  destroyQp(qp),
  destroySrq(srq),
  destroyCq(cq),
  destroyCompChannel(channel),
  deallocMw(mw),
  deallocMw(two),
  deregMr(mr),
  destroyAh(ah),
  deallocPd(pd),
];

const errno = (result: Result<unknown>): string => (result.ok ? 'ok' : result.error.errno);

test('VRB-11: nothing is destroyed twice', () => {
  const all = furnished();
  expect(destroy(all).map(errno)).toEqual(Array.from({ length: 9 }, () => 'ok'));
  expect(destroy(all).map(errno)).toEqual(Array.from({ length: 9 }, () => 'EINVAL'));
});

test('VRB-11: a window that is gone takes no other with it', () => {
  const { pd, mw, context } = furnished();
  unwrap(deallocMw(mw));
  const heir = unwrap(allocMw(pd, 1, { key: mw.rkey, handle: 99 }));
  expect(errno(deallocMw(mw))).toBe('EINVAL');
  expect(context.device.keys.find(mw.rkey)).toBe(heir.window);
});

const CALLS: Readonly<Record<string, (all: Furniture) => Result<unknown>>> = {
  postSend: ({ qp }) => postSend(qp, { wrId: 1, opcode: 'SEND' }),
  postRecv: ({ qp }) => postRecv(qp, { wrId: 1 }),
  modifyQp: ({ qp }) => modifyQp(qp, { qpState: 'RESET' }),
  queryQp: ({ qp }) => queryQp(qp),
  querySrq: ({ srq }) => querySrq(srq),
  ackCqEvents: ({ cq }) => ackCqEvents(cq, 0),
  postSrqRecv: ({ srq }) => postSrqRecv(srq, { wrId: 1 }),
  modifySrq: ({ srq }) => modifySrq(srq, { srqLimit: 1 }),
  resizeCq: ({ cq }) => resizeCq(cq, 9),
  reqNotifyCq: ({ cq }) => reqNotifyCq(cq),
  'createCq with a channel': ({ context, channel }) => createCq(context, { cqe: 1, channel }),
  createQp: ({ pd, lone: { cq } }) => createQp(pd, { qpType: 'RC', sendCq: cq, recvCq: cq, cap: {} }),
  'createQp with a send CQ': ({ cq, lone }) =>
    createQp(lone.pd, { qpType: 'RC', sendCq: cq, recvCq: lone.cq, cap: {} }),
  'createQp with a receive CQ': ({ cq, lone }) =>
    createQp(lone.pd, { qpType: 'RC', sendCq: lone.cq, recvCq: cq, cap: {} }),
  'createQp with an SRQ': ({ srq, lone: { pd, cq } }) =>
    createQp(pd, { qpType: 'RC', sendCq: cq, recvCq: cq, srq, cap: {} }),
  createSrq: ({ pd }) => createSrq(pd, { maxWr: 1, maxSge: 1 }),
  createAh: ({ pd }) => createAh(pd, { dgid: PEER }),
  regMr: ({ pd }) => regMr(pd, new Uint8Array(1), 0),
  allocMw: ({ pd }) => allocMw(pd, 1),
  bindMw: ({ mw, lone }) => bindMw(lone.qp, mw, { wrId: 1, bind: { addr: 0, length: 0, access: 0 } }),
  'postSend of BIND_MW': ({ two, lone }) =>
    postSend(lone.qp, { wrId: 1, opcode: 'BIND_MW', mw: two, rkey: 1, bind: { addr: 0, length: 0, access: 0 } }),
};

test.each(Object.entries(CALLS))('VRB-11: %s on what is gone is refused', (_, call) => {
  expect(errno(call(furnished()))).toBe('ok');
  const all = furnished();
  for (const result of destroy(all)) unwrap(result);
  const { context } = all;
  const count = (): number[] =>
    [context.qps, context.cqs, context.srqs, context.mrs, context.mws, context.ahs].map(({ size }) => size);
  const before = count();
  expect(errno(call(all))).toBe('EINVAL');
  expect(count()).toEqual(before);
});

test('VRB-11: a CQ that is gone gives nothing', () => {
  const { cq, qp } = furnished();
  cq.queue.restore([{ ...NOTHING, wrId: 7 }], 'NONE', false);
  unwrap(destroyQp(qp));
  unwrap(destroyCq(cq));
  expect(pollCq(cq)).toEqual([]);
});

test('VRB-11, VRB-47: a UD send to an address handle that is gone, or of another protection domain, is refused', () => {
  const lone = new Lone({ qpType: 'UD' });
  const post = (ah: Furniture['ah']): string =>
    errno(postSend(lone.qp, { wrId: 1, opcode: 'SEND', ud: { ah, remoteQpn: 1, remoteQkey: 1 } }));
  const [ah, foreign] = [lone.pd, unwrap(allocPd(lone.context))].map((pd) => unwrap(createAh(pd, { dgid: PEER })));
  if (ah === undefined || foreign === undefined) throw new Error('two address handles were made');
  expect([post(ah), post(foreign)]).toEqual(['ok', 'EINVAL']);
  unwrap(destroyAh(ah));
  expect(post(ah)).toBe('EINVAL');
});

test('VRB-12: events about what is gone are not heard of, others are', () => {
  const { context, qp, cq, srq, lone } = furnished();
  context.raise({ type: 'QP_FATAL', qpNum: qp.qpNum });
  context.raise({ type: 'QP_FATAL', qpNum: lone.qp.qpNum });
  context.raise({ type: 'CQ_ERR', cq: cq.handle });
  context.raise({ type: 'CQ_ERR', cq: lone.cq.handle });
  context.raise({ type: 'SRQ_LIMIT_REACHED', srq: srq.handle });
  unwrap(destroyQp(qp));
  unwrap(destroyCq(cq));
  unwrap(destroySrq(srq));
  expect(context.asyncEvents).toEqual([
    { type: 'QP_FATAL', qpNum: lone.qp.qpNum },
    { type: 'CQ_ERR', cq: lone.cq.handle },
  ]);
});

test('VRB-11: a QP that was destroyed with work under way neither sends nor completes', () => {
  const lone = new Lone();
  lone.recv(1);
  expect(lone.send({ wrId: 2, opcode: 'SEND' })).toEqual([`SEND_ONLY ${FIRST}`]);
  unwrap(destroyQp(lone.qp));
  expect(lone.exchange('RC_SEND_ONLY', FIRST, { ackReq: true })).toEqual([]);
  expect(lone.exchange('RC_ACKNOWLEDGE', FIRST)).toEqual([]);
  expect(lone.pass(1e12)).toEqual([]);
  expect([lone.done(), lone.nic.counters.drops.UNKNOWN_QPN]).toEqual([[], 2]);
});

const NOTHING = {
  status: 'SUCCESS',
  opcode: 'RECV',
  byteLen: 0,
  qpNum: 1,
  imm: undefined,
  invalidatedRkey: undefined,
  srcQp: 0,
  grh: false,
} as const;
