import { describe, expect, test } from 'vitest';
import { godwitWithout } from '../../model/protocols.ts';
import { declaredEdges } from '../checker/coverage.ts';
import { parseScenario } from '../scenario/load.ts';
import { baselineOf, concerns } from './baseline.ts';
import { report } from './campaign.ts';
import { equivalent, readEquivalents } from './equivalents.ts';
import type { Mutation } from './mutation.ts';
import { mutationsOn } from './subject.ts';
import { trial } from './trial.ts';
import { keptVectors } from './vectors.ts';

const PROTOCOL = godwitWithout();
const scenario = {
  name: 'one end migrates',
  ...parseScenario('drawn', JSON.stringify({ version: 1, says: 'x', sides: { A: { route: [0, 2] } }, capacity: 3 })),
};
const baseline = baselineOf(PROTOCOL, scenario);
const mutations = mutationsOn(PROTOCOL, [baseline]);
const named = (id: string): Mutation => {
  const found = mutations.find((mutation) => mutation.id === id);
  if (!found) throw new Error(`no mutation ${id}`);
  return found;
};
/** By scenarios alone, so that it is they that notice. */
const inScenario = (id: string) => trial(PROTOCOL, named(id), [{ scenario, baseline }], undefined);
const alone = (id: string) => trial(PROTOCOL, named(id), [], keptVectors(PROTOCOL));

describe('mutations', () => {
  test('every edge is dropped once, every guard dropped and negated, every action dropped', () => {
    const edges = [...declaredEdges(PROTOCOL)];
    const count = (kind: string) => mutations.filter(({ change }) => change.kind === kind).length;
    const guards = edges.reduce((sum, [, { when = [] }]) => sum + when.length, 0);
    expect(count('drop edge')).toBe(edges.length);
    expect([count('drop guard'), count('negate guard')]).toEqual([guards, guards]);
    expect(count('drop action')).toBe(edges.reduce((sum, [, { do: actions = [] }]) => sum + actions.length, 0));
    expect(new Set(mutations.map(({ id }) => id)).size).toBe(mutations.length);
  });

  test('PSNs and epochs are off by one where an action changes or sends them, up and down', () => {
    const ids = mutations.filter(({ change }) => change.kind === 'off by one').map(({ id }) => id);
    expect(ids).toContain('requester.ENGINE.transmit.0: psn + 1 in send.request');
    expect(ids).toContain('self.STOPPED.activate.0: epoch - 1 in incarnate');
    expect(ids.every((id) => / [+-] 1 in /.test(id))).toBe(true);
  });

  test('a mutation concerns a scenario that takes its edge, or hears the guard say what is changed', () => {
    const quiet = { ...baseline, taken: [], guards: { 'requester.ENGINE.transmit.0:0': { asked: 2, held: 2 } } };
    expect(concerns(named('requester.ENGINE.transmit.0: drop edge'), quiet)).toBe(false);
    expect(concerns(named('requester.ENGINE.transmit.0: drop edge'), baseline)).toBe(true);
    expect(concerns(named('requester.ENGINE.transmit.0: drop guard sends'), quiet)).toBe(false);
    expect(concerns(named('requester.ENGINE.transmit.0: negate guard sends'), quiet)).toBe(true);
  });
});

describe('trials', () => {
  test.each([
    ['requester.ENGINE.transmit.0: drop guard sends', 'SAFE-4'],
    ['requester.ENGINE.transmit.0: psn + 1 in send.request', 'fell'],
    ['responder.ENGINE.rx.request.3: drop action execute', 'SAFE-1'],
    ['self.RUNNING.stop.0: drop edge', 'lost the outcome'],
  ])('a scenario notices %s', (id, what) => {
    expect(inScenario(id)).toEqual({ is: 'killed', by: expect.stringContaining(what) });
  });

  test.each([
    ['verbs.INIT.modify.rtr.0: go to RTS', 'chapter 20: '],
    ['requester.ENGINE.rx.ack.4: una + 1 in acknowledge', 'RC-20'],
    ['responder.ENGINE.rx.request.5: drop guard !nak.sent', 'RC-52'],
    ['self.RESUMING.rx.resumed.0: drop guard genuine', 'MIG-48'],
    ['move.RESTORED.commit.0: swap decide and target.activate', 'MIG-33'],
  ])('the tables and vectors of a chapter notice %s', (id, what) => {
    expect(alone(id)).toEqual({ is: 'killed', by: expect.stringContaining(what) });
  });

  test('an equivalent mutant survives everything', () => {
    const id = 'requester.ENGINE.rnrTimeout.0: drop guard rnr.waits';
    expect(alone(id)).toEqual({ is: 'survived', tried: 0, grew: [] });
    expect(readEquivalents('godwit').own.some(({ matches }) => matches(id))).toBe(true);
  });
});

describe('reports', () => {
  const tried = (id: string, is: 'killed' | 'survived') => ({
    mutation: named(id),
    fate: is === 'killed' ? ({ is, by: 'x' } as const) : ({ is, tried: 3, grew: [] } as const),
  });
  const results = [
    tried('self.RUNNING.stop.0: drop edge', 'killed'),
    tried('requester.ENGINE.transmit.0: drop edge', 'survived'),
    tried('requester.ENGINE.rnrTimeout.0: drop guard rnr.waits', 'survived'),
  ];

  test('a survivor with a reason is justified, one without is listed with its rule', () => {
    const judged = report('godwit', results, [equivalent('requester.*.rnrTimeout.0: drop guard rnr.waits', 'no step')]);
    expect(judged).toEqual({
      protocol: 'godwit',
      mutants: 3,
      killed: 1,
      justified: 1,
      share: 2 / 3,
      survivors: [{ rule: 'RC-1', mutation: 'requester.ENGINE.transmit.0: drop edge', tried: 3 }],
      idle: [],
    });
  });

  test('a reason for what was killed, or is no mutant, is idle', () => {
    const idle = [equivalent('self.RUNNING.stop.0: drop edge', 'x'), equivalent('nothing', 'x')];
    expect(report('godwit', results, idle).idle).toEqual(['self.RUNNING.stop.0: drop edge', 'nothing']);
  });
});
