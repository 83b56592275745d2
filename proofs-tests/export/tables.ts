/** A scenario as plain tables, complete for everything reachable: what other checkers are given. */
import { load } from '../../model/network.ts';
import type { Envelope, Side } from '../../model/packet.ts';
import type { Facts } from '../../model/properties.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { SideEvent } from '../../model/side-state.ts';
import type { Compiled } from '../checker/compiled.ts';
import type { Exploration } from '../checker/explore.ts';
import { fairAction } from '../checker/fairness.ts';
import { type SideTable, STEP } from '../checker/side-table.ts';

/** One step of a side: its next state, the burst it sends, safety bits it breaks. */
export type Step = {
  readonly next: number;
  readonly burst: number;
  readonly broken: number;
  /** 0 any time, 1 only when the network is empty, 2 only when nobody is moving either. */
  readonly need: number;
};

/** One side; undefined cells are combinations that no reachable state has. */
export type SideTables = {
  readonly start: number;
  /** By state: what the record says of it, whether it moves, its facts. */
  readonly record: readonly number[];
  readonly moving: readonly boolean[];
  readonly facts: readonly number[];
  /** By number of facts: what they are. */
  readonly factsAt: readonly Facts[];
  /** By state, then by what the record says of the peer. */
  readonly local: readonly (readonly (readonly Step[] | undefined)[])[];
  /** The fair action that each local step is, by number; OPTIONAL or CRASH where it is none. */
  readonly due: readonly (readonly (readonly number[] | undefined)[])[];
  /** By state, then by packet. */
  readonly arrivals: readonly (readonly (Step | 'unchanged' | undefined)[])[];
  /** By state: packets that may be forged against it. */
  readonly forgeries: readonly (readonly number[])[];
};

export type PacketRow = {
  readonly envelope: Envelope;
  readonly side: Side;
  /** Packets of one place keep their order, and only the first may move; where paths keep none, each has its own place. */
  readonly place: number;
  /** How much of the network's capacity it takes. */
  readonly room: number;
};

export type Tables = {
  readonly sides: { readonly [side in Side]: SideTables };
  readonly records: number;
  /** Local actions that are fair (chapter 70, LIVE-1); the arrival of a packet is one too. */
  readonly fairActions: number;
  readonly packets: readonly PacketRow[];
  /** Packets that a step sends, in order; number 0 is empty. */
  readonly bursts: readonly (readonly number[])[];
  /** Safety bits by facts of A, then of B, and SETTLED. */
  readonly verdicts: readonly (readonly (number | undefined)[])[];
  readonly capacity: number;
  readonly lose: number;
  readonly duplicate: number;
  readonly forge: number;
  /** What the exploration that filled the tables found. */
  readonly states: number;
  readonly transitions: number;
  readonly fallen: readonly string[];
};

/** A local step that need never happen; one that happens finitely often. */
export const OPTIONAL = -1;
export const CRASH = -2;

/** Numbers the fair actions of the local steps of both sides. */
class FairActions {
  readonly #ids = new Map<string, number>();

  get count(): number {
    return this.#ids.size;
  }

  of(side: Side, events: readonly SideEvent[]): readonly number[] {
    return events.map((event) => {
      if (event.kind === 'coordinator' && event.type === 'crash') return CRASH;
      const name = fairAction(side, event, events);
      if (name === undefined) return OPTIONAL;
      const id = this.#ids.get(name) ?? this.#ids.size;
      this.#ids.set(name, id);
      return id;
    });
  }
}

const range = (length: number): readonly number[] => Array.from({ length }, (_, k) => k);

const step = (row: Int32Array): Step => ({
  next: row[STEP.next] as number,
  burst: row[STEP.burst] as number,
  broken: row[STEP.broken] as number,
  need: row[STEP.need] as number,
});

const arrival = (row: Int32Array | -1 | undefined): Step | 'unchanged' | undefined =>
  row === -1 ? 'unchanged' : row && step(row);

/** The events of the local steps of a state, where they were ever asked for. */
const eventsOf = (table: SideTable, id: number, record: number): readonly SideEvent[] | undefined =>
  table.knownSteps(id, record)?.flatMap((_, k) => table.event(id, record, k) ?? []);

const sideTables = (
  side: Side,
  fair: FairActions,
  table: SideTable,
  start: number,
  packets: number,
  forgeries: (id: number) => readonly number[],
): SideTables => {
  const states = range(table.size);
  return {
    start,
    record: states.map((id) => table.record(id)),
    moving: states.map((id) => table.isMoving(id)),
    facts: states.map((id) => table.facts(id)),
    factsAt: range(table.factsKinds).map((id) => table.factsAt(id)),
    local: states.map((id) => range(table.records).map((record) => table.knownSteps(id, record)?.map(step))),
    due: states.map((id) =>
      range(table.records).map((record) => {
        const events = eventsOf(table, id, record);
        return events && fair.of(side, events);
      }),
    ),
    arrivals: states.map((id) => range(packets).map((packet) => arrival(table.knownArrival(id, packet)))),
    forgeries: states.map(forgeries),
  };
};

/** Paths in the order in which the canonical network holds them. */
const pathOf = ({ from, to }: Envelope): number => (from << 8) | to;

/** @throws RangeError when the exploration was not complete: the tables would have holes where states are. */
export const tablesOf = (compiled: Compiled, scenario: Scenario, found: Exploration): Tables => {
  if (!found.complete) throw new RangeError(`${found.states.size} states were found, and there are more`);
  const { A, B, network } = compiled;
  const { lose, duplicate, forge } = scenario.faults;
  const [a, b] = compiled.intern(compiled.system.initial);
  const towards = (side: Side, ids: readonly number[]) => ids.filter((id) => network.packets.values[id]?.side === side);
  const forgedAtA = (id: number) => (forge === 0 ? [] : towards('A', compiled.forgeriesAt(id, b)));
  const forgedAtB = (id: number) => (forge === 0 ? [] : towards('B', compiled.forgeriesAt(a, id)));
  for (const id of range(A.size)) forgedAtA(id);
  for (const id of range(B.size)) forgedAtB(id);
  const packets = network.packets.values;
  const fair = new FairActions();
  const sides = {
    A: sideTables('A', fair, A, a, packets.length, forgedAtA),
    B: sideTables('B', fair, B, b, packets.length, forgedAtB),
  };
  const { ordered } = scenario.assumptions;
  return {
    sides,
    records: A.records,
    fairActions: fair.count,
    packets: packets.map((envelope, id) => ({
      envelope,
      side: envelope.side,
      place: ordered ? pathOf(envelope) : id,
      room: load([envelope]),
    })),
    bursts: network.bursts.values.map((burst) => burst.map((envelope) => network.contents.packet(envelope))),
    verdicts: range(A.factsKinds).map((left) =>
      range(B.factsKinds).map((right) => compiled.both.knownVerdict(left, right)),
    ),
    capacity: scenario.capacity,
    lose,
    duplicate,
    forge,
    states: found.states.size,
    transitions: found.transitions,
    fallen: [...found.falls.keys()].sort(),
  };
};
