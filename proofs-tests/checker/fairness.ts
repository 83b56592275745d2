import type { Side } from '../../model/packet.ts';
import type { SideEvent } from '../../model/side-state.ts';
import { type Compiled, EDGE, type EdgeKind, type Sink } from './compiled.ts';
import type { Exploration } from './explore.ts';
import type { FairGraph } from './fair-graph.ts';
import type { SideTable } from './side-table.ts';

const GOES_ON: readonly SideEvent['kind'][] = ['copy', 'entomb'];
const DECIDES = ['dump', 'restore', 'resume', 'commit'];
const OPTIONAL = ['stop', 'abort', 'crash'];

/** The fair action that an event of a side is, or undefined for what need never happen (chapter 70, LIVE-1). */
export const fairAction = (side: Side, event: SideEvent, here: readonly SideEvent[]): string | undefined => {
  if (event.kind === 'copy') return `${side}.${event.event.type}@${event.host}`;
  if (event.kind === 'consumer') return event.event.type === 'modify.rts' ? `${side}.modify.rts` : undefined;
  if (event.kind !== 'coordinator')
    return GOES_ON.includes(event.kind) ? `${side}.${event.kind}@${event.host}` : undefined;
  const blocked = !here.some((other) => other.kind === 'coordinator' && DECIDES.includes(other.type));
  const optional = OPTIONAL.includes(event.type) && !(event.type === 'abort' && blocked);
  return optional ? undefined : `${side}.${event.type}`;
};

/** Beside -1, for what need never happen: what happens finitely often. */
const CRASH = -2;

type Known = { readonly byEvent: Int32Array; readonly armed: Int32Array };

/** Names the actions of a scenario by numbers: first the events of the sides, in order of meeting, then arrivals. */
class Actions {
  readonly names: string[] = [];
  readonly strong: boolean[] = [];
  readonly #ids = new Map<string, number>();
  readonly #known = { A: new Map<number, Known>(), B: new Map<number, Known>() };
  readonly #arrivals: number[] = [];

  id(name: string, strong: boolean): number {
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    this.#ids.set(name, this.names.length);
    this.strong.push(strong);
    return this.names.push(name) - 1;
  }

  /** The local steps of a side in a state, given what the record says of its peer. */
  of(side: Side, table: SideTable, id: number, peerRecord: number): Known {
    const at = table.steps(id, peerRecord);
    const known = this.#known[side].get(at);
    if (known) return known;
    const count = table.stepped.at(at);
    const events = Array.from({ length: count }, (_, k) => table.event(id, peerRecord, k)).filter(
      (e) => e !== undefined,
    );
    const byEvent = Int32Array.from(events, (event) => {
      if (event.kind === 'coordinator' && event.type === 'crash') return CRASH;
      const name = fairAction(side, event, events);
      return name === undefined ? -1 : this.id(name, false);
    });
    const armed = Int32Array.from(new Set(byEvent.filter((action) => action >= 0)));
    const computed = { byEvent, armed };
    this.#known[side].set(at, computed);
    return computed;
  }

  arrival(packet: number): number {
    const known = this.#arrivals[packet];
    if (known !== undefined) return known;
    const action = this.id(`arrival of packet ${packet}`, true);
    this.#arrivals[packet] = action;
    return action;
  }
}

/** Expands explored states again, in the same order, to learn what each edge is. */
class Relabel implements Sink {
  readonly action: Int32Array;
  /** Targets, without those of crashes: there are finitely many. Other faults have budgets that states count. */
  readonly edges: Uint32Array;
  readonly actions = new Actions();
  readonly #compiled: Compiled;
  readonly #exploration: Exploration;
  #at = 0;
  #ofA: Known = { byEvent: new Int32Array(0), armed: new Int32Array(0) };
  #ofB = this.#ofA;
  #network = 0;

  constructor(compiled: Compiled, exploration: Exploration) {
    this.#compiled = compiled;
    this.#exploration = exploration;
    this.action = new Int32Array(exploration.edges.length).fill(-1);
    this.edges = exploration.edges.slice();
  }

  edge(a: number, b: number, network: number, _broken: number, kind: EdgeKind, k: number): void {
    const { edges, states } = this.#exploration;
    const to = edges[this.#at] as number;
    if (states.a(to) !== a || states.b(to) !== b || states.network(to) !== network)
      throw new Error('a state expands differently than when it was explored');
    const action = this.#label(kind, k);
    if (action === CRASH) this.edges[this.#at] = states.size;
    this.action[this.#at] = Math.max(action, -1);
    this.#at += 1;
  }

  #label(kind: EdgeKind, k: number): number {
    if (kind === EDGE.localA) return this.#ofA.byEvent[k] as number;
    if (kind === EDGE.localB) return this.#ofB.byEvent[k] as number;
    return kind === EDGE.arrive ? this.actions.arrival(this.#compiled.network.movable(this.#network, k)) : -1;
  }

  ofSides(a: number, b: number): readonly [Known, Known] {
    const { A, B } = this.#compiled;
    return [this.actions.of('A', A, a, B.record(b)), this.actions.of('B', B, b, A.record(a))];
  }

  state(index: number): void {
    const { states, edgeStart } = this.#exploration;
    const [a, b, n] = [states.a(index), states.b(index), states.network(index)];
    [this.#ofA, this.#ofB] = this.ofSides(a, b);
    this.#network = n;
    this.#at = edgeStart[index] as number;
    this.#compiled.expand(a, b, n, this);
  }
}

/** What LIVE-1 asks of an explored scenario: its graph with the fair actions named. Settled states keep no labels. */
export const fairGraph = (compiled: Compiled, exploration: Exploration): FairGraph => {
  const { states, edgeStart, settled, complete } = exploration;
  if (!complete) throw new RangeError('LIVE-1 needs a complete exploration');
  const relabel = new Relabel(compiled, exploration);
  for (let index = 0; index < states.size; index += 1) if (!settled[index]) relabel.state(index);
  const { strong } = relabel.actions;
  const both = new Map<Known, Map<Known, Int32Array>>();
  const armed = (state: number): Int32Array => {
    const [ofA, ofB] = relabel.ofSides(states.a(state), states.b(state));
    const row = both.get(ofA) ?? new Map<Known, Int32Array>();
    both.set(ofA, row);
    const joined = row.get(ofB) ?? Int32Array.of(...ofA.armed, ...ofB.armed);
    row.set(ofB, joined);
    return joined;
  };
  return {
    size: states.size,
    edges: relabel.edges,
    edgeStart,
    settled,
    action: relabel.action,
    actions: strong.length,
    isStrong: (action) => strong[action] === true,
    armed,
  };
};
