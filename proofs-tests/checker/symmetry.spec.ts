import { describe, expect, test } from 'vitest';
import type { Protocol } from '../../model/protocol.ts';
import { godwitWithout, tardisAsRead } from '../../model/protocols.ts';
import { parseScenario } from '../scenario/load.ts';
import { check } from './check.ts';
import { Compiled } from './compiled.ts';
import { explore } from './explore.ts';
import { Reduced, symmetriesOf } from './symmetry.ts';

const scenario = (fields: object) => parseScenario('drawn', JSON.stringify({ version: 1, says: 'x', ...fields }));
const BOTH = { sides: { A: { route: [0, 2] }, B: { route: [1, 3] } } };

const STAY = { sides: { A: { route: [0] }, B: { route: [1] } } };
const SMALL = { ...BOTH, capacity: 2 };

describe('symmetries of a scenario', () => {
  test('two ends with equal parties can be swapped together with their hosts', () => {
    expect(symmetriesOf(scenario(BOTH))).toEqual([{ swaps: true, hosts: [1, 0, 3, 2] }]);
  });

  test('ends that differ in work, consumer or faults cannot', () => {
    const work = { sides: { ...BOTH.sides, B: { route: [1, 3], work: [] } } };
    expect(symmetriesOf(scenario(work))).toEqual([]);
    expect(symmetriesOf(scenario({ ...BOTH, faults: { dark: ['A'] } }))).toEqual([]);
    expect(symmetriesOf(scenario({ sides: { A: { route: [0, 2] }, B: { route: [1] } } }))).toEqual([]);
  });

  test('hosts that no route names are interchangeable', () => {
    expect(symmetriesOf(scenario({ sides: { A: { route: [0] }, B: { route: [3] } } }))).toContainEqual({
      swaps: false,
      hosts: [0, 2, 1, 3],
    });
  });
});

/** Every scenario twice: as it is, and reduced. What a state stands for has to add up to the unreduced count. */
describe('the reduced search against the unreduced one', () => {
  const cases: readonly (readonly [name: string, fields: object])[] = [
    ['both ends migrate at once', SMALL],
    ['both ends migrate at once under loss', { ...SMALL, faults: { lose: 1 } }],
    ['nobody migrates', { ...STAY, faults: { lose: 1, duplicate: 1 } }],
    ['both old hosts go dark', { ...SMALL, bounds: { retryCnt: 1 }, faults: { dark: ['A', 'B'] } }],
    [
      'the record answers later',
      { ...SMALL, bounds: { retryCnt: 1 }, assumptions: { record: 'later' }, faults: { dark: ['A', 'B'] } },
    ],
    ['both meet in the middle', { ...SMALL, sides: { A: { route: [0, 2] }, B: { route: [1, 2] } } }],
    ['both are forged at', { ...STAY, capacity: 2, faults: { forge: 1 } }],
    ['one end migrates', { sides: { A: { route: [0, 2] }, B: { route: [1] } } }],
  ];
  const protocols: readonly Protocol[] = [tardisAsRead({}), godwitWithout()];

  test.each(cases)('%s: same safety verdicts and depth, and counts that add up', (_, fields) => {
    for (const protocol of protocols) {
      const whole = explore(new Compiled(protocol, scenario(fields)), { maxStates: 200_000 });
      expect(whole.complete).toBe(true);
      const compiled = new Reduced(protocol, scenario(fields));
      const reduced = explore(compiled, { maxStates: 200_000 });
      expect([...reduced.falls.keys()].sort()).toEqual([...whole.falls.keys()].sort());
      expect([reduced.depth, reduced.complete]).toEqual([whole.depth, true]);
      const { states } = reduced;
      let sum = 0;
      for (let s = 0; s < states.size; s += 1) sum += compiled.weight(states.pair(s), states.network(s));
      expect(sum).toBe(whole.states.size);
      if (compiled.order > 1) expect(states.size).toBeLessThan(0.6 * whole.states.size);
    }
  });
});

describe('check', () => {
  const godwit = { name: 'godwit' } as const;

  test('REC-1, LIVE-1, THM-1: refused together with symmetry', () => {
    for (const id of ['REC-1', 'LIVE-1', 'THM-1'] as const)
      expect(() => check(godwit, scenario(SMALL), { symmetry: true, properties: ['SAFE-1', id] })).toThrow(
        `${id} needs every state by itself; with symmetry only safety can be judged`,
      );
  });

  test('judges safety with half the states', () => {
    const faulty = { ...STAY, faults: { lose: 1, duplicate: 1 } };
    const { states, properties } = check(godwit, scenario(faulty), { symmetry: true });
    const whole = check(godwit, scenario(faulty), {});
    expect(states).toBeLessThan(0.6 * whole.states);
    expect(properties).toEqual(whole.properties.slice(0, properties.length));
    expect(properties.every(({ id }) => id.startsWith('SAFE-'))).toBe(true);
  });

  test('shows a counterexample of the scenario as it is', () => {
    const forged = { ...STAY, capacity: 2, faults: { forge: 1 } };
    const careless = { name: 'godwit', without: ['signatures'] } as const;
    const of = (symmetry: boolean) =>
      check(careless, scenario(forged), { symmetry, properties: ['SAFE-9'] }).properties[0]?.counterexample;
    expect(of(true)).toBeDefined();
    expect(of(true)).toEqual(of(false));
  });
});
