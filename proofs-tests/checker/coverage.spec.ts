import { describe, expect, test } from 'vitest';
import { godwitWithout } from '../../model/protocols.ts';
import { parseScenario } from '../scenario/load.ts';
import { CoverageOf, declaredEdges, observe, observeSolo } from './coverage.ts';

const scenario = (fields: object) => parseScenario('drawn', JSON.stringify({ version: 1, says: 'x', ...fields }));
const coverageAfter = (...scenarios: readonly object[]) => {
  const coverage = new CoverageOf(godwitWithout());
  for (const fields of scenarios) coverage.add(observe(godwitWithout(), scenario(fields), 100_000));
  return coverage.result();
};
const quiet = { sides: { A: { route: [0] }, B: { route: [1] } } };
const moving = { sides: { A: { route: [0, 2] }, B: { route: [1] } } };

describe('coverage', () => {
  test('counts nothing before anything was explored, and names every edge with its rules', () => {
    const { regions, never } = coverageAfter();
    expect(Object.values(regions).every(({ states, edges, guards }) => states.hit + edges.hit + guards.hit === 0)).toBe(
      true,
    );
    expect(new Map(never.map(({ edge, rules }) => [edge, rules[0]]))).toEqual(
      new Map([...declaredEdges(godwitWithout())].map(([edge, { rule }]) => [edge, rule])),
    );
  });

  test('a QP that stays where it is takes no edge of migration', () => {
    const { regions } = coverageAfter(quiet);
    expect(regions.move?.edges.hit).toBe(0);
    expect(regions.peer?.edges.hit).toBe(0);
    expect(regions.requester?.edges.hit).toBeGreaterThan(1);
  });

  test('a migration takes edges and finds guards both ways; more scenarios never take fewer', () => {
    const [one, both] = [coverageAfter(moving), coverageAfter(moving, quiet)];
    expect(one.regions.move?.edges.hit).toBeGreaterThan(2);
    expect(one.regions.self?.states).toEqual({ hit: 5, total: 5 });
    expect(one.never.length).toBeGreaterThanOrEqual(both.never.length);
    expect(one.oneSided.map(({ edge, guard }) => `${edge} ${guard}`)).not.toContain(
      'requester.ENGINE.transmit.0 sends',
    );
  });

  test('QPs by themselves take every edge of the verbs region', () => {
    const coverage = new CoverageOf(godwitWithout());
    coverage.add(observeSolo(godwitWithout()));
    expect(coverage.result().regions.verbs).toMatchObject({
      states: { hit: 7, total: 7 },
      edges: { hit: 29, total: 29 },
    });
  });
});
