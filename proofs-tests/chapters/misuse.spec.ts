// Chapter 40: calls with what they do not take. Nothing is changed, and the mistake shows where it is made.
import { describe, expect, test } from 'vitest';
import {
  ACCESS,
  ackCqEvents,
  allocMw,
  allocPd,
  bindMw,
  type Context,
  createAh,
  createCompChannel,
  createCq,
  createQp,
  createSrq,
  deregMr,
  modifyQp,
  modifySrq,
  postRecv,
  postSend,
  postSrqRecv,
  queryGid,
  queryPkey,
  queryPort,
  regMr,
  resizeCq,
  unwrap,
} from '../../impl/index.ts';
import { captureQp } from '../../impl/verbs/migrate-qp.ts';
import { Lone, PEER, PEER_QPN, QKEY } from './lone.ts';

/** Two of every object: one RC and one UD QP, and what they are made of. */
const furnished = () => {
  const [lone, ud] = [new Lone(), new Lone({ qpType: 'UD' })];
  const { pd, context } = lone;
  return {
    lone,
    ud,
    ah: unwrap(createAh(ud.pd, { dgid: PEER })),
    channel: unwrap(createCompChannel(context)),
    srq: unwrap(createSrq(pd, { maxWr: 4, maxSge: 1 })),
    mw1: unwrap(allocMw(pd, 1)),
    mw2: unwrap(allocMw(pd, 2)),
  };
};
type Furniture = ReturnType<typeof furnished>;

const countsOf = ({ pds, mrs, mws, cqs, srqs, qps, ahs, channels }: Context): readonly number[] =>
  [pds, mrs, mws, cqs, srqs, qps, ahs, channels].map(({ size }) => size);

/** What a refused call could have changed. */
const stateOf = ({ lone, ud, srq, mw1, mw2 }: Furniture): unknown => [
  [lone, ud].map((each) => [countsOf(each.context), captureQp(each.qp, 0), each.cq.queue.count, each.cq.unacked]),
  [srq.queue.queue.count, srq.queue.queue.capacity, srq.queue.limit, mw1.rkey, mw2.rkey, lone.cq.queue.capacity],
];

/** What no number is that a verb takes. */
const NUMBERS: readonly unknown[] = [Number.NaN, -1, 1.5, Number.POSITIVE_INFINITY, 2 ** 53, '1', {}, [], null];
const WIDE: readonly unknown[] = [...NUMBERS, 2 ** 32];
const OBJECTS: readonly unknown[] = [undefined, null, 1, 'x', {}, []];

/** A call, one of whose arguments is given from a list. Programs without the compiler can make each of these calls. */
type Misuse = readonly [what: string, junk: readonly unknown[], call: (f: Furniture, x: never) => unknown];

const CREATION: readonly Misuse[] = [
  ['regMr: memory', OBJECTS, ({ lone }, x) => regMr(lone.pd, x, 0)],
  ['regMr: access', [...WIDE, ACCESS.MW_BIND * 2], ({ lone }, x) => regMr(lone.pd, new Uint8Array(8), x)],
  ['regMr: address', NUMBERS.slice(0, -1), ({ lone }, x) => regMr(lone.pd, new Uint8Array(8), 0, { addr: x })],
  ['regMr: key', WIDE, ({ lone }, x) => regMr(lone.pd, new Uint8Array(8), 0, { key: x })],
  ['regMr: handle', [...WIDE.slice(0, 8), 0], ({ lone }, x) => regMr(lone.pd, new Uint8Array(8), 0, { handle: x })],
  ['regMr: PD', OBJECTS, (_, x) => regMr(x, new Uint8Array(8), 0)],
  ['allocPd: handle', [...WIDE, 0], ({ lone }, x) => allocPd(lone.context, x)],
  ['allocMw: type', [...WIDE, 0, 3], ({ lone }, x) => allocMw(lone.pd, x)],
  ['createAh: address', [...OBJECTS, '10.0.0.01', '::1'], ({ ud }, x) => createAh(ud.pd, { dgid: x })],
  ['createAh: flow label', [...WIDE, 2 ** 20], ({ ud }, x) => createAh(ud.pd, { dgid: PEER, flowLabel: x })],
  ['createCq: size', [...WIDE, 0], ({ lone }, x) => createCq(lone.context, { cqe: x })],
  ['createCq: channel', OBJECTS.slice(1), ({ lone }, x) => createCq(lone.context, { cqe: 1, channel: x })],
  ['createSrq: size', [...WIDE, 0], ({ lone }, x) => createSrq(lone.pd, { maxWr: x, maxSge: 1 })],
  ['createSrq: pieces', [...WIDE, 33], ({ lone }, x) => createSrq(lone.pd, { maxWr: 1, maxSge: x })],
  ['createQp: type', [...OBJECTS, 'RD'], ({ lone }, x) => qpOf(lone, { qpType: x })],
  ['createQp: sends', WIDE, ({ lone }, x) => qpOf(lone, { cap: { maxSendWr: x } })],
  ['createQp: inline', WIDE, ({ lone }, x) => qpOf(lone, { cap: { maxInlineData: x } })],
  ['createQp: number', [...WIDE, 0, 1, 0xffffff], ({ lone }, x) => qpOf(lone, { qpNum: x })],
  ['createQp: every WR signaled', [1, 'yes', null], ({ lone }, x) => qpOf(lone, { sqSigAll: x })],
  ['createQp: CQ', OBJECTS, ({ lone }, x) => qpOf(lone, { sendCq: x })],
  ['createQp: an SRQ for a CQ', [0], ({ lone, srq }) => qpOf(lone, { recvCq: srq as never })],
  ['createQp: another device’s CQ', [0], ({ lone, ud }) => qpOf(lone, { recvCq: ud.cq })],
  ['createQp: SRQ', OBJECTS.slice(1), ({ lone }, x) => qpOf(lone, { srq: x })],
];

const qpOf = ({ pd, cq }: Lone, init: Partial<Parameters<typeof createQp>[1]>) =>
  createQp(pd, { qpType: 'RC', sendCq: cq, recvCq: cq, cap: {}, ...init });

const CHANGE: readonly Misuse[] = [
  ['resizeCq', [...WIDE, 0], ({ lone }, x) => resizeCq(lone.cq, x)],
  ['ackCqEvents', [...WIDE, 1], ({ lone }, x) => ackCqEvents(lone.cq, x)],
  ['modifySrq: size', [...WIDE.filter((each) => each !== null), 0], ({ srq }, x) => modifySrq(srq, { maxWr: x })],
  ['modifySrq: limit', [...WIDE.filter((each) => each !== null), 5], ({ srq }, x) => modifySrq(srq, { srqLimit: x })],
  ['modifyQp: state', ['rts', 3, {}], ({ lone }, x) => modifyQp(lone.qp, { qpState: x })],
  ['modifyQp: access', WIDE, ({ lone }, x) => modifyQp(lone.qp, { qpAccessFlags: x })],
  ['modifyQp: notify', ['yes', 1], ({ lone }, x) => modifyQp(lone.qp, { qpState: 'SQD', enSqdAsyncNotify: x })],
  ['modifyQp: timer', [...WIDE, 32], ({ lone }, x) => modifyQp(lone.qp, { minRnrTimer: x })],
  ['modifyQp: Q_Key', WIDE, ({ ud }, x) => modifyQp(ud.qp, { qkey: x })],
  ['queryPort', [...WIDE, 0, 2], ({ lone }, x) => queryPort(lone.context, x)],
  ['queryGid', [...WIDE, 1], ({ lone }, x) => queryGid(lone.context, x)],
  ['queryPkey', [...WIDE, 1], ({ lone }, x) => queryPkey(lone.context, x)],
];

const sendOf = ({ lone }: Furniture, wr: object) => postSend(lone.qp, { wrId: 1, opcode: 'SEND', ...wr } as never);
const word = ({ lone }: Furniture) => ({ sgList: [lone.piece(0, 8)], remoteAddr: 0, rkey: 1 });
const udOf = ({ ud, ah }: Furniture, to: object) =>
  postSend(ud.qp, { wrId: 1, opcode: 'SEND', ud: { ah, remoteQpn: PEER_QPN, remoteQkey: QKEY, ...to } });
const bindOf = ({ lone, mw2 }: Furniture, wr: object, bind: object = {}) => {
  const info = { mr: lone.mr, addr: lone.mr.addr, length: 8, access: 0, ...bind };
  return postSend(lone.qp, { wrId: 1, opcode: 'BIND_MW', mw: mw2, rkey: mw2.rkey, bind: info, ...wr });
};

const POSTING: readonly Misuse[] = [
  ['wrId', NUMBERS, (f, x) => sendOf(f, { wrId: x })],
  ['opcode', ['send', undefined, 0], (f, x) => sendOf(f, { opcode: x })],
  ['list', [null, 1, {}, true], (f, x) => sendOf(f, { sgList: x })],
  ['piece', [null, undefined, 1, 'x'], (f, x) => sendOf(f, { sgList: [x] })],
  ['lkey', WIDE, (f, x) => sendOf(f, { sgList: [{ ...f.lone.piece(0, 8), lkey: x }] })],
  ['length', WIDE, (f, x) => sendOf(f, { sgList: [{ ...f.lone.piece(0, 8), length: x }] })],
  ['address', NUMBERS, (f, x) => sendOf(f, { sgList: [{ ...f.lone.piece(0, 8), addr: x }] })],
  ['inline', [1, 'abc', {}, [1], new Uint16Array(2)], (f, x) => sendOf(f, { inline: x })],
  ['flag', [1, 'yes', {}, null], (f, x) => sendOf(f, { signaled: x })],
  ['FENCE', [1, 'yes', {}, null], (f, x) => sendOf(f, { fence: x })],
  ['SOLICITED', [1, 'yes', {}, null], (f, x) => sendOf(f, { solicited: x })],
  ['immediate', [undefined, ...WIDE], (f, x) => sendOf(f, { opcode: 'SEND_WITH_IMM', imm: x })],
  ['R_Key to invalidate', [undefined, ...WIDE], (f, x) => sendOf(f, { opcode: 'SEND_WITH_INV', invalidateRkey: x })],
  ['remote address', NUMBERS, (f, x) => sendOf(f, { ...word(f), opcode: 'RDMA_WRITE', remoteAddr: x })],
  ['no remote address', [0], (f) => sendOf(f, { opcode: 'RDMA_READ', rkey: 1 })],
  ['R_Key', [undefined, ...WIDE], (f, x) => sendOf(f, { ...word(f), opcode: 'RDMA_READ', rkey: x })],
  [
    'operand',
    [...WIDE, 1, -1n, 1n << 64n],
    (f, x) => sendOf(f, { ...word(f), opcode: 'ATOMIC_FETCH_AND_ADD', compareAdd: x }),
  ],
  [
    'swap',
    [undefined, 1, -1n],
    (f, x) => sendOf(f, { ...word(f), opcode: 'ATOMIC_CMP_AND_SWP', compareAdd: 1n, swap: x }),
  ],
  ['placement', [undefined, 'X', 1], (f, x) => flushOf(f, { placement: x })],
  ['selectivity', [undefined, 'X', 1], (f, x) => flushOf(f, { selectivity: x })],
  ['destination of an RC QP', [0], (f) => sendOf(f, { ud: { ah: f.ah, remoteQpn: 1, remoteQkey: 1 } })],
  ['AH', OBJECTS, (f, x) => udOf(f, { ah: x })],
  ['remote QPN', [...WIDE, 2 ** 24], (f, x) => udOf(f, { remoteQpn: x })],
  ['Q_Key', WIDE, (f, x) => udOf(f, { remoteQkey: x })],
  ['window', OBJECTS, (f, x) => bindOf(f, { mw: x })],
  ['window of type 1', [0], (f) => bindOf(f, { mw: f.mw1 })],
  ['access of a window', [...WIDE, ACCESS.LOCAL_WRITE], (f, x) => bindOf(f, {}, { access: x })],
  ['length of a window', NUMBERS, (f, x) => bindOf(f, {}, { length: x })],
  ['region of a window', [null, 1, {}, []], (f, x) => bindOf(f, {}, { mr: x })],
  [
    'region of bindMw',
    [null, 1, {}, []],
    ({ lone, mw1 }, x) => bindMw(lone.qp, mw1, { wrId: 1, bind: { mr: x, addr: lone.mr.addr, length: 8, access: 0 } }),
  ],
  ['receive', [null, undefined], ({ lone }, x) => postRecv(lone.qp, x)],
  ['wrId of a receive', NUMBERS, ({ lone }, x) => postRecv(lone.qp, { wrId: x })],
  ['wrId of a shared receive', NUMBERS, ({ srq }, x) => postSrqRecv(srq, { wrId: x })],
];

const flushOf = (f: Furniture, wr: object) =>
  sendOf(f, { opcode: 'FLUSH', remoteAddr: 0, rkey: 1, length: 1, placement: 'GLOBAL', selectivity: 'MR', ...wr });

const NAMES = new Set(['EINVAL', 'EEXIST', 'TypeError']);

/** errno of the refusal, or the name of what was thrown. */
const outcome = (call: () => unknown): string => {
  try {
    const result = call() as ReturnType<typeof postSend>;
    return result.ok ? 'accepted' : result.error.errno;
  } catch (error) {
    return error instanceof Error ? error.name : 'thrown';
  }
};

describe('VRB-8: what a call does not take is refused when it is made, and nothing is changed', () => {
  test.each([...CREATION, ...CHANGE, ...POSTING])('VRB-1, VRB-8: %s', (_, junk, call) => {
    for (const x of junk) {
      const f = furnished();
      const before = stateOf(f);
      const said = outcome(() => call(f, x as never));
      expect([x, NAMES.has(said) ? 'refused' : said]).toEqual([x, 'refused']);
      expect(stateOf(f)).toEqual(before);
      f.lone.nic.tick(0);
      f.ud.nic.tick(0);
      expect([f.lone.said(), f.ud.said()]).toEqual([[], []]);
    }
  });
});

test('VRB-10, VRB-47, VRB-55: objects of another device with the same numbers are not taken for one’s own', () => {
  const [own, other] = [furnished(), furnished()];
  const { lone, mw1, mw2 } = own;
  expect([other.lone.mr.handle, other.mw2.handle, other.lone.cq.handle, other.ud.pd.number]).toEqual([
    lone.mr.handle,
    mw2.handle,
    lone.cq.handle,
    own.ud.pd.number,
  ]);
  const { addr } = lone.mr;
  const before = stateOf(own);
  const said = [
    () => bindOf(own, { mw: other.mw2 }),
    () => bindOf(own, {}, { mr: other.lone.mr }),
    () => bindMw(lone.qp, mw1, { wrId: 1, bind: { mr: other.lone.mr, addr, length: 8, access: 0 } }),
    () => bindMw(lone.qp, other.mw1, { wrId: 1, bind: { mr: lone.mr, addr, length: 8, access: 0 } }),
    () => udOf(own, { ah: other.ah }),
    () => qpOf(lone, { sendCq: other.lone.cq }),
    () => qpOf(lone, { srq: other.srq }),
    () => createCq(lone.context, { cqe: 1, channel: other.channel }),
  ].map(outcome);
  expect(said).toEqual(said.map(() => 'EINVAL'));
  expect(stateOf(own)).toEqual(before);
});

test('VRB-11: a region that is gone binds no window', () => {
  const { lone, mw1, mw2 } = furnished();
  const mr = unwrap(regMr(lone.pd, new Uint8Array(64), ACCESS.LOCAL_WRITE | ACCESS.MW_BIND));
  unwrap(deregMr(mr));
  const bind = { mr, addr: mr.addr, length: 8, access: 0 };
  expect(bindMw(lone.qp, mw1, { wrId: 1, bind })).toMatchObject({ error: { errno: 'EINVAL' } });
  const wr = { wrId: 1, opcode: 'BIND_MW', mw: mw2, rkey: mw2.rkey, bind } as const;
  expect(postSend(lone.qp, wr)).toMatchObject({ error: { errno: 'EINVAL' } });
});
