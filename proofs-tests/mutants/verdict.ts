import type { Side } from '../../model/packet.ts';
import type { Protocol } from '../../model/protocol.ts';
import type { Scenario } from '../../model/scenario.ts';
import { Compiled } from '../checker/compiled.ts';
import { type Exploration, explore } from '../checker/explore.ts';
import { fairGraph } from '../checker/fairness.ts';
import { stuck } from '../checker/liveness.ts';
import { nearestTrap } from '../checker/recovery.ts';
import { contractOf, firstUnserved } from '../checker/refinement.ts';
import type { SideTable } from '../checker/side-table.ts';

/** What an exploration shows to a reviewer and to the two consumers. */
export type Verdict = {
  readonly states: number;
  readonly complete: boolean;
  /** Properties that fall, sorted. */
  readonly falls: readonly string[];
  /** How the settled states look from outside: where each end runs, what it executed and completed, whether it ended. */
  readonly outcomes: readonly string[];
};

const lookOf = (compiled: Compiled, side: Side, table: SideTable) => {
  const looks: (string | undefined)[] = [];
  return (id: number): string => {
    const known = looks[id];
    if (known !== undefined) return known;
    const { executed, completed, ended, lost } = table.factsAt(table.facts(id));
    const { context } = compiled.machines[side].coordinator(table.state(id).coordinator);
    const where = lost ? 'lost' : `at ${context.route[context.hop]}${ended ? ' ended' : ''}`;
    const look = `${side} ${where}, executed ${executed}, completed ${completed}`;
    looks[id] = look;
    return look;
  };
};

const outcomesOf = (compiled: Compiled, { states, settled }: Exploration): readonly string[] => {
  const [a, b] = [lookOf(compiled, 'A', compiled.A), lookOf(compiled, 'B', compiled.B)];
  const outcomes = new Set<string>();
  for (let index = 0; index < states.size; index += 1)
    if (settled[index]) outcomes.add(`${a(states.a(index))}; ${b(states.b(index))}`);
  return [...outcomes].sort();
};

/** Safety properties that fall among the first states of a search. */
export const firstFalls = (compiled: Compiled, maxStates: number): readonly string[] => [
  ...explore(compiled, { maxStates, keep: 'states' }).falls.keys(),
];

/** Safety of what a search within a bound finds; everything else only where it was complete. @param fails see `contractOf`. */
export const verdictOn = (compiled: Compiled, scenario: Scenario, maxStates: number, fails?: boolean): Verdict => {
  const exploration = explore(compiled, { maxStates });
  const { complete, states } = exploration;
  const falls: string[] = [...exploration.falls.keys()];
  if (!complete) return { states: states.size, complete, falls: falls.sort(), outcomes: [] };
  if (nearestTrap(exploration) >= 0) falls.push('REC-1');
  if (stuck(fairGraph(compiled, exploration))) falls.push('LIVE-1');
  const contract = contractOf(scenario, fails ?? exploration.falls.has('SAFE-7'));
  if (firstUnserved(compiled, exploration, contract)) falls.push('THM-1');
  return { states: states.size, complete, falls: falls.sort(), outcomes: outcomesOf(compiled, exploration) };
};

export const verdictOf = (protocol: Protocol, scenario: Scenario, maxStates: number): Verdict =>
  verdictOn(new Compiled(protocol, scenario), scenario, maxStates);
