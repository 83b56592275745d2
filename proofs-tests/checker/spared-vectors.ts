import { ELSEWHERE, PEER, type Vector } from './vector.ts';

const ack = (psn: number, from = PEER) => ({ type: 'rx.ack', psn, from }) as const;
/** Everything up to `nxt` sent before the last RESUME, the budget spent. */
const before = (una: number, nxt: number) => ({ una, nxt, sent: nxt, retries: 2, spared: nxt });

/** Chapter 50, MIG-57: what was in flight when an end moved. Bounds and work as `Vector` has them: 4 and 5 are a READ. */
export const SPARED_VECTORS: readonly Vector[] = [
  {
    rule: 'MIG-57',
    says: 'an ACK past a READ that was in flight asks for it again, and costs nothing',
    context: before(4, 6),
    event: ack(4),
    changes: { context: { nxt: 4 } },
  },
  {
    rule: 'MIG-57',
    says: 'what lies before it is acknowledged',
    context: before(3, 6),
    event: ack(4),
    changes: { context: { una: 4, nxt: 4, retries: 0 } },
  },
  { rule: 'RC-80', says: 'not one from elsewhere', context: before(4, 6), event: ack(4, ELSEWHERE) },
  { rule: 'RC-23', says: 'nor one of what was never sent', context: before(4, 6), event: ack(9) },
  {
    rule: 'RC-20',
    says: 'an ACK that passes over no READ goes back to nothing',
    context: before(1, 4),
    event: ack(1),
    changes: { context: { una: 2, retries: 0 } },
  },
  {
    rule: 'RC-35',
    says: 'when all of it is acknowledged nothing is spared any more',
    context: before(1, 4),
    event: ack(3),
    changes: { context: { una: 4, retries: 0, spared: 0 } },
  },
];
