/** Chapter 50, part B, on the model: one QP of the revised protocol, stepped by hand; whole migrations where it takes two. */
import { describe, expect, test } from 'vitest';
import type { QpContext, QpEvent } from '../../model/context.ts';
import type { CoordinatorEvent, CoordinatorValue } from '../../model/coordinator.ts';
import { connected } from '../../model/initial.ts';
import type { Transmit } from '../../model/packet.ts';
import { factsOf } from '../../model/properties.ts';
import { godwitWithout } from '../../model/protocols.ts';
import type { QpValue } from '../../model/qp.ts';
import { check } from '../checker/check.ts';
import { Compiled } from '../checker/compiled.ts';
import { machinesFor } from '../checker/machines.ts';
import { parseScenario, scenarioNamed } from '../scenario/load.ts';
import { specTable } from '../trace/tables.ts';

const PROTOCOL = godwitWithout();
const SCENARIO = parseScenario(
  'here',
  JSON.stringify({
    version: 1,
    says: 'Two SENDs each way.',
    sides: { A: { route: [0, 2], work: ['SEND', 'SEND'] }, B: { route: [1], work: ['SEND', 'SEND'] } },
    bounds: { retryCnt: 1 },
  }),
);

const machines = () => machinesFor(PROTOCOL, SCENARIO, 'A', new Set());

type Part = { readonly value?: Partial<QpValue>; readonly context?: Partial<QpContext> };

/** A QP at host 0 whose peer is at host 1, after this event. */
const stepped = ({ value = {}, context = {} }: Part, event: QpEvent) => {
  const all = machines();
  const local = all.admit({
    value: {
      verbs: 'RTS',
      self: 'RUNNING',
      peer: 'REACHABLE',
      requester: 'ENGINE',
      responder: 'ENGINE',
      ...value,
    },
    context: { ...connected(0, 1, 2), ...context },
  });
  const before = all.copy(local);
  const step = all.stepCopy(local, event);
  const out: readonly Transmit[] = step?.out ?? [];
  return { before, ...(step ? all.copy(step.next) : before), out, moved: step !== undefined };
};

const request = (psn: number): QpEvent => ({
  type: 'rx.request',
  psn,
  op: 'SEND',
  part: 'only',
  psns: 1,
  ackReq: true,
  message: psn,
  from: 1,
});
const resume = (epoch: number, origin = 3, signed = true): QpEvent => ({
  type: 'rx.resume',
  psn: 0,
  epoch,
  origin,
  signed,
  from: origin,
});
const resumed = (answers: number, psn: number, epoch = 0, origin = 1, signed = true): QpEvent => ({
  type: 'rx.resumed',
  psn,
  answers,
  epoch,
  origin,
  signed,
  from: origin,
});
const nakStopped = (epoch: number, signed = true): QpEvent => ({
  type: 'rx.nakStopped',
  psn: 0,
  epoch,
  signed,
  from: 1,
});
const packets = (out: readonly Transmit[]) => out.map(({ to, packet: { type } }) => ({ to, type }));

describe('the record and its decision', () => {
  const step = (move: CoordinatorValue['move'], event: Partial<CoordinatorEvent> & Pick<CoordinatorEvent, 'type'>) => {
    const all = machines();
    const local = all.coordinatorAt({ move }, { route: [0, 2], hop: 0, epoch: 4, since: [4], elsewhere: 'none' });
    const seen = {
      sourceAlive: true,
      answered: true,
      targetAlive: true,
      dumped: true,
      later: false,
      peerCapable: true,
      ...event,
    };
    const taken = all.stepCoordinator(local, seen);
    return taken && { ...all.coordinator(taken.next), out: taken.out };
  };

  test('MIG-30: a coordinator stops nothing whose peer has not shown the extension', () => {
    expect(step('IDLE', { type: 'stop', peerCapable: false })).toBeUndefined();
    expect(step('IDLE', { type: 'stop' })?.value.move).toBe('STOPPED');
  });

  test('MIG-31: nothing is dumped before the stop', () => {
    expect(step('IDLE', { type: 'dump' })).toBeUndefined();
    expect(step('STOPPED', { type: 'dump' })?.out).toEqual([{ on: 'source', image: 'dump' }]);
  });

  test('MIG-33: the target decides once it has restored everything, and starts the next epoch', () => {
    expect(step('DUMPED', { type: 'commit' })).toBeUndefined();
    expect(step('RESTORED', { type: 'commit', targetAlive: false })).toBeUndefined();
    const committed = step('RESTORED', { type: 'commit' });
    expect(committed?.out).toEqual([{ on: 'target', event: { type: 'activate', epoch: 5 } }]);
    expect(committed?.context).toMatchObject({ hop: 1, epoch: 5 });
  });

  test('MIG-34: an abort destroys the copy at the target and starts the next epoch at the source', () => {
    expect(step('RESTORED', { type: 'abort' })?.out).toEqual([
      { on: 'target', event: { type: 'destroy', epoch: 4 } },
      { on: 'source', event: { type: 'unstop', epoch: 5 } },
    ]);
    expect(step('IDLE', { type: 'abort' })).toBeUndefined();
  });

  test('MIG-35: a coordinator that returns aborts, or goes on from what was restored or the image where the source is gone', () => {
    expect(step('CRASHED', { type: 'return' })?.out).toContainEqual({
      on: 'source',
      event: { type: 'unstop', epoch: 5 },
    });
    expect(step('CRASHED', { type: 'return', sourceAlive: false, targetAlive: false })?.value.move).toBe('DUMPED');
    expect(step('CRASHED', { type: 'return', sourceAlive: false })).toMatchObject({
      value: { move: 'RESTORED' },
      out: [],
    });
  });

  test('MIG-46: a side whose last copy is gone is declared dead, and who waits for it stops waiting', () => {
    expect(step('IDLE', { type: 'declareDead', sourceAlive: false })?.value.move).toBe('DEAD');
    expect(step('IDLE', { type: 'declareDead' })).toBeUndefined();
    const peer = { epoch: 0, at: 1, moving: false, dead: true };
    expect(stepped({ value: { peer: 'PAUSED' } }, { type: 'ackTimeout', peer }).value.peer).toBe('REACHABLE');
    expect(stepped({ value: { self: 'RESUMING' } }, { type: 'ackTimeout', peer }).value.self).toBe('RUNNING');
  });

  test('MIG-46: a QP that its consumer has reset is dead to who asks, and its end is not lost', () => {
    const { system } = new Compiled(PROTOCOL, scenarioNamed('the-peer-resets-its-qp'));
    const { initial } = system;
    const reset = system.stepSide('B', initial.sides.B, { kind: 'consumer', host: 1, event: { type: 'modify.reset' } });
    if (!reset) throw new Error('a consumer may reset its QP at any time');
    expect([system.where('B', initial.sides.B).dead, system.where('B', reset.next).dead]).toEqual([false, true]);
    expect(factsOf(system, scenarioNamed('the-peer-resets-its-qp'), 'B')(reset.next).lost).toBe(false);
  });
});

describe('while STOPPED', () => {
  const STOPPED = { self: 'STOPPED' } as const;

  test('MIG-32: a restored copy executes, sends and completes nothing', () => {
    const context = { una: 0, nxt: 1, sent: 1 };
    for (const event of [request(0), { type: 'transmit' }, { type: 'rx.ack', psn: 0, from: 1 }] as const) {
      const { before, context: now, out } = stepped({ value: STOPPED, context }, event);
      expect(now).toEqual(before.context);
      expect(out.filter(({ packet }) => packet.type !== 'rx.nakStopped')).toEqual([]);
    }
  });

  test('MIG-36: a request of a capable peer is answered with NAK_STOPPED, its expected PSN and its epoch', () => {
    const { out } = stepped({ value: STOPPED, context: { expected: 2, epoch: 3 } }, request(0));
    expect(out.map(({ packet }) => packet)).toEqual([{ type: 'rx.nakStopped', psn: 2, epoch: 3, signed: true }]);
    expect(stepped({ value: STOPPED, context: { peerCapable: 0 } }, request(0)).out).toEqual([]);
  });

  test('MIG-37: everything else is dropped, RESUME and RESUMED included', () => {
    for (const event of [resume(5), resumed(0, 0, 5), nakStopped(5), { type: 'rx.ack', psn: 0, from: 1 } as const])
      expect(stepped({ value: STOPPED, context: { nxt: 1, sent: 1 } }, event).moved).toBe(false);
  });
});

describe('at the peer', () => {
  test('MIG-38: NAK_STOPPED of the known or a newer epoch pauses, an older one changes nothing', () => {
    const context = { peerEpoch: 2 };
    expect(stepped({ context }, nakStopped(2)).value.peer).toBe('PAUSED');
    expect(stepped({ context }, nakStopped(3))).toMatchObject({ value: { peer: 'PAUSED' }, context: { peerEpoch: 3 } });
    expect(stepped({ context }, nakStopped(1)).moved).toBe(false);
  });

  test('MIG-39: no timer runs and no retry is counted while PAUSED or while RESUME is unanswered', () => {
    const context = { nxt: 1, sent: 1 };
    const naks = [{ type: 'ackTimeout' }, { type: 'rx.nak', psn: 0, code: 'SEQUENCE', from: 1 }] as const;
    for (const value of [{ peer: 'PAUSED' }, { self: 'RESUMING' }] as const)
      for (const event of naks) {
        const { context: now, value: then } = stepped({ value, context }, event);
        expect([now.retries, then.verbs]).toEqual([0, 'RTS']);
      }
    expect(stepped({ context }, { type: 'ackTimeout' }).context.retries).toBe(1);
  });

  test('MIG-40: RESUME is repeated for nothing until it is answered, PAUSED or not', () => {
    for (const peer of ['REACHABLE', 'PAUSED'] as const) {
      const { out, context } = stepped({ value: { self: 'RESUMING', peer } }, { type: 'ackTimeout' });
      expect([packets(out), context.retries]).toEqual([[{ to: 1, type: 'rx.resume' }], 0]);
    }
  });

  test('MIG-41: RESUME of a newer epoch moves the peer, wakes, is answered, and what is unacknowledged goes again', () => {
    for (const verbs of ['RTR', 'RTS', 'SQD', 'SQE', 'ERR'] as const) {
      const { value, context, out } = stepped(
        { value: { verbs, peer: 'PAUSED' }, context: { nxt: 1, sent: 1, peerEpoch: 1 } },
        resume(2),
      );
      expect(value).toMatchObject({ verbs, peer: 'REACHABLE' });
      expect(context).toMatchObject({ peerHost: 3, peerEpoch: 2, nxt: 0 });
      expect(packets(out)).toEqual([{ to: 3, type: 'rx.resumed' }]);
    }
  });

  test('MIG-42: RESUME of the known epoch is answered and changes nothing, an older one is ignored', () => {
    const part = { value: { peer: 'PAUSED' }, context: { peerEpoch: 2 } } as const;
    const again = stepped(part, resume(2));
    expect([packets(again.out), again.value, again.context]).toEqual([
      [{ to: 3, type: 'rx.resumed' }],
      again.before.value,
      again.before.context,
    ]);
    expect(stepped(part, resume(1)).moved).toBe(false);
  });

  test('MIG-43: RESUMED ends the wait only for its epoch, acknowledges up to its PSN, and tells a newer epoch', () => {
    const part = { value: { self: 'RESUMING', peer: 'PAUSED' }, context: { epoch: 2, nxt: 2, sent: 2 } } as const;
    const { value, context } = stepped(part, resumed(2, 0, 1, 3));
    expect([value.self, value.peer]).toEqual(['RUNNING', 'REACHABLE']);
    expect(context).toMatchObject({ una: 1, nxt: 1, peerHost: 3, peerEpoch: 1 });
    expect(stepped(part, resumed(1, 0)).moved).toBe(false);
    expect(stepped({ ...part, value: {} }, resumed(2, 0)).moved).toBe(false);
  });

  test('MIG-47: who is about to give up asks the record: a newer epoch, a peer being moved, or the end', () => {
    const spent = { context: { nxt: 1, sent: 1, retries: 1 } };
    const ask = (peer: { epoch: number; at: number; moving: boolean }) =>
      stepped(spent, { type: 'ackTimeout', peer: { ...peer, dead: false } });
    expect(ask({ epoch: 1, at: 3, moving: false }).context).toMatchObject({ peerHost: 3, peerEpoch: 1, retries: 0 });
    expect(ask({ epoch: 0, at: 1, moving: true }).value).toMatchObject({ verbs: 'RTS', peer: 'PAUSED' });
    expect(ask({ epoch: 0, at: 1, moving: false }).value.verbs).toBe('ERR');
  });

  test('MIG-54: in ERR a RESUME is repeated, and a QP in RESET neither repeats one nor is PAUSED', () => {
    const resuming = { value: { self: 'RESUMING', verbs: 'ERR' } } as const;
    expect(packets(stepped(resuming, { type: 'ackTimeout' }).out)).toEqual([{ to: 1, type: 'rx.resume' }]);
    const waiting = { value: { self: 'RESUMING', peer: 'PAUSED' } } as const;
    expect(stepped(waiting, { type: 'modify.err' }).value).toMatchObject({ self: 'RESUMING', peer: 'PAUSED' });
    expect(stepped(waiting, { type: 'modify.reset' }).value).toMatchObject({ self: 'RUNNING', peer: 'REACHABLE' });
  });

  test('MIG-48: control messages that are not genuine change nothing', () => {
    for (const event of [nakStopped(5, false), resume(5, 9, false)]) expect(stepped({}, event).moved).toBe(false);
    expect(stepped({ value: { self: 'RESUMING' } }, resumed(0, 0, 5, 9, false)).moved).toBe(false);
  });
});

describe('what stays at the old host', () => {
  const TOMBSTONE = { value: { self: 'TOMBSTONE' }, context: { forwardTo: 2, epoch: 1 } } as const;

  test('MIG-44: a tombstone answers requests with its old epoch and forwards RESUME and RESUMED', () => {
    expect(stepped(TOMBSTONE, request(0)).out.map(({ packet }) => packet)).toEqual([
      { type: 'rx.nakStopped', psn: 0, epoch: 1, signed: true },
    ]);
    for (const event of [resume(4), resumed(1, 0)]) {
      const packet = Object.fromEntries(Object.entries(event).filter(([name]) => name !== 'from'));
      expect(stepped(TOMBSTONE, event).out).toEqual([{ to: 2, side: 'own', packet }]);
    }
  });

  test('MIG-45: a QPN is given away only when nothing for it can be on its way', () => {
    const scenario = scenarioNamed('a-stranger-gets-the-old-qpn');
    const holds = (without: readonly 'quarantine'[]) =>
      check({ name: 'godwit', without }, scenario).properties.find(({ id }) => id === 'SAFE-9')?.holds;
    expect([holds([]), holds(['quarantine'])]).toEqual([true, false]);
  });
});

test('MIG-49: towards a stock endpoint the revised protocol sends nothing that it does not know', () => {
  const verdict = check({ name: 'godwit' }, scenarioNamed('the-peer-lacks-the-extension'));
  expect(verdict.properties.map(({ holds }) => holds)).not.toContain(false);
  const { rows } = specTable('spec/50-migration.md', 'mig-header');
  const bits = rows.map(({ cells }) => Number(cells.bits));
  expect(bits.reduce((sum, each) => sum + each, 0) % 32).toBe(0);
});
