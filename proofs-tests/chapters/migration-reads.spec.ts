// Chapters 50, 60: answers in progress are not in an image; what was asked is asked again, and answered rightly.
import { describe, expect, test } from 'vitest';
import { type IpAddress, ip, unwrap } from '../../impl/index.ts';
import { dump } from '../../impl/migration/dump.ts';
import { readImage, writeImage } from '../../impl/migration/image-file.ts';
import { restore } from '../../impl/migration/restore.ts';
import { captureQp, resumeContext, stopContext } from '../../impl/verbs/migrate-qp.ts';
import { Lone } from './lone.ts';
import { completions, type End, type Pair, pattern, piece, rcPair, send, settle, statuses } from './pair.ts';
import { responder, to } from './rc-stage.ts';

/** Stops an end, takes it through an image file to a new device, lets it run there. */
const move = ({ world }: Pair, end: End, address: IpAddress): End => {
  world.act(end.index, 'stop', (now) => stopContext(end.context, now));
  // What was under way arrives at the stopped end, and the peer hears of it.
  world.runFor(5000);
  const image = readImage(Uint8Array.from(Buffer.concat(writeImage(unwrap(dump(end.context))))));
  if (!image.ok) throw new Error(image.error.message);
  world.remove(end.index);
  const index = world.add({ addresses: [address] });
  const context = unwrap(restore(world.nic(index), image.value, world.now));
  world.act(index, 'resume', (now) => resumeContext(context, now));
  const [pd, mr, qp] = [context.pds.get(1), context.mrs.get(1), context.qps.get(1)];
  const [sendCq, recvCq] = [context.cqs.get(1), context.cqs.get(2)];
  if (!pd || !mr || !qp || !sendCq || !recvCq) throw new Error('an end has one of each');
  return { index, context, pd, mr, qp, sendCq, recvCq, bytes: mr.region.bytes };
};

/** Whether no migration of it is still to be answered. */
const isSettled = ({ qp: { engine } }: End): boolean => engine.type === 'RC' && engine.resuming === undefined;

/** Where things lie in the memory of both ends. */
const [READ_1, READ_2, READ_3, RESULTS, COUNTER, SOURCE] = [0, 8000, 16000, 24000, 30000, 40000] as const;

/** READs and atomics in turns, four of them at a time, and a fenced WRITE over what the first READ has read. */
const post = (a: End, b: End): void => {
  b.bytes.set(pattern(7000), READ_1);
  b.bytes.set(pattern(3000, 50), READ_2);
  a.bytes.set(pattern(7000, 99), SOURCE);
  const { rkey } = b.mr;
  const at = (offset: number) => ({ remoteAddr: b.mr.addr + offset, rkey });
  const add = (wrId: number): void =>
    send(a, {
      wrId,
      opcode: 'ATOMIC_FETCH_AND_ADD',
      compareAdd: 1n,
      sgList: [piece(a, RESULTS + 8 * wrId, 8)],
      ...at(COUNTER),
    });
  send(a, { wrId: 1, opcode: 'RDMA_READ', sgList: [piece(a, READ_1, 7000)], ...at(READ_1) });
  add(2);
  send(a, {
    wrId: 3,
    opcode: 'RDMA_READ',
    sgList: [piece(a, READ_2, 1000), piece(a, READ_2 + 1000, 2000)],
    ...at(READ_2),
  });
  add(4);
  send(a, {
    wrId: 5,
    opcode: 'ATOMIC_CMP_AND_SWP',
    compareAdd: 2n,
    swap: 10n,
    sgList: [piece(a, RESULTS + 40, 8)],
    ...at(COUNTER),
  });
  send(a, { wrId: 6, opcode: 'RDMA_WRITE', fence: true, sgList: [piece(a, SOURCE, 7000)], ...at(READ_1) });
  send(a, { wrId: 7, opcode: 'RDMA_READ', sgList: [piece(a, READ_3, 7000)], ...at(READ_1) });
  add(8);
};

const check = (a: End, b: End): void => {
  expect(statuses(completions(a).sent)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((wrId) => `${wrId} SUCCESS`));
  expect(a.bytes.subarray(READ_1, READ_1 + 7000)).toEqual(pattern(7000));
  expect(a.bytes.subarray(READ_2, READ_2 + 3000)).toEqual(pattern(3000, 50));
  expect(a.bytes.subarray(READ_3, READ_3 + 7000)).toEqual(pattern(7000, 99));
  expect([2, 4, 5, 8].map((wrId) => a.bytes[RESULTS + 8 * wrId])).toEqual([0, 1, 2, 10]);
  expect(b.bytes[COUNTER]).toBe(11);
};

/** No retry is left to be spent: what a migration costs, it must not take from the consumer's budget (SAFE-7). */
const FRUGAL = { mtu: 256, sqPsn: 0xffffe0, rts: { retryCnt: 0, rnrRetry: 0, timeout: 14 } } as const;
const instants = Array.from({ length: 40 }, (_, i) => 300 + i * 400);

describe('MIG-22, IMG-18: READs and atomics in progress', () => {
  test.each([
    ['the responder', ['b']],
    ['the requester', ['a']],
    ['the responder twice', ['b', 'b']],
    ['the responder, then the requester', ['b', 'a']],
    ['the requester, then the responder', ['a', 'b']],
  ] as const)('MIG-22, IMG-18, RC-55, RC-56: %s moves at every instant, and no retry is spent', (_, movers) => {
    for (const halfway of instants) {
      const pair = rcPair(FRUGAL);
      let ends: Pair = pair;
      post(ends.a, ends.b);
      for (const [i, mover] of movers.entries()) {
        // A second migration that begins before the first is known is another matter (H1).
        pair.world.run(() => isSettled(ends.a) && isSettled(ends.b));
        pair.world.runFor(halfway);
        ends = { ...ends, [mover]: move(ends, ends[mover], ip(`10.0.1.${i}`)) };
      }
      settle(ends);
      check(ends.a, ends.b);
    }
  });

  test('IMG-18: the image has what the answers are made of, and no answer', () => {
    const pair = rcPair(FRUGAL);
    post(pair.a, pair.b);
    const { world, a, b } = pair;
    world.run(() => a.qp.engine.type === 'RC' && a.qp.engine.completer.una > FRUGAL.sqPsn);
    const before = b.qp.engine.type === 'RC' ? b.qp.engine.responder.kept.list() : [];
    expect(before.map(({ kind }) => kind)).toEqual(['READ', 'ATOMIC', 'READ', 'ATOMIC']);
    const { engine } = move(pair, b, ip('10.0.1.1')).qp;
    if (engine.type !== 'RC') throw new Error('RC');
    expect(engine.responder.kept.list()).toEqual(before);
    expect(engine.responder.outbox.answers).toEqual([]);
  });
});

/** A device whose QP has a long READ to answer, and behind it a SEND that is longer than its receive. */
const refusing = (): Lone => {
  const lone = new Lone();
  lone.recv(1, 0, 10);
  lone.recv(2, 100, 1000);
  lone.get('RC_READ_REQUEST', 100, to(lone, 0, 256 * 190));
  lone.get('RC_SEND_ONLY', 290, { payload: new Uint8Array(20) });
  return lone;
};

test('MIG-22: a peer that accepts resume gives up what it has not answered yet', () => {
  const lone = refusing();
  lone.said();
  lone.get('RC_RESUME', 100, {}, ip('10.0.0.77'));
  lone.nic.tick(0);
  expect([lone.said(), lone.done(), lone.state]).toEqual([['ACK 289'], [], 'RTS']);
});

describe('MIG-22, RC-69: a refusal whose NAK waits behind a READ', () => {
  test('RC-69: it is told when the NAK is sent, and once', () => {
    const lone = refusing();
    expect([lone.done(), lone.state, responder(lone).outbox.answers.length]).toEqual([[], 'RTS', 2]);
    lone.nic.tick(0);
    expect(lone.said().at(-1)).toBe('INVALID_REQUEST 290');
    expect([lone.done(), lone.state]).toEqual([['1 LOC_LEN_ERR', '2 WR_FLUSH_ERR'], 'ERR']);
  });

  test('MIG-22, IMG-18: after a migration the same request is refused in the same words', () => {
    const lone = refusing();
    stopContext(lone.context, 0);
    const data = captureQp(lone.qp, 0);
    expect([data.held?.wrId, data.rq.map(({ wrId }) => wrId)]).toEqual([1, [2]]);
    lone.said();
    resumeContext(lone.context, 0);
    lone.nic.tick(0);
    expect([lone.said(), lone.exchange('RC_ACKNOWLEDGE', 99)]).toEqual([['RESUME 100'], []]);
    lone.get('RC_READ_REQUEST', 100, to(lone, 0, 256 * 190));
    lone.get('RC_SEND_ONLY', 290, { payload: new Uint8Array(20) });
    lone.nic.tick(0);
    expect(lone.said().at(-1)).toBe('INVALID_REQUEST 290');
    expect([lone.done(), lone.events(), lone.state]).toEqual([['1 LOC_LEN_ERR', '2 WR_FLUSH_ERR'], [], 'ERR']);
  });
});
