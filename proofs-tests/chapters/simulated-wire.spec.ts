// Chapter 30, over the simulated world: answers of more packets than a wire takes at once.
import { expect, test } from 'vitest';
import { MOST_AT_ONCE } from '../../impl/sim/world.ts';
import { completions, pattern, piece, rcPair, send, statuses } from './pair.ts';

test('RC-2: a READ of more packets than a simulated wire takes at once arrives whole, only so many under way', () => {
  const length = 3 * MOST_AT_ONCE * 256 + 1;
  const { world, a, b } = rcPair({ mtu: 256, sqPsn: 0xfffffa, memory: length });
  b.bytes.set(pattern(length));
  send(a, { wrId: 1, opcode: 'RDMA_READ', sgList: [piece(a, 0, length)], remoteAddr: b.mr.addr, rkey: b.mr.rkey });
  let most = 0;
  world.run(() => {
    most = Math.max(most, world.medium.size);
    return a.sendCq.queue.count > 0;
  });
  expect(statuses(completions(a).sent)).toEqual(['1 SUCCESS']);
  expect(Buffer.compare(a.bytes, b.bytes)).toBe(0);
  // The packets of one instant, with the last of the instant before and the few that a request has answered at once.
  expect(most).toBeGreaterThan(MOST_AT_ONCE);
  expect(most).toBeLessThan(2 * MOST_AT_ONCE + 256);
  expect(world.nic(0).counters.tallies).toMatchObject({ retransmissions: 0, ackTimeouts: 0, impliedNaks: 0 });
});
