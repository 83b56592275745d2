// Chapter 30: any work over a network that loses, doubles and delays.
import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { type Mtu, postRecv, unwrap } from '../../impl/index.ts';
import type { Fault } from '../../impl/sim/faults.ts';
import { completions, type End, type Pair, pattern, piece, rcPair, recv, send, settle, statuses } from './pair.ts';

type Work = {
  readonly kind: 'SEND' | 'WRITE' | 'WRITE_IMM' | 'READ' | 'ADD';
  readonly length: number;
  /** Elements of the scatter/gather list; more than bytes makes some of them empty. */
  readonly elements: number;
  readonly inline: boolean;
};

const anyWork: fc.Arbitrary<Work> = fc.record({
  kind: fc.constantFrom('SEND', 'WRITE', 'WRITE_IMM', 'READ', 'ADD'),
  length: fc.oneof(fc.constantFrom(0, 1, 255, 256, 257, 1024), fc.nat(3000)),
  elements: fc.oneof(fc.constant(1), fc.integer({ min: 2, max: 32 })),
  inline: fc.boolean(),
});

const anyFault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ nic: fc.nat(1), packet: fc.nat(120), kind: fc.constant('drop' as const) }),
  fc.record({ nic: fc.nat(1), packet: fc.nat(120), kind: fc.constant('duplicate' as const), after: fc.nat(200_000) }),
  fc.record({ nic: fc.nat(1), packet: fc.nat(120), kind: fc.constant('delay' as const), by: fc.nat(200_000) }),
);

const SLOT = 4096;
/** Where message `i` lives in the memory of both ends: what one work does never hides what another did. */
const place = (i: number): number => (i % 14) * SLOT;
const COUNTER = 15 * SLOT;
const HERE = pattern(14 * SLOT);
const THERE = pattern(14 * SLOT, 99);

/** `length` bytes at `offset` in so many pieces. */
const pieces = (end: End, offset: number, length: number, elements: number) => {
  const cut = (i: number): number => Math.floor((length * i) / elements);
  return Array.from({ length: elements }, (_, i) => piece(end, offset + cut(i), cut(i + 1) - cut(i)));
};

const post = ({ a, b }: Pair, { kind, length, elements, inline: wanted }: Work, wrId: number): void => {
  const remote = { remoteAddr: b.mr.addr + place(wrId), rkey: b.mr.rkey };
  const sgList = pieces(a, place(wrId), length, elements);
  const inline = wanted && length <= 256;
  switch (kind) {
    case 'SEND':
      unwrap(postRecv(b.qp, { wrId, sgList: pieces(b, place(wrId), SLOT, 33 - elements) }));
      send(a, { wrId, opcode: 'SEND', sgList, inline });
      return;
    case 'WRITE':
      send(a, { wrId, opcode: 'RDMA_WRITE', sgList, inline, ...remote });
      return;
    case 'WRITE_IMM':
      recv(b, wrId, 0, 0);
      send(a, { wrId, opcode: 'RDMA_WRITE_WITH_IMM', imm: wrId, sgList, inline, ...remote });
      return;
    case 'READ':
      send(a, { wrId, opcode: 'RDMA_READ', sgList, ...remote });
      return;
    case 'ADD':
      send(a, {
        wrId,
        opcode: 'ATOMIC_FETCH_AND_ADD',
        compareAdd: 1n,
        sgList: [piece(a, COUNTER + 8 * wrId, 8)],
        remoteAddr: b.mr.addr + COUNTER,
        rkey: b.mr.rkey,
      });
      return;
  }
};

const word = ({ bytes }: End, at: number): bigint => new DataView(bytes.buffer).getBigUint64(at, true);

/** Every work completed once, in order, with its effect done exactly once and its bytes whole. */
const expectDone = ({ a, b }: Pair, works: readonly Work[]): void => {
  const all = works.map((work, wrId) => ({ ...work, wrId }));
  const isReceived = ({ kind }: Work): boolean => kind === 'SEND' || kind === 'WRITE_IMM';
  expect(statuses(completions(a).sent)).toEqual(all.map(({ wrId }) => `${wrId} SUCCESS`));
  expect(completions(b).received.map(({ wrId, byteLen }) => [wrId, byteLen])).toEqual(
    all.filter(isReceived).map(({ wrId, length }) => [wrId, length]),
  );
  for (const { kind, length, wrId } of all) {
    if (kind === 'ADD') continue;
    const [from, to] = [place(wrId), place(wrId) + length];
    expect(Buffer.compare(a.bytes.subarray(from, to), b.bytes.subarray(from, to))).toBe(0);
  }
  const adds = all.filter(({ kind }) => kind === 'ADD');
  expect(word(b, COUNTER)).toBe(BigInt(adds.length));
  adds.forEach(({ wrId }, i) => {
    expect(word(a, COUNTER + 8 * wrId)).toBe(BigInt(i));
  });
};

test.prop(
  [
    fc.constantFrom<Mtu>(256, 1024, 4096),
    fc.constantFrom(0, 0x7fffff, 0xfffff0, 0xffffff),
    fc.array(anyWork, { minLength: 1, maxLength: 14 }),
    fc.array(anyFault, { maxLength: 30 }),
    fc.constantFrom(2, 5, 64),
  ],
  { numRuns: 200 },
)(
  'RC-4, RC-22, RC-50, RC-54, RC-55, RC-56: work is done exactly once and in order, whatever is lost, doubled or delayed',
  (mtu, sqPsn, works, faults, window) => {
    const pair = rcPair({ mtu, sqPsn, faults, window });
    pair.a.bytes.set(HERE);
    pair.b.bytes.set(THERE);
    works.forEach((work, wrId) => {
      post(pair, work, wrId);
    });
    settle(pair);
    expectDone(pair, works);
  },
);
