/** The tables of the explorer say what XState says: a random walk compares every step out of every state it visits. */
import { expect, test } from 'vitest';
import { SAFETY, type Safety } from '../../model/properties.ts';
import type { Scenario } from '../../model/scenario.ts';
import { scenarioNamed } from '../scenario/load.ts';
import { Compiled } from './compiled.ts';
import { type ProtocolChoice, protocolOf } from './named-protocol.ts';
import { judgeRun } from './run.ts';
import { inFull, unrememberedSystem } from './unremembered.ts';

type Branch = { readonly action: string; readonly breaks: readonly Safety[]; readonly leadsTo: string };

const inWords = (bits: number): readonly Safety[] => SAFETY.filter((_, k) => (bits & (1 << k)) !== 0);

/** A linear congruential generator: the walk is the same everywhere. */
const chance = (seed: number) => {
  let state = seed;
  return (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
};

const byTable = (compiled: Compiled, scenario: Scenario, numbers: readonly [number, number, number]) => {
  const { ordered } = scenario.assumptions;
  const [a, b, n] = numbers;
  const found: (Branch & { readonly numbers: readonly [number, number, number] })[] = [];
  compiled.expand(a, b, n, {
    edge: (a2, b2, n2, broken, kind, k) => {
      const leadsTo = inFull(compiled.machines, compiled.state(a2, b2, n2), ordered);
      const action = JSON.stringify(compiled.action(a, b, n, kind, k));
      const breaks = inWords(broken | compiled.verdict(a2, b2));
      found.push({ action, breaks, leadsTo, numbers: [a2, b2, n2] });
    },
  });
  return found;
};

/** Distinct states visited, and steps compared. */
const walk = (choice: ProtocolChoice, scenario: Scenario, steps: number, seed: number, compiled: Compiled) => {
  const plain = unrememberedSystem(protocolOf(choice), scenario);
  const judged = judgeRun(plain, scenario);
  const machines = { A: plain.side.A.machines, B: plain.side.B.machines };
  const draw = chance(seed);
  let numbers = compiled.intern(compiled.system.initial);
  let state = plain.initial;
  const visited = new Set<string>();
  let compared = 0;
  for (let step = 0; step < steps; step += 1) {
    visited.add(inFull(machines, state, scenario.assumptions.ordered));
    const tabled = byTable(compiled, scenario, numbers);
    const branches = plain.actions(state).flatMap((action) => {
      const next = plain.apply(state, action);
      if (!next) return [];
      const breaks = SAFETY.filter((id) => judged.broken({ action, before: state, after: next }).includes(id));
      return [{ action, breaks, next, leadsTo: inFull(machines, next, scenario.assumptions.ordered) }];
    });
    const lines = ({ action, breaks, leadsTo }: Branch) => `${action} breaks ${breaks.join()} -> ${leadsTo}`;
    expect(tabled.map(lines).toSorted()).toEqual(
      branches.map((branch) => lines({ ...branch, action: JSON.stringify(branch.action) })).toSorted(),
    );
    compared += branches.length;
    const taken = step % 40 === 39 ? undefined : branches[draw(branches.length)];
    const same = taken && tabled.find(({ action }) => action === JSON.stringify(taken.action));
    // A run that ends starts again, and so does one that may have got stuck in a loop.
    numbers = same ? same.numbers : compiled.intern(compiled.system.initial);
    state = taken && same ? taken.next : plain.initial;
  }
  return { visited: visited.size, compared };
};

const WALKS: readonly (readonly [string, ProtocolChoice, floor: number])[] = [
  ['one-end-migrates', { name: 'tardis' }, 100],
  ['both-ends-migrate-at-once-under-loss-and-duplication', { name: 'tardis-code' }, 80],
  ['a-read-is-in-progress', { name: 'tardis-code' }, 100],
  ['the-migration-is-aborted', { name: 'godwit' }, 80],
  ['the-coordinator-crashes-and-the-source-goes-dark', { name: 'godwit' }, 80],
  ['control-messages-are-forged', { name: 'godwit' }, 80],
  ['a-stranger-gets-the-old-qpn', { name: 'godwit' }, 80],
  ['there-and-back-again', { name: 'godwit', without: ['epochs'] }, 100],
];

test.each(WALKS)(
  'a random walk through %s under %o meets the same steps in the tables and in XState',
  (name, choice, floor) => {
    const scenario = scenarioNamed(name);
    const { visited, compared } = walk(choice, scenario, 300, 20_261_120, new Compiled(protocolOf(choice), scenario));
    expect(visited).toBeGreaterThan(floor);
    expect(compared).toBeGreaterThan(2 * floor);
  },
);

test('paths that keep their order are compared in order', () => {
  const scenario = scenarioNamed('one-end-migrates-under-loss-and-duplication');
  const ordered = { ...scenario, assumptions: { ...scenario.assumptions, ordered: true } };
  const choice: ProtocolChoice = { name: 'godwit' };
  expect(walk(choice, ordered, 300, 7, new Compiled(protocolOf(choice), ordered)).visited).toBeGreaterThan(100);
});

test('one wrong cell in a table is noticed', () => {
  const scenario = scenarioNamed('one-end-migrates');
  const choice: ProtocolChoice = { name: 'tardis' };
  const compiled = new Compiled(protocolOf(choice), scenario);
  const [a, b] = compiled.intern(compiled.system.initial);
  const at = compiled.A.steps(a, compiled.B.record(b));
  // The first local step of A now leads nowhere.
  compiled.A.stepped.cells[at + 1] = a;
  expect(() => walk(choice, scenario, 50, 1, compiled)).toThrow();
});
