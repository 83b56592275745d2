/** Chapter 70, clause by clause: what is judged of states and steps made by hand, so that no clause is there in vain. */
import { describe, expect, test } from 'vitest';
import type { QpContext } from '../../model/context.ts';
import { type Facts, factsOf, isSettled, judgePair, judgeStep } from '../../model/properties.ts';
import { godwitWithout } from '../../model/protocols.ts';
import type { QpValue } from '../../model/qp.ts';
import { type SideState, type SideStep, STRANGER } from '../../model/side-state.ts';
import { scenarioNamed } from '../scenario/load.ts';
import { Compiled } from './compiled.ts';

const QUIET: Facts = {
  executed: 0,
  completed: 0,
  failed: false,
  ended: false,
  lost: false,
  calm: true,
  goneOn: false,
  complete: true,
  broken: [],
};
const of = (more: Partial<Facts>): Facts => ({ ...QUIET, ...more });

/** Both ways round: what is said of one end is said of the other. */
const either = <T>(judge: (a: Facts, b: Facts) => T, one: Partial<Facts>, other: Partial<Facts> = {}) => [
  judge(of(one), of(other)),
  judge(of(other), of(one)),
];
const twice = <T>(value: T) => [value, value];

describe('two ends', () => {
  test('SAFE-1: neither completes more than the other has executed, unless nobody can ask it', () => {
    expect(either(judgePair, { completed: 1 })).toEqual(twice(['SAFE-1']));
    expect(either(judgePair, { completed: 1 }, { executed: 1 })).toEqual(twice([]));
    expect(either(judgePair, { completed: 1 }, { executed: -1, lost: true })).toEqual(twice([]));
  });

  test('SAFE-7, SAFE-10: a failure of either, and worse where an application has gone on', () => {
    expect(either(judgePair, { failed: true })).toEqual(twice(['SAFE-7']));
    expect(either(judgePair, { failed: true }, { goneOn: true })).toEqual(twice(['SAFE-7', 'SAFE-10']));
    expect(either(judgePair, { failed: true, goneOn: true })).toEqual(twice(['SAFE-7', 'SAFE-10']));
    expect(either(judgePair, { goneOn: true })).toEqual(twice([]));
  });

  test('REC-1, LIVE-1: settled is calm on both sides, and all work done or an end that does none', () => {
    expect(either(isSettled, {})).toEqual(twice(true));
    expect(either(isSettled, { calm: false })).toEqual(twice(false));
    expect(either(isSettled, { complete: false })).toEqual(twice(false));
    for (const over of [{ ended: true }, { lost: true }]) {
      expect(either(isSettled, { complete: false }, over)).toEqual(twice(true));
      expect(either(isSettled, { complete: false, ...over })).toEqual(twice(true));
      expect(either(isSettled, { calm: false }, over)).toEqual(twice(false));
    }
  });
});

const scenario = scenarioNamed('one-end-migrates');
const { system, machines } = new Compiled(godwitWithout(), scenario);
const start = system.initial.sides.A;
const copy = machines.A.copy(start.copies[0] ?? 0);
const made = (value: Partial<QpValue>, context: Partial<QpContext> = {}) =>
  machines.A.admit({ value: { ...copy.value, ...value }, context: { ...copy.context, ...context } });
/** Copies at hosts 0 and 2. */
const at = (here: number, there = 0): SideState => ({
  ...start,
  copies: start.copies.map((_, host) => (host === 0 ? here : host === 2 ? there : 0)),
});
const facts = factsOf(system, scenario, 'A');

describe('one end', () => {
  const { route, hop, epoch, since } = machines.A.coordinator(start.coordinator).context;
  const coordinator = (move: 'DUMPED' | 'IDLE', elsewhere: 'none' | 'lost work' = 'none') =>
    machines.A.coordinatorAt({ move }, { route, hop, epoch, since, elsewhere });

  test('SAFE-4: a STOPPED copy that is no more what its image says', () => {
    const [image, changed] = [made({ self: 'STOPPED' }), made({ self: 'STOPPED' }, { nakSent: 1 })];
    const dumped = (here: number): SideState => ({ ...at(here), coordinator: coordinator('DUMPED'), image });
    expect(facts(dumped(image)).broken).toEqual([]);
    expect(facts(dumped(changed)).broken).toEqual(['SAFE-4']);
  });

  test('SAFE-6: two copies that run, or wait for an answer to their resume; a stranger is none', () => {
    for (const self of ['RUNNING', 'RESUMING'] as const) {
      expect(facts(at(made({}), made({ self }, { host: 2 }))).broken).toEqual(['SAFE-6']);
      expect(facts(at(made({}), made({ self }, { host: 2, epoch: STRANGER }))).broken).toEqual([]);
    }
    expect(facts(at(made({}), made({ self: 'STOPPED' }, { host: 2 }))).broken).toEqual([]);
  });

  test('SAFE-9: a stranger that has executed something', () => {
    const ghost = { executed: 1, broke: '' } as const;
    expect(facts(at(made({}), made({}, { host: 2, epoch: STRANGER, ghost }))).broken).toEqual(['SAFE-9']);
  });

  test('SAFE-10: work done elsewhere by an incarnation that was given up', () => {
    expect(facts({ ...start, coordinator: coordinator('IDLE', 'lost work') }).broken).toEqual(['SAFE-10']);
  });

  test('SAFE-1, SAFE-2, SAFE-3, SAFE-8: what a copy has seen broken', () => {
    for (const broke of ['SAFE-1', 'SAFE-2', 'SAFE-3', 'SAFE-8'] as const)
      expect(facts(at(made({}, { ghost: { executed: 0, broke } }))).broken).toEqual([broke]);
  });

  test('REC-1: calm is to run, to reach the peer and to wait for no answer', () => {
    expect(facts(at(made({}))).calm).toBe(true);
    for (const value of [{ self: 'RESUMING' }, { self: 'STOPPED' }, { peer: 'PAUSED' }] as const)
      expect(facts(at(made(value))).calm).toBe(false);
    expect(facts(at(made({ verbs: 'ERR', peer: 'PAUSED' })))).toMatchObject({ calm: true, ended: true, failed: true });
  });
});

describe('an end that does no more', () => {
  const whenAsked = factsOf(
    system,
    { ...scenario, sides: { ...scenario.sides, A: { ...scenario.sides.A, consumer: ['modify.err'], verbs: 'SQE' } } },
    'A',
  );

  test('SAFE-7: has failed, unless its consumer asked for it', () => {
    expect(facts(at(made({ verbs: 'ERR' })))).toMatchObject({ ended: true, failed: true });
    expect(whenAsked(at(made({ verbs: 'ERR' })))).toMatchObject({ ended: true, failed: false });
  });

  test('SAFE-7: SQE is such an end, unless the QP began there', () => {
    expect(facts(at(made({ verbs: 'SQE' })))).toMatchObject({ ended: true, failed: true });
    expect(whenAsked(at(made({ verbs: 'SQE' })))).toMatchObject({ ended: false, failed: false });
  });
});

describe('one step', () => {
  const request = { type: 'rx.request', psn: 0, op: 'SEND', part: 'only', psns: 1, ackReq: true, message: 0 } as const;
  const judge = (before: number, step: Partial<SideStep>, event: Parameters<typeof judgeStep>[3]) =>
    judgeStep(system, 'A', at(before), event, { next: at(before), out: [], ...step });
  const transmit = { kind: 'copy', host: 0, event: { type: 'transmit' } } as const;
  const out = [{ host: 0, transmit: { to: 1, side: 'peer', packet: request } }] as const;

  test('SAFE-4, SAFE-5: a request of a copy that is STOPPED, PAUSED or a tombstone', () => {
    expect(judge(made({}), { out }, transmit)).toEqual([]);
    expect(judge(made({ self: 'STOPPED' }), { out }, transmit)).toEqual(['SAFE-4']);
    expect(judge(made({ self: 'TOMBSTONE' }), { out }, transmit)).toEqual(['SAFE-4']);
    expect(judge(made({ peer: 'PAUSED' }), { out }, transmit)).toEqual(['SAFE-5']);
  });

  test('SAFE-5: a retry that is counted while PAUSED', () => {
    const [before, after] = [made({ peer: 'PAUSED' }), made({ peer: 'PAUSED' }, { retries: 1 })];
    const timeout = { kind: 'copy', host: 0, event: { type: 'ackTimeout' } } as const;
    expect(judge(before, { next: at(after) }, timeout)).toEqual(['SAFE-5']);
    expect(judge(made({}), { next: at(made({}, { retries: 1 })) }, timeout)).toEqual([]);
  });

  test('SAFE-9: forged or of an older incarnation, it pauses, wakes or redirects', () => {
    const heard = (epoch: number, signed: boolean) =>
      ({ kind: 'copy', host: 0, event: { type: 'rx.nakStopped', psn: 0, epoch, signed, from: 1 } }) as const;
    const known = { peerEpoch: 2 };
    const changes = [made({ peer: 'PAUSED' }, known), made({}, { ...known, peerHost: 3 })];
    for (const next of changes.map((local) => at(local))) {
      expect(judge(made({}, known), { next }, heard(1, true))).toEqual(['SAFE-9']);
      expect(judge(made({}, known), { next }, heard(2, false))).toEqual(['SAFE-9']);
      expect(judge(made({}, known), { next }, heard(2, true))).toEqual([]);
    }
    expect(judge(made({}, known), { next: at(made({}, known)) }, heard(1, true))).toEqual([]);
  });
});
