import type { Protocol } from '../../model/protocol.ts';
import type { Scenario } from '../../model/scenario.ts';
import { allScenarios } from '../scenario/load.ts';
import { PROTOCOL_NAMES } from '../scenario/schema.ts';
import { Compiled } from './compiled.ts';
import { declaredEdges, rulesOf } from './coverage.ts';
import { explore } from './explore.ts';
import { plannedFor } from './planned.ts';
import { explored, QP_TYPES } from './verbs-matrix.ts';

/** States after which an exploration has shown enough of what its edges are. */
const ENOUGH = 30_000;

/** Which rules the machines' edges carry, and which of them were taken. */
export type Rules = { readonly declared: ReadonlySet<string>; readonly fired: ReadonlySet<string> };

const rulesTaken = (protocol: Protocol, taken: Iterable<string>): readonly string[] => {
  const edges = new Map([...declaredEdges(protocol, false), ...declaredEdges(protocol)]);
  return [...taken].flatMap((name) => {
    const edge = edges.get(name);
    return edge ? rulesOf(edge) : [];
  });
};

const taken = (protocol: Protocol, scenario: Scenario): ReadonlySet<string> => {
  const compiled = new Compiled(protocol, scenario);
  explore(compiled, { maxStates: ENOUGH, keep: 'states' });
  return compiled.taken;
};

/** Explores every quick scenario under every protocol, and one QP of each type by itself. */
export const exploredRules = (): Rules => {
  const declared = new Set<string>();
  const fired = new Set<string>();
  for (const name of PROTOCOL_NAMES) {
    const quick = allScenarios().filter(({ deep }) => !deep);
    for (const scenario of quick)
      for (const { protocol } of plannedFor(scenario.expected, name))
        for (const rule of rulesTaken(protocol, taken(protocol, scenario))) fired.add(rule);
    for (const { protocol } of [
      ...plannedFor({}, name),
      ...quick.flatMap(({ expected }) => plannedFor(expected, name)),
    ]) {
      const names = [...declaredEdges(protocol, false).keys(), ...declaredEdges(protocol).keys()];
      for (const rule of rulesTaken(protocol, names)) declared.add(rule);
    }
    for (const { protocol } of plannedFor({}, name))
      for (const qpType of QP_TYPES)
        for (const rule of rulesTaken(protocol, explored(protocol, qpType).taken)) fired.add(rule);
  }
  return { declared, fired };
};

/** Rules whose edges some exploration took. */
export const firedRules = (): ReadonlySet<string> => exploredRules().fired;
