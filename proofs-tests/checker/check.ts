import { type PropertyId, SAFETY, type Safety } from '../../model/properties.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { Action } from '../../model/system.ts';
import { PROPERTY_IDS } from '../scenario/schema.ts';
import { Compiled } from './compiled.ts';
import { fallsWithoutMigration } from './control.ts';
import { type Exploration, explore } from './explore.ts';
import { fairGraph } from './fairness.ts';
import { stuck } from './liveness.ts';
import { type ProtocolChoice, protocolOf } from './named-protocol.ts';
import { nearestTrap } from './recovery.ts';
import { contractOf, firstUnserved } from './refinement.ts';
import { Reduced } from './symmetry.ts';
import { actionsAcross, actionsOf, actionsTo } from './trace.ts';

/** A run that shows a property violated: its steps, and the steps that then repeat for ever where there are such. */
export type Counterexample = { readonly steps: readonly Action[]; readonly loop?: readonly Action[] };

export type PropertyVerdict = {
  readonly id: PropertyId;
  /** null where nothing can be said; `why` tells. */
  readonly holds: boolean | null;
  readonly why?: 'search incomplete' | 'falls without migration too' | 'follows from REC-1';
  readonly counterexample?: Counterexample;
};

/** What an exploration found out about one scenario under one protocol. */
export type Verdict = {
  readonly states: number;
  readonly transitions: number;
  /** Steps to the farthest state. */
  readonly depth: number;
  /** Every reachable state was looked at. Otherwise nothing holds, and what falls may have shorter counterexamples. */
  readonly complete: boolean;
  /** What ended an incomplete search. */
  readonly ended: Exploration['end'];
  readonly properties: readonly PropertyVerdict[];
};

export type CheckOptions = {
  /** All where it is not given; with symmetry, all of safety. */
  readonly properties?: readonly PropertyId[];
  /** Counts states that a symmetry turns into each other once. Safety only. */
  readonly symmetry?: boolean;
  readonly maxStates?: number;
  /** Part of the machine's memory that the search may fill, above 0 and up to 1; 1 where it is not given. */
  readonly share?: number;
  readonly onProgress?: (states: number) => void;
};

type Explored = { readonly compiled: Compiled; readonly exploration: Exploration; readonly scenario: Scenario };

const open = (id: PropertyId, complete: boolean): PropertyVerdict =>
  complete ? { id, holds: true } : { id, holds: null, why: 'search incomplete' };

const falls = (id: PropertyId, steps: readonly Action[]): PropertyVerdict => ({
  id,
  holds: false,
  counterexample: { steps },
});

const safety = (id: Safety, { compiled, exploration }: Explored): PropertyVerdict => {
  const fall = exploration.falls.get(id);
  if (!fall) return open(id, exploration.complete);
  const bit = 1 << SAFETY.indexOf(id);
  return falls(
    id,
    fall.onEdge ? actionsAcross(compiled, exploration, fall, bit) : actionsTo(compiled, exploration, fall.to),
  );
};

/** THM-1: the first step that the service does not have. */
const transparency = ({ compiled, exploration, scenario }: Explored, endsMayFail: boolean): PropertyVerdict => {
  const { complete, edgeStart } = exploration;
  const unserved =
    edgeStart.length === 0 ? undefined : firstUnserved(compiled, exploration, contractOf(scenario, endsMayFail));
  return unserved ? falls('THM-1', actionsAcross(compiled, exploration, unserved, 0)) : open('THM-1', complete);
};

/** What lies behind states that were not expanded is unknown: they count as a way out. */
const recovery = ({ compiled, exploration }: Explored): PropertyVerdict => {
  const { settled, expanded, complete, edgeStart } = exploration;
  if (edgeStart.length === 0) return open('REC-1', complete);
  const trap = nearestTrap({ ...exploration, settled: settled.slice().fill(1, complete ? settled.length : expanded) });
  return trap < 0 ? open('REC-1', complete) : falls('REC-1', actionsTo(compiled, exploration, trap));
};

const liveness = ({ compiled, exploration }: Explored, rec: PropertyVerdict): PropertyVerdict => {
  if (rec.holds === false) return { ...rec, id: 'LIVE-1', why: 'follows from REC-1' };
  if (!exploration.complete) return open('LIVE-1', false);
  const found = stuck(fairGraph(compiled, exploration));
  if (!found) return open('LIVE-1', true);
  const steps = actionsTo(compiled, exploration, found.entry);
  return {
    id: 'LIVE-1',
    holds: false,
    counterexample: { steps, loop: actionsOf(compiled, exploration, found.loop) },
  };
};

const isSafety = (id: PropertyId): boolean => SAFETY.some((safe) => safe === id);

/** A property was asked for that a search with symmetry cannot judge: it would say of one end what is true of both in turn. */
export class NotWithSymmetry extends RangeError {
  override readonly name = 'NotWithSymmetry';
}

/** The properties that are judged. @throws NotWithSymmetry */
export const propertiesOf = ({ properties, symmetry = false }: CheckOptions): readonly PropertyId[] => {
  if (!symmetry) return properties ?? PROPERTY_IDS;
  const unfit = properties?.find((id) => !isSafety(id));
  if (unfit) throw new NotWithSymmetry(`${unfit} needs every state by itself; with symmetry only safety can be judged`);
  return properties ?? SAFETY;
};

/** Explores a scenario under a protocol and judges properties of chapter 70. @throws NotWithSymmetry */
export const check = (choice: ProtocolChoice, scenario: Scenario, options: CheckOptions = {}): Verdict => {
  const { symmetry = false } = options;
  const wanted = propertiesOf(options);
  const compiled = new (symmetry ? Reduced : Compiled)(protocolOf(choice), scenario);
  const exploration = explore(compiled, symmetry ? { ...options, keep: 'states' } : options);
  const { states, transitions, depth, complete, end, falls: fallen } = exploration;
  // A counterexample has to be a run of the scenario as it is.
  if (symmetry && wanted.some((id) => isSafety(id) && fallen.has(id as Safety)))
    return check(choice, scenario, { ...options, symmetry: false, properties: wanted });
  const explored = { compiled, exploration, scenario };
  const control = fallsWithoutMigration(scenario, options.maxStates);
  const rec = symmetry ? undefined : recovery(explored);
  const judge = (id: PropertyId): PropertyVerdict => {
    if (control.has(id)) return { id, holds: null, why: 'falls without migration too' };
    if (id === 'REC-1') return rec ?? open(id, false);
    if (id === 'LIVE-1') return rec ? liveness(explored, rec) : open(id, false);
    return id === 'THM-1' ? transparency(explored, control.has('SAFE-7')) : safety(id, explored);
  };
  return { states: states.size, transitions, depth, complete, ended: end, properties: wanted.map(judge) };
};
