import { describe, expect, test } from 'vitest';
import type { Scenario } from '../../model/scenario.ts';
import type { Action } from '../../model/system.ts';
import { allScenarios, parseScenario, scenarioNamed } from '../scenario/load.ts';
import { PROTOCOL_NAMES } from '../scenario/schema.ts';
import { check } from './check.ts';
import { Compiled, SETTLED } from './compiled.ts';
import { withoutMigration } from './control.ts';
import { explore } from './explore.ts';
import { futureOf } from './future.ts';
import { type ProtocolChoice, protocolOf } from './named-protocol.ts';
import { nearestTrap } from './recovery.ts';
import { follow, ImpossibleStep, judgeRun } from './run.ts';
import { inFull, unrememberedSystem } from './unremembered.ts';

const scenario = (fields: object) => parseScenario('drawn', JSON.stringify({ version: 1, says: 'x', ...fields }));
const verdictOf = (choice: ProtocolChoice, of: Scenario, maxStates?: number) => {
  const { complete, properties } = check(choice, of, maxStates === undefined ? {} : { maxStates });
  const by = Object.fromEntries(properties.map((property) => [property.id, property]));
  return { complete, by, properties };
};

describe('what is said', () => {
  test('a search that stopped at its bound says nothing holds', () => {
    const { complete, properties } = verdictOf({ name: 'godwit' }, scenarioNamed('one-end-migrates'), 100);
    expect(complete).toBe(false);
    for (const { holds, why } of properties) expect({ holds, why }).toEqual({ holds: null, why: 'search incomplete' });
  });

  test('a search that stopped at its bound still shows what it found', () => {
    const { complete, by } = verdictOf({ name: 'tardis' }, scenarioNamed('control-messages-are-forged'), 1000);
    expect({ complete, safe9: by['SAFE-9']?.holds, safe1: by['SAFE-1']?.holds }).toEqual({
      complete: false,
      safe9: false,
      safe1: null,
    });
  });

  test('what lies behind the bound may be a way out: no trap is seen there', () => {
    const oneEnd = scenarioNamed('one-end-migrates');
    for (const bound of [10, 100, 1000, 10_000])
      expect(verdictOf({ name: 'tardis' }, oneEnd, bound).by['REC-1']?.holds).toBeNull();
  });

  test('LIVE-1 follows where REC-1 falls', () => {
    const { by } = verdictOf({ name: 'tardis' }, scenarioNamed('both-ends-migrate-at-once'));
    expect(by['LIVE-1']).toMatchObject({ holds: false, why: 'follows from REC-1' });
  });
});

describe('control without migration', () => {
  test('SAFE-7 that falls without migration too is not blamed on the protocol', () => {
    const lossy = { bounds: { retryCnt: 1 }, faults: { lose: 2 }, capacity: 2 };
    const moves = scenario({ sides: { A: { route: [0, 2], work: [] }, B: { route: [1] } }, ...lossy });
    for (const name of PROTOCOL_NAMES)
      expect(verdictOf({ name }, moves).by['SAFE-7']).toMatchObject({
        holds: null,
        why: 'falls without migration too',
      });
  });

  test('it keeps what the scenario supposes and leaves out what only migration has', () => {
    const control = withoutMigration(scenarioNamed('the-coordinator-crashes-and-the-source-goes-dark'));
    expect(control.sides.A.route).toHaveLength(1);
    expect(control.faults).toMatchObject({ crash: false, dark: [], reuse: false, forge: 0 });
    expect(control.assumptions).toEqual(scenarioNamed('the-coordinator-crashes-and-the-source-goes-dark').assumptions);
  });

  test('without migration every protocol is RC: the same properties fall', () => {
    const distinct = new Map(
      allScenarios()
        .filter(({ deep }) => !deep)
        .map(({ sides, bounds, capacity, assumptions, faults }) => {
          const control = withoutMigration({ sides, bounds, capacity, assumptions, faults });
          return [JSON.stringify(control), control];
        }),
    );
    expect(distinct.size).toBeGreaterThan(10);
    for (const control of distinct.values()) {
      const [rc, ...others] = PROTOCOL_NAMES.map((name) => {
        const exploration = explore(new Compiled(protocolOf({ name }), control), {});
        return { falls: [...exploration.falls.keys()].toSorted(), traps: nearestTrap(exploration) >= 0 };
      });
      for (const other of others) expect(other).toEqual(rc);
    }
  });
});

const SHOWN: readonly (readonly [string, ProtocolChoice])[] = [
  ['both-ends-migrate-at-once', { name: 'tardis' }],
  ['both-ends-migrate-at-once', { name: 'tardis-code' }],
  ['both-old-hosts-go-dark', { name: 'tardis' }],
  ['resume-is-lost', { name: 'tardis', reading: { resumeRepeats: 'never' } }],
  ['a-stranger-gets-the-old-qpn', { name: 'tardis' }],
  ['control-messages-are-forged', { name: 'tardis' }],
  ['resume-is-duplicated', { name: 'tardis-code' }],
  ['psns-wrap', { name: 'tardis-code' }],
  ['timers-run-while-paused', { name: 'tardis-code' }],
  ['there-and-back-again', { name: 'godwit', without: ['epochs'] }],
];

describe('counterexamples', () => {
  test.each(SHOWN)('%s under %o: every step is taken by XState itself, and the last one violates', (name, choice) => {
    const of = scenarioNamed(name);
    const system = unrememberedSystem(protocolOf(choice), of);
    const judged = judgeRun(system, of);
    const shown = check(choice, of).properties.filter(({ counterexample }) => counterexample);
    expect(shown.length).toBeGreaterThan(0);
    for (const { id, counterexample } of shown) {
      const run = follow(system, counterexample?.steps ?? []);
      const last = run.at(-1);
      if (!last) throw new Error(`${id} falls without a step`);
      if (id.startsWith('SAFE')) {
        expect(judged.broken(last)).toContain(id);
        for (const earlier of run.slice(0, -1)) expect(judged.broken(earlier)).not.toContain(id);
      }
      if (id === 'REC-1') {
        const compiled = new Compiled(protocolOf(choice), of);
        const end = follow(compiled.system, counterexample?.steps ?? []).at(-1);
        expect(end && futureOf(compiled, end.after)).toMatchObject({ complete: true, recovers: false });
      }
    }
  });

  test('a connection that can still recover is no trap, and a future not seen to its end says so', () => {
    const compiled = new Compiled(protocolOf({ name: 'tardis' }), scenarioNamed('one-end-migrates'));
    const { initial } = compiled.system;
    expect(futureOf(compiled, initial)).toMatchObject({ complete: true, recovers: true });
    expect(futureOf(compiled, initial, 100)).toMatchObject({ complete: false, ending: { steps: [], round: [] } });
  });

  test('a run that goes round for ever is a lasso without a settled state', () => {
    const choice: ProtocolChoice = { name: 'tardis' };
    // A peer in ERR never answers; the end that migrated repeats its resume.
    const of = scenario({ sides: { A: { route: [0, 2] }, B: { route: [1], consumer: ['modify.err'] } } });
    const compiled = new Compiled(protocolOf(choice), of);
    const trap = check(choice, of).properties.find(({ id }) => id === 'REC-1')?.counterexample?.steps ?? [];
    const end = follow(compiled.system, trap).at(-1)?.after ?? compiled.system.initial;
    const { steps, round } = futureOf(compiled, end).ending;
    const run = follow(compiled.system, [...trap, ...steps, ...round]);
    const entry = run[trap.length + steps.length]?.before;
    expect(round.length).toBeGreaterThan(0);
    expect(entry && compiled.intern(entry)).toEqual(compiled.intern(run.at(-1)?.after ?? end));
    for (const { after } of run.slice(trap.length)) {
      const [a, b] = compiled.intern(after);
      expect(compiled.verdict(a, b) & SETTLED).toBe(0);
    }
  });

  test('a step that is not possible is refused with its number', () => {
    const of = scenarioNamed('one-end-migrates');
    const { system } = new Compiled(protocolOf({ name: 'tardis' }), of);
    const stop: Action = { kind: 'side', side: 'A', event: { kind: 'coordinator', type: 'stop' } };
    expect(() => follow(system, [stop, stop])).toThrow(ImpossibleStep);
    expect(() => follow(system, [stop, stop])).toThrow('step 2');
  });
});

test.each([
  ['the-first-packet-meets-no-one', 'tardis'],
  ['nak-stopped-arrives-after-the-resume', 'tardis-code'],
  ['the-old-host-goes-dark', 'godwit'],
] as const)(
  '%s under %s: a search without tables finds as many states and no shorter way to a violation',
  (name, protocol) => {
    const of = scenarioNamed(name);
    const system = unrememberedSystem(protocolOf({ name: protocol }), of);
    const judged = judgeRun(system, of);
    const machines = { A: system.side.A.machines, B: system.side.B.machines };
    const key = (state: typeof system.initial) => inFull(machines, state, of.assumptions.ordered);
    const depths = new Map([[key(system.initial), 0]]);
    const first = new Map<string, number>();
    const queue = [system.initial];
    for (const before of queue)
      for (const action of system.actions(before)) {
        const after = system.apply(before, action);
        if (!after) continue;
        const depth = 1 + (depths.get(key(before)) ?? 0);
        for (const id of judged.broken({ action, before, after })) if (!first.has(id)) first.set(id, depth);
        if (depths.has(key(after))) continue;
        depths.set(key(after), depth);
        queue.push(after);
      }
    const { states, depth, properties } = check({ name: protocol }, of);
    expect({ states, depth }).toEqual({ states: depths.size, depth: Math.max(...depths.values()) });
    for (const { id, counterexample } of properties)
      if (id.startsWith('SAFE')) expect(counterexample?.steps.length).toBe(first.get(id));
  },
);
