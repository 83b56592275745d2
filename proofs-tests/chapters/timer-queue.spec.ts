// Chapter 30: the order in which a device looks at its QPs.
import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { NEVER } from '../../impl/index.ts';
import { TimerQueue } from '../../impl/nic/timer-queue.ts';

const anyAction = fc.oneof(fc.record({ item: fc.nat(5), by: fc.nat(20) }), fc.record({ pass: fc.nat(15) }));

test.prop([fc.array(anyAction, { maxLength: 60 })])(
  'RC-40: an item is given when its earliest deadline has come, once, and not before',
  (actions) => {
    const queue = new TimerQueue<{ wakeAt: number; readonly id: number }>();
    const items = Array.from({ length: 6 }, (_, id) => ({ id, wakeAt: NEVER }));
    const wanted = new Map<number, number>();
    let now = 0;
    for (const action of actions) {
      if ('item' in action) {
        const item = items[action.item];
        if (item === undefined) continue;
        const deadline = now + action.by;
        queue.await(item, deadline);
        wanted.set(item.id, Math.min(deadline, wanted.get(item.id) ?? NEVER));
        continue;
      }
      now += action.pass;
      const given: number[] = [];
      for (let item = queue.due(now); item !== undefined; item = queue.due(now)) given.push(item.id);
      const due = [...wanted].filter(([, at]) => at <= now).map(([id]) => id);
      expect(given.sort()).toEqual(due.sort());
      for (const id of due) wanted.delete(id);
      expect(queue.next).toBeGreaterThan(now);
    }
  },
);
