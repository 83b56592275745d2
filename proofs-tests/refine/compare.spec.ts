/** What is seen at a glance is what a look at every field says. */
import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import type { QpContext } from '../../model/context.ts';
import { connected } from '../../model/initial.ts';
import type { Copy } from '../../model/protocol.ts';
import { VERBS_STATES } from '../../model/verbs.ts';
import { comparable } from './alpha.ts';
import { isSame } from './compare.ts';

const bit = fc.constantFrom(0 as const, 1 as const);
const few = fc.nat(1);
const copy: fc.Arbitrary<Copy> = fc.record({
  value: fc.record({
    verbs: fc.constantFrom(...VERBS_STATES),
    self: fc.constantFrom('RUNNING', 'RUNNING', 'RESUMING', 'STOPPED'),
    peer: fc.constantFrom('REACHABLE', 'PAUSED'),
    requester: fc.constant('ENGINE'),
    responder: fc.constant('ENGINE'),
  }),
  context: fc.constant(connected(0, 1, 0)),
});
const changes: fc.Arbitrary<Partial<QpContext>> = fc.oneof(
  fc
    .constantFrom('una', 'nxt', 'sent', 'retries', 'spared', 'rnrRetries', 'expected', 'receives', 'host', 'peerHost')
    .chain((name) => few.map((more) => ({ [name]: connected(0, 1, 0)[name] + more }))),
  fc.constantFrom('rnrWait', 'nakSent', 'ackLost').chain((name) => bit.map((flag) => ({ [name]: flag }))),
  fc.record({ inProgress: fc.constantFrom('', 'SEND', 'WRITE') }),
  fc.record({ qpType: fc.constantFrom('RC', 'UC') }),
  fc.record({ resources: fc.array(fc.record({ first: few, psns: few }), { maxLength: 2 }) }),
  fc.record({ ghost: fc.record({ executed: few, broke: fc.constantFrom('', 'SAFE-2') }) }),
  fc.record({
    asked: fc.array(
      fc.record({
        epoch: few,
        at: few,
        moving: fc.boolean(),
        dead: fc.boolean(),
        una: few,
      }),
      { maxLength: 1 },
    ),
  }),
);

test.prop([copy, changes, changes, fc.option(copy, { freq: 8 })], { numRuns: 3_000 })(
  'REFINES: copies are the same at a glance only where each field that is compared is the same',
  (one, some, others, another) => {
    const a: Copy = { ...one, context: { ...one.context, ...some } };
    const b: Copy = { value: another?.value ?? one.value, context: { ...one.context, ...others } };
    const equal = JSON.stringify(comparable(a)) === JSON.stringify(comparable(b));
    // Who has asked the record is looked at field by field.
    if (a.context.asked.length + b.context.asked.length > 0 && equal) return;
    expect(isSame(a, b)).toBe(equal);
  },
);
