/** XState says what the tables mean; the stepper, which is faster, says the same in every state and event. */
import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { type AnyStateMachine, transition } from 'xstate';
import type { QpContext, QpEvent } from '../../model/context.ts';
import { connected } from '../../model/initial.ts';
import { type QpValue, qpMachine } from '../../model/qp.ts';
import { VERBS_STATES } from '../../model/verbs.ts';
import type { Work } from '../../model/workload.ts';
import { boundsOf, type Frame, type Stream } from './frame.ts';
import { partsAt, stepAt } from './shadow.ts';
import type { Snapshot } from './stepper.ts';

const WORKS: readonly Work[] = [
  { op: 'SEND', packets: 3 },
  { op: 'READ', packets: 2 },
  { op: 'WRITE', packets: 1 },
  { op: 'ATOMIC', packets: 1 },
  { op: 'SEND', packets: 1 },
];
const TOTAL = 8;
const stream = (initialPsn: number): Stream => ({ initialPsn, works: WORKS, says: () => true });
const FRAME: Frame = {
  sends: stream(0xfffffd),
  gets: stream(0),
  peerQpn: 2,
  mtu: 256,
  window: 4,
  retryCnt: 2,
  rnrRetry: 1,
  responderResources: 2,
  hostOf: () => 0,
};
/** Another QP, whose turns come between: of what is its own nothing may be left. */
const OTHER: Frame = {
  ...FRAME,
  sends: { ...stream(7), works: WORKS.slice(1) },
  gets: stream(0x7fffff),
  window: 1,
  retryCnt: 0,
  rnrRetry: 7,
  responderResources: 1,
};
const machineAt = (frame: Frame): AnyStateMachine => {
  const { sends, gets } = frame;
  return qpMachine(partsAt(boundsOf(frame, sends), boundsOf(frame, gets), sends.works), connected(0, 1, 0));
};
const MACHINES = new Map([FRAME, OTHER].map((frame) => [frame, machineAt(frame)]));

const bit = fc.constantFrom(0 as const, 1 as const);
const context: fc.Arbitrary<QpContext> = fc
  .record({
    una: fc.nat(TOTAL),
    nxt: fc.nat(TOTAL),
    sent: fc.nat(TOTAL),
    retries: fc.nat(2),
    spared: fc.constantFrom(0, 0, 0, 3),
    rnrRetries: fc.nat(1),
    rnrWait: bit,
    expected: fc.nat(TOTAL),
    nakSent: bit,
    inProgress: fc.constantFrom('', 'SEND', 'WRITE'),
    resources: fc.array(fc.record({ first: fc.nat(TOTAL), psns: fc.integer({ min: 1, max: 2 }) }), { maxLength: 2 }),
    receives: fc.nat(2),
    executed: fc.nat(4),
  })
  .map(({ executed, ...fields }) => ({ ...connected(0, 1, 0), ...fields, ghost: { executed, broke: '' } }));
const value: fc.Arbitrary<QpValue> = fc.record({
  verbs: fc.oneof({ weight: 2, arbitrary: fc.constant('RTS' as const) }, fc.constantFrom(...VERBS_STATES)),
  self: fc.constantFrom('RUNNING', 'RUNNING', 'RESUMING', 'STOPPED', 'GONE'),
  peer: fc.constantFrom('REACHABLE', 'PAUSED'),
  requester: fc.constant('ENGINE'),
  responder: fc.constant('ENGINE'),
});

const own = fc.integer({ min: -2, max: TOTAL + 1 }).map((index) => (0xfffffd + index) & 0xffffff);
const theirs = fc.integer({ min: -2, max: TOTAL + 1 }).map((index) => index & 0xffffff);
const from = fc.constantFrom(1, 1, 9);
const packets: fc.Arbitrary<QpEvent> = fc.oneof(
  fc.record({
    type: fc.constant('rx.request' as const),
    psn: theirs,
    op: fc.constantFrom('SEND', 'WRITE', 'READ', 'ATOMIC'),
    part: fc.constantFrom('only', 'first', 'middle', 'last'),
    psns: fc.integer({ min: 1, max: 2 }),
    ackReq: fc.boolean(),
    message: fc.nat(4),
    from,
  }),
  fc.record({ type: fc.constantFrom('rx.ack' as const, 'rx.rnrNak' as const), psn: own, from }),
  fc.record({ type: fc.constant('rx.nak'), psn: own, code: fc.constantFrom('SEQUENCE', 'INVALID_REQUEST'), from }),
  fc.record({ type: fc.constant('rx.response'), psn: own, message: fc.nat(4), from }),
  fc.record({ type: fc.constant('rx.nakStopped'), psn: own, epoch: fc.constant(0), signed: fc.boolean(), from }),
  fc.record({
    type: fc.constant('rx.resume'),
    psn: own,
    epoch: fc.nat(1),
    origin: fc.constant(3),
    signed: fc.boolean(),
    from,
  }),
);
const others: fc.Arbitrary<QpEvent> = fc.oneof(
  fc.record({
    type: fc.constantFrom(
      'modify.reset',
      'modify.init',
      'modify.rtr',
      'modify.rts',
      'modify.sqd',
      'modify.err',
      'send.error',
      'fatal',
      'rnrTimeout',
      'ackTimeout',
      'post.receive',
      'stop',
      'destroy',
      'resume',
    ),
  }),
  fc.record({ type: fc.constant('transmit'), ackReq: fc.boolean() }),
);

const byXState = (frame: Frame, before: Snapshot, event: QpEvent) => {
  const machine = MACHINES.get(frame) ?? machineAt(frame);
  const [after, actions] = transition(machine, machine.resolveState(before), event);
  const of = (type: string): readonly unknown[] =>
    actions.flatMap((action) => (action.type === type ? [action.params] : []));
  const [sent, taken] = [of('output'), of('taken')];
  return taken.length === 0 ? undefined : { after: { value: after.value, context: after.context }, sent, taken };
};

describe('REFINES', () => {
  const frame = fc.oneof({ weight: 3, arbitrary: fc.constant(FRAME) }, { weight: 1, arbitrary: fc.constant(OTHER) });
  test.prop([frame, value, context, fc.oneof({ weight: 2, arbitrary: packets }, others)], { numRuns: 3_000 })(
    'tables taken directly do what XState does with them',
    (of, before, data, event) => {
      const now = { value: before, context: data };
      expect(stepAt(of, now, event)).toEqual(byXState(of, now, event));
    },
  );
});
