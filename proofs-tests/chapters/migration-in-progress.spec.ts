// Chapter 50: work in progress crosses with its QP.
import { describe, expect, test } from 'vitest';
import { ACCESS, allocMw, bindMw, ip, unwrap } from '../../impl/index.ts';
import { dump } from '../../impl/migration/dump.ts';
import { restore } from '../../impl/migration/restore.ts';
import { captureQp, resumeContext, stopContext } from '../../impl/verbs/migrate-qp.ts';
import { psn } from '../../impl/wire/psn.ts';
import { completions, type End, pattern, piece, rcPair, recv, send, settle, statuses } from './pair.ts';
import { resumeEnd, transplant } from './transplant.ts';

const MOVED = ip('10.0.0.3');
/** Runs a workload over a pair whose end `moves` is moved while everything is under way. */
const moveInFlight = (moves: 'a' | 'b', post: (a: End, b: End) => void, halfway: number) => {
  const pair = rcPair({ mtu: 256 });
  post(pair.a, pair.b);
  pair.world.runFor(halfway);
  const mover = pair[moves];
  pair.world.act(mover.index, 'stop', (now) => stopContext(mover.context, now));
  pair.world.runFor(50_000);
  const moved = transplant(pair, mover, MOVED);
  pair.world.remove(mover.index);
  resumeEnd(pair, moved);
  settle(pair);
  return { ...pair, [moves]: moved };
};

test('MIG-11: a rebuilt QP is what was captured, to the last field', () => {
  const pair = rcPair({ mtu: 256 });
  const { a } = pair;
  const { engine } = a.qp;
  if (engine.type !== 'RC') throw new Error('RC');
  recv(a, 1);
  for (const wrId of [1, 2, 3]) send(a, { wrId, opcode: 'SEND', sgList: [piece(a, 0, 700)] });
  a.context.device.schedule(engine);
  pair.world.tick(0, 2);
  const at = (firstPsn: number) => psn(firstPsn);
  Object.assign(engine.completer, { retryCnt: 3, rnrRetry: 2, nakHandled: true, rnrDeadline: 999 });
  Object.assign(engine.requester, { retransmitting: true, readSlack: 4, rdAtomic: 1 });
  Object.assign(engine.responder, {
    expectedPsn: at(77),
    msn: 5,
    nakSent: true,
    received: 9,
    arriving: { kind: 'WRITE', va: 65536, rkey: 256, length: 100 },
    resources: [
      { kind: 'READ', firstPsn: at(1), psnCount: 2, va: 3, length: 4, rkey: 5 },
      { kind: 'ATOMIC', firstPsn: at(6), psnCount: 1, original: 7n, msn: 8 },
      { kind: 'EMPTY', firstPsn: at(9), psnCount: 1, msn: 10 },
    ],
  });
  engine.resuming = { deadline: 1234 };
  engine.established = true;
  stopContext(a.context, pair.world.now);
  const before = captureQp(a.qp, pair.world.now);
  const moved = transplant(pair, a, MOVED);
  expect(captureQp(moved.qp, pair.world.now)).toEqual(before);
  if (before.type !== 'RC') throw new Error('RC');
  expect([before.completer.ackTimer, before.completer.rnrTimer, before.resuming?.timer]).toEqual([
    4096 * 2 ** 10,
    999,
    1234,
  ]);
});

describe('MIG-10, MIG-11: what is in progress crosses with the QP', () => {
  const instants = Array.from({ length: 24 }, (_, i) => 500 + i * 500);
  test.each(['a', 'b'] as const)(
    'MIG-11: SEND, WRITE, READ and atomic in progress, %s moves at every instant',
    (moves) => {
      for (const halfway of instants) {
        const { a, b } = moveInFlight(
          moves,
          (from, to) => {
            from.bytes.set(pattern(3000));
            to.bytes.set(pattern(3000, 77), 30000);
            const remote = { remoteAddr: to.mr.addr, rkey: to.mr.rkey };
            recv(to, 1, 10000, 3000);
            send(from, { wrId: 1, opcode: 'SEND', sgList: [piece(from, 0, 3000)] });
            send(from, {
              wrId: 2,
              opcode: 'RDMA_WRITE',
              sgList: [piece(from, 0, 3000)],
              ...remote,
              remoteAddr: to.mr.addr + 20000,
            });
            send(from, {
              wrId: 3,
              opcode: 'RDMA_READ',
              sgList: [piece(from, 40000, 3000)],
              ...remote,
              remoteAddr: to.mr.addr + 30000,
            });
            for (const wrId of [4, 5, 6]) {
              send(from, {
                wrId,
                opcode: 'ATOMIC_FETCH_AND_ADD',
                compareAdd: 1n,
                sgList: [piece(from, 50000 + 8 * wrId, 8)],
                ...remote,
                remoteAddr: to.mr.addr + 60000,
              });
            }
          },
          halfway,
        );
        expect(statuses(completions(a).sent)).toEqual([1, 2, 3, 4, 5, 6].map((wrId) => `${wrId} SUCCESS`));
        expect(statuses(completions(b).received)).toEqual(['1 SUCCESS']);
        expect(b.bytes.subarray(10000, 13000)).toEqual(pattern(3000));
        expect(b.bytes.subarray(20000, 23000)).toEqual(pattern(3000));
        expect(a.bytes.subarray(40000, 43000)).toEqual(pattern(3000, 77));
        expect([a.bytes[50032], a.bytes[50040], a.bytes[50048], b.bytes[60000]]).toEqual([0, 1, 2, 3]);
      }
    },
  );
  test('MIG-11: a message half received goes on where it was', () => {
    const { a, b } = moveInFlight(
      'b',
      (from, to) => {
        from.bytes.set(pattern(20000));
        recv(to, 1, 0, 20000);
        send(from, { wrId: 1, opcode: 'SEND', sgList: [piece(from, 0, 20000)] });
      },
      1001,
    );
    expect(statuses(completions(a).sent)).toEqual(['1 SUCCESS']);
    expect(b.bytes.subarray(0, 20000)).toEqual(pattern(20000));
  });
  test('MIG-11: a window whose binding waits in the send queue is bound where the QP has gone', () => {
    const pair = rcPair({ access: ACCESS.LOCAL_WRITE | ACCESS.MW_BIND });
    const { a, b, world } = pair;
    a.bytes.set(pattern(64));
    recv(b, 1);
    send(a, { wrId: 1, opcode: 'SEND', sgList: [piece(a, 0, 64)] });
    const mw = unwrap(allocMw(a.pd, 1));
    const bind = { mr: a.mr, addr: a.mr.addr, length: 64, access: ACCESS.REMOTE_READ };
    const rkey = unwrap(bindMw(a.qp, mw, { wrId: 2, bind, signaled: true }));
    world.act(a.index, 'stop', (now) => stopContext(a.context, now));
    expect(mw.window.binding).toBeUndefined();
    const target = world.add({ addresses: [MOVED] });
    const moved = unwrap(restore(world.nic(target), unwrap(dump(a.context)), world.now));
    expect(moved.mws.get(mw.handle)?.rkey).toBe(rkey);
    world.remove(a.index);
    world.act(target, 'resume', (now) => resumeContext(moved, now));
    settle(pair);
    expect(statuses(moved.cqs.get(a.sendCq.handle)?.queue.poll(9) ?? [])).toEqual(['1 SUCCESS', '2 SUCCESS']);
    send(b, { wrId: 3, opcode: 'RDMA_READ', sgList: [piece(b, 9000, 64)], remoteAddr: a.mr.addr, rkey });
    settle(pair);
    expect(statuses(completions(b).sent)).toEqual(['3 SUCCESS']);
    expect(b.bytes.subarray(9000, 9064)).toEqual(pattern(64));
  });
});
