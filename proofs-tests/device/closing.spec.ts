// What is left of a device that has been closed, on both kinds of device.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  asyncEvents,
  completions,
  createSrq,
  deallocPd,
  deregMr,
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
  type Result,
  reqNotifyCq,
  resizeCq,
  unwrap,
} from '../../impl/index.ts';
import { completionsOf, connected, KINDS, type Stage } from './stage.ts';

const errnoOf = (result: Result<unknown>): string => (result.ok ? 'no error' : result.error.errno);

describe.each(KINDS)('a device %s', (_name, open) => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await open();
  });
  afterEach(() => stage.close());

  test('VRB-15: iterations that wait end when the device is closed', async () => {
    const [, b] = connected(stage, 'RC');
    const waiting = [completions(b.cq), completions(b.cq), asyncEvents(b.context), asyncEvents(b.context)];
    const nexts = waiting.map((each) => each.next());
    await stage.devices[1].close();
    expect(await Promise.all(nexts)).toEqual(waiting.map(() => ({ done: true, value: undefined })));
  });

  test('VRB-15: what had come before the device was closed is given first', async () => {
    const [, b] = connected(stage, 'RC');
    for (const wrId of [1, 2]) unwrap(postRecv(b.qp, { wrId }));
    unwrap(modifyQp(b.qp, { qpState: 'SQD', enSqdAsyncNotify: true }));
    unwrap(modifyQp(b.qp, { qpState: 'ERR' }));
    await stage.devices[1].close();
    const wrIds: number[] = [];
    for await (const { wrId } of completions(b.cq)) wrIds.push(wrId);
    expect(wrIds).toEqual([1, 2]);
    const events: string[] = [];
    for await (const { type } of asyncEvents(b.context)) events.push(type);
    expect(events).toEqual(['SQ_DRAINED']);
  });

  test('VRB-15: a consumer who closes the device from within an iteration sees it end', async () => {
    const [a, b] = connected(stage, 'RC');
    for (const wrId of [1, 2]) unwrap(postRecv(b.qp, { wrId }));
    for (const wrId of [1, 2]) unwrap(postSend(a.qp, { wrId, opcode: 'SEND', signaled: true }));
    await completionsOf(a, 2);
    const wrIds: number[] = [];
    for await (const { wrId } of completions(b.cq)) {
      wrIds.push(wrId);
      await stage.devices[1].close();
    }
    expect(wrIds).toEqual([1, 2]);
  });

  test('VRB-16: a closed device takes no more work, and its objects go as ever', async () => {
    const [, b] = connected(stage, 'RC');
    const srq = unwrap(createSrq(b.pd, { maxWr: 4, maxSge: 1 }));
    unwrap(postRecv(b.qp, { wrId: 1 }));
    const [device] = [stage.devices[1]];
    await device.close();
    await device.close();
    const refused = [
      postSend(b.qp, { wrId: 2, opcode: 'SEND' }),
      postRecv(b.qp, { wrId: 2 }),
      postSrqRecv(srq, { wrId: 2 }),
      modifyQp(b.qp, { qpState: 'ERR' }),
      modifySrq(srq, { maxWr: 8 }),
      resizeCq(b.cq, 128),
      reqNotifyCq(b.cq),
    ];
    expect(refused.map(errnoOf)).toEqual(refused.map(() => 'ENODEV'));
    expect(unwrap(queryQp(b.qp)).qpState).toBe('RTS');
    expect(pollCq(b.cq)).toEqual([]);
    const gone = [
      destroyQp(b.qp),
      destroySrq(srq),
      destroyCq(b.cq),
      destroyCompChannel(b.channel),
      deregMr(b.mr),
      deallocPd(b.pd),
    ];
    expect(gone.map(errnoOf)).toEqual(gone.map(() => 'no error'));
    expect(device.open().closed).toBe(true);
  });
});
