// Waiting for completions and events by iteration, on both kinds of device.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ackCqEvents,
  asyncEvents,
  completions,
  destroyCq,
  destroyQp,
  modifyQp,
  pollCq,
  postRecv,
  postSend,
  reqNotifyCq,
  unwrap,
} from '../../impl/index.ts';
import { completionsOf, connected, KINDS, type Stage, until } from './stage.ts';

describe.each(KINDS)('a device %s', (_name, open) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await open();
  });
  afterAll(() => stage.close());

  test('VRB-20: who leaves an iteration finds the rest of the completions in the CQ', async () => {
    const [a, b] = connected(stage, 'RC');
    for (const wrId of [1, 2, 3]) unwrap(postRecv(b.qp, { wrId }));
    for (const wrId of [1, 2, 3]) unwrap(postSend(a.qp, { wrId, opcode: 'SEND', signaled: true }));
    await completionsOf(a, 3);
    for await (const { wrId } of completions(b.cq)) {
      expect(wrId).toBe(1);
      break;
    }
    expect(pollCq(b.cq).map(({ wrId }) => wrId)).toEqual([2, 3]);
  });

  test('VRB-26: an iteration waits, and goes on with what comes', async () => {
    const [a, b] = connected(stage, 'RC');
    const arrivals = completions(b.cq);
    for (const wrId of [1, 2, 3]) {
      const next = arrivals.next();
      unwrap(postRecv(b.qp, { wrId }));
      unwrap(postSend(a.qp, { wrId, opcode: 'SEND' }));
      expect((await next).value).toMatchObject({ wrId, status: 'SUCCESS' });
    }
  });

  test('VRB-13: an iteration ends when its CQ is destroyed', async () => {
    const [a, b] = connected(stage, 'RC');
    unwrap(postRecv(b.qp, { wrId: 1 }));
    unwrap(postSend(a.qp, { wrId: 1, opcode: 'SEND' }));
    const seen: number[] = [];
    const iteration = (async () => {
      for await (const { wrId } of completions(b.cq)) seen.push(wrId);
    })();
    await until(() => seen.length === 1);
    unwrap(destroyQp(b.qp));
    unwrap(destroyCq(b.cq));
    await iteration;
    expect(seen).toEqual([1]);
    for await (const { wrId } of completions(b.cq)) seen.push(wrId);
    expect(seen).toEqual([1]);
  });

  test('VRB-13: who leaves the last iteration leaves the channel', async () => {
    const [a, b] = connected(stage, 'RC');
    for (const wrId of [1, 2, 3]) unwrap(postRecv(b.qp, { wrId }));
    unwrap(postSend(a.qp, { wrId: 1, opcode: 'SEND' }));
    const other = completions(b.cq);
    for await (const { wrId } of completions(b.cq)) {
      expect(wrId).toBe(1);
      unwrap(postSend(a.qp, { wrId: 2, opcode: 'SEND' }));
      expect((await other.next()).value).toMatchObject({ wrId: 2 });
      break;
    }
    await other.return();
    unwrap(reqNotifyCq(b.cq));
    unwrap(postSend(a.qp, { wrId: 3, opcode: 'SEND' }));
    await until(() => b.cq.queue.count === 1);
    expect(b.channel.getCqEvent()).toBe(b.cq);
    unwrap(ackCqEvents(b.cq, 1));
  });

  test.each([
    ['is aborted while it waits', false],
    ['is left after a completion', true],
  ])('VRB-17, VRB-23: an iteration that %s leaves no event behind', async (_how, left) => {
    const [a, b] = connected(stage, 'RC');
    for (const wrId of [1, 2]) unwrap(postRecv(b.qp, { wrId }));
    const abort = new AbortController();
    const arrivals = completions(b.cq, { signal: abort.signal });
    const next = arrivals.next();
    if (left) {
      unwrap(postSend(a.qp, { wrId: 1, opcode: 'SEND' }));
      expect((await next).value).toMatchObject({ wrId: 1 });
      await arrivals.return();
    } else {
      abort.abort();
      expect(await next).toEqual({ done: true, value: undefined });
    }
    expect(b.cq.queue.arming).toBe('NONE');
    unwrap(postSend(a.qp, { wrId: 2, opcode: 'SEND', signaled: true }));
    await until(() => b.cq.queue.count === 1);
    unwrap(destroyQp(b.qp));
    unwrap(destroyCq(b.cq));
  });

  test('VRB-17: of two iterations one that ends leaves the CQ armed for the other', async () => {
    const [a, b] = connected(stage, 'RC');
    const abort = new AbortController();
    const [one, other] = [completions(b.cq, { signal: abort.signal }).next(), completions(b.cq).next()];
    abort.abort();
    expect((await one).done).toBe(true);
    unwrap(postRecv(b.qp, { wrId: 1 }));
    unwrap(postSend(a.qp, { wrId: 1, opcode: 'SEND' }));
    expect((await other).value).toMatchObject({ wrId: 1, status: 'SUCCESS' });
  });

  test('VRB-14: two iterations over one CQ have each completion once, and so it is with events', async () => {
    const [a, b] = connected(stage, 'RC');
    const iterations = [completions(b.cq), completions(b.cq)];
    const nexts = iterations.map((each) => each.next());
    for (const wrId of [1, 2]) {
      unwrap(postRecv(b.qp, { wrId }));
      unwrap(postSend(a.qp, { wrId, opcode: 'SEND' }));
    }
    const wcs = await Promise.all(nexts);
    expect(wcs.map(({ value }) => value?.wrId).sort()).toEqual([1, 2]);
    const [idle] = connected(stage, 'RC');
    const events = [asyncEvents(idle.context), asyncEvents(idle.context)].map((each) => each.next());
    unwrap(modifyQp(idle.qp, { qpState: 'SQD', enSqdAsyncNotify: true }));
    unwrap(modifyQp(idle.qp, { qpState: 'RTS' }));
    unwrap(modifyQp(idle.qp, { qpState: 'SQD', enSqdAsyncNotify: true }));
    const drained = { type: 'SQ_DRAINED', qpNum: idle.qp.qpNum };
    expect((await Promise.all(events)).map(({ value }) => value)).toEqual([drained, drained]);
  });
});
