import type { Side } from '../../model/packet.ts';
import type { PropertyId } from '../../model/properties.ts';
import { tardisAsRead } from '../../model/protocols.ts';
import type { Scenario } from '../../model/scenario.ts';
import { Compiled } from './compiled.ts';
import { explore } from './explore.ts';
import { fairGraph } from './fairness.ts';
import { stuck } from './liveness.ts';
import { nearestTrap } from './recovery.ts';

/** The same scenario in which nobody migrates: what then befalls it, RC itself cannot prevent. */
export const withoutMigration = (scenario: Scenario): Scenario => {
  const stay = (side: Side) => ({ ...scenario.sides[side], route: scenario.sides[side].route.slice(0, 1) });
  return {
    ...scenario,
    sides: { A: stay('A'), B: stay('B') },
    faults: { ...scenario.faults, forge: 0, earlier: false, abort: false, crash: false, dark: [], reuse: false },
  };
};

/** Without migration every protocol is RC. */
const RC = tardisAsRead({});

/** Properties that fall without migration too. @param maxStates bounds the search; what it does not find does not count. */
export const fallsWithoutMigration = (scenario: Scenario, maxStates?: number): ReadonlySet<PropertyId> => {
  const compiled = new Compiled(RC, withoutMigration(scenario));
  const exploration = explore(compiled, maxStates === undefined ? {} : { maxStates });
  const falls = new Set<PropertyId>(exploration.falls.keys());
  if (falls.has('SAFE-7')) falls.add('SAFE-10');
  if (!exploration.complete) return falls;
  if (nearestTrap(exploration) >= 0) falls.add('REC-1').add('LIVE-1');
  else if (stuck(fairGraph(compiled, exploration))) falls.add('LIVE-1');
  return falls;
};
