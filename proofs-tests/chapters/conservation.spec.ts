// Chapters 20, 40: whatever goes wrong, each work request completes once, in its turn.
import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import {
  deregMr,
  modifyQp,
  postRecv,
  postSend,
  type QpType,
  regMr,
  type SendWr,
  unwrap,
  type WorkCompletion,
} from '../../impl/index.ts';
import { ATTRIBUTES } from '../../impl/qp/attributes.ts';
import type { QpState } from '../../impl/qp/state.ts';
import { TRANSITIONS } from '../../impl/qp/transitions.ts';
import type { Fault } from '../../impl/sim/faults.ts';
import {
  ADDRESSES,
  ALL_REMOTE,
  completions,
  type End,
  INIT_ATTR,
  type Pair,
  piece,
  rtrAttr,
  rtsAttr,
  settle,
  unconnectedPair,
} from './pair.ts';

/** What happens to one of the two ends. */
type Deed =
  | { readonly kind: 'send'; readonly opcode: number; readonly length: number; readonly signaled: boolean }
  | { readonly kind: 'recv'; readonly length: number }
  | { readonly kind: 'state'; readonly to: 'SQD' | 'RTS' | 'ERR' }
  | { readonly kind: 'dereg' | 'rereg' }
  | { readonly kind: 'pass'; readonly nanoseconds: number };
type Step = { readonly end: 'a' | 'b'; readonly deed: Deed };

const length = fc.oneof(fc.constantFrom(0, 8, 256, 257), fc.nat(1500));
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('send'), opcode: fc.nat(5), length, signaled: fc.boolean() }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('recv'), length }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('state'), to: fc.constantFrom('SQD', 'RTS', 'ERR') }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('dereg', 'rereg') }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('pass'), nanoseconds: fc.nat(8000) }) },
);
const step: fc.Arbitrary<Step> = fc.record({ end: fc.constantFrom('a', 'b'), deed });
const fault: fc.Arbitrary<Fault> = fc.record({ nic: fc.nat(1), packet: fc.nat(80), kind: fc.constant('drop') });

/** The attributes of `attr` that the type takes in a transition. */
const taken = (type: QpType, from: QpState, to: QpState, attr: object): object => {
  const row = TRANSITIONS[from][to]?.[type];
  const keys = [...(row?.required ?? []), ...(row?.optional ?? [])].map((name) => ATTRIBUTES[name].key as string);
  return Object.fromEntries(Object.entries(attr).filter(([key]) => key === 'qpState' || keys.includes(key)));
};

const connectAll = (qpType: QpType, { a, b }: Pair): void => {
  for (const [end, peer] of [
    [a, b],
    [b, a],
  ] as const) {
    const to = rtrAttr(peer.qp, ADDRESSES[peer.index === 0 ? 0 : 1], 256, 0xfffff0);
    const rts = { ...rtsAttr(0xfffff0), retryCnt: 1, rnrRetry: 1 };
    unwrap(modifyQp(end.qp, taken(qpType, 'RESET', 'INIT', { ...INIT_ATTR, qpAccessFlags: ALL_REMOTE, qkey: 7 })));
    unwrap(modifyQp(end.qp, taken(qpType, 'INIT', 'RTR', to)));
    unwrap(modifyQp(end.qp, taken(qpType, 'RTR', 'RTS', rts)));
  }
};

/** What an end has posted, and what it was told. */
class Ledger {
  readonly end: End;
  readonly sends: { readonly wrId: number; readonly signaled: boolean }[] = [];
  readonly recvs: number[] = [];
  readonly sent: WorkCompletion[] = [];
  readonly received: WorkCompletion[] = [];

  constructor(end: End) {
    this.end = end;
  }

  poll(): void {
    const { sent, received } = completions(this.end);
    this.sent.push(...sent);
    this.received.push(...received);
  }
}

const sendWr = (opcode: number, wrId: number, from: End, to: End, bytes: number): SendWr => {
  const remote = { remoteAddr: to.mr.addr, rkey: to.mr.rkey };
  const sgList = [piece(from, 0, bytes)];
  const word = [piece(from, 0, 8)];
  const all: readonly SendWr[] = [
    { wrId, opcode: 'SEND', sgList },
    { wrId, opcode: 'RDMA_WRITE', sgList, ...remote },
    { wrId, opcode: 'RDMA_WRITE_WITH_IMM', imm: 1, sgList, ...remote },
    { wrId, opcode: 'RDMA_READ', sgList, ...remote },
    { wrId, opcode: 'ATOMIC_FETCH_AND_ADD', compareAdd: 1n, sgList: word, ...remote },
    { wrId, opcode: 'LOCAL_INV', invalidateRkey: 0 },
  ];
  return all[opcode] ?? { wrId, opcode: 'SEND' };
};

const act = (pair: Pair, ledger: Ledger, peer: End, deed: Deed, wrId: number): void => {
  const { end } = ledger;
  switch (deed.kind) {
    case 'send': {
      const { signaled } = deed;
      if (postSend(end.qp, { ...sendWr(deed.opcode, wrId, end, peer, deed.length), signaled }).ok)
        ledger.sends.push({ wrId, signaled });
      return;
    }
    case 'recv':
      if (postRecv(end.qp, { wrId, sgList: [piece(end, 4096, deed.length)] }).ok) ledger.recvs.push(wrId);
      return;
    case 'state':
      modifyQp(end.qp, { qpState: deed.to });
      return;
    case 'dereg':
      deregMr(end.mr);
      return;
    case 'rereg':
      regMr(end.pd, end.bytes, ALL_REMOTE, { addr: end.mr.addr, handle: end.mr.handle, key: end.mr.lkey });
      return;
    case 'pass':
      pair.world.runFor(deed.nanoseconds);
  }
};

/** Every send that asked for it, or failed, has one completion, every receive has one, all in order. */
const expectOnce = ({ sends, recvs, sent, received }: Ledger): void => {
  const told = new Set(sent.map(({ wrId }) => wrId));
  expect(sent.map(({ wrId }) => wrId)).toEqual(sends.filter(({ wrId }) => told.has(wrId)).map(({ wrId }) => wrId));
  expect(sends.filter(({ wrId, signaled }) => signaled && !told.has(wrId))).toEqual([]);
  expect(received.map(({ wrId }) => wrId)).toEqual(recvs);
};

/** Behind the first failure every send is flushed, signalled or not. */
const expectFlushed = ({ sends, sent }: Ledger): void => {
  const first = sent.findIndex(({ status }) => status !== 'SUCCESS');
  if (first < 0) return;
  const [failed, ...behind] = sent.slice(first);
  const from = sends.findIndex(({ wrId }) => wrId === failed?.wrId);
  expect(behind.map(({ wrId, status }) => `${wrId} ${status}`)).toEqual(
    sends.slice(from + 1).map(({ wrId }) => `${wrId} WR_FLUSH_ERR`),
  );
};

test.prop(
  [
    fc.constantFrom<QpType>('RC', 'UC'),
    fc.array(step, { minLength: 5, maxLength: 60 }),
    fc.array(fault, { maxLength: 8 }),
  ],
  {
    numRuns: 500,
  },
)(
  'VRB-21, RC-23, RC-25, QP-38: whatever goes wrong, each work request completes once, in its turn, and after the first failure all are flushed',
  (qpType, steps, faults) => {
    const pair = unconnectedPair({ qpType, faults });
    connectAll(qpType, pair);
    const ledgers = { a: new Ledger(pair.a), b: new Ledger(pair.b) };
    steps.forEach(({ end, deed }, wrId) => {
      act(pair, ledgers[end], pair[end === 'a' ? 'b' : 'a'], deed, wrId);
      ledgers[end].poll();
    });
    settle(pair);
    for (const ledger of [ledgers.a, ledgers.b]) {
      unwrap(modifyQp(ledger.end.qp, { qpState: 'ERR' }));
      ledger.poll();
      expectOnce(ledger);
      if (qpType === 'RC') expectFlushed(ledger);
    }
  },
);
