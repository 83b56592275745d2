import type { Whereabouts } from '../../model/context.ts';
import type { Envelope, Side } from '../../model/packet.ts';
import { isSettled, judgePair } from '../../model/properties.ts';
import type { Protocol } from '../../model/protocol.ts';
import type { Scenario } from '../../model/scenario.ts';
import { type Action, type State, type System, systemOf } from '../../model/system.ts';
import { EDGE, type EdgeKind, Edges, ROW } from './edges.ts';
import { machinesFor, type SideMachines } from './machines.ts';
import { MOVE, NetworkTable } from './network-table.ts';
import { Interner, Rows } from './rows.ts';
import { bitsOf, SideTable, STEP } from './side-table.ts';

export { EDGE, type EdgeKind } from './edges.ts';

/** Takes the edges of one global state; `kind` and `k` name the action for whoever wants to read it. */
export type Sink = {
  edge: (a: number, b: number, network: number, broken: number, kind: EdgeKind, k: number) => void;
};

/** A scenario under a protocol, as tables of numbers that are filled on first use. */
export class Compiled {
  readonly system: System;
  readonly machines: { readonly [side in Side]: SideMachines };
  readonly A: SideTable;
  readonly B: SideTable;
  readonly network: NetworkTable;
  /** Edges of the machines that any step took. */
  readonly taken = new Set<string>();
  readonly #verdicts = new Rows();
  readonly #forgeries = new Map<string, readonly number[]>();

  constructor(protocol: Protocol, scenario: Scenario) {
    this.machines = {
      A: machinesFor(protocol, scenario, 'A', this.taken),
      B: machinesFor(protocol, scenario, 'B', this.taken),
    };
    this.system = systemOf(protocol, scenario, this.machines);
    this.network = new NetworkTable(scenario);
    const records = new Interner<Whereabouts>();
    this.A = new SideTable(this.system, scenario, 'A', this.network, records);
    this.B = new SideTable(this.system, scenario, 'B', this.network, records);
  }

  /** The three numbers of a state. */
  intern({ sides, network }: State): readonly [number, number, number] {
    return [this.A.intern(sides.A), this.B.intern(sides.B), this.network.intern(network)];
  }

  state(a: number, b: number, network: number): State {
    return { sides: { A: this.A.state(a), B: this.B.state(b) }, network: this.network.state(network) };
  }

  /** Every edge out of a global state, for whoever wants them one by one. */
  expand(a: number, b: number, n: number, sink: Sink): void {
    const own = new Edges();
    this.edges(a, b, n, own);
    const { cells } = own;
    for (let at = 0, end = own.length * ROW.width; at < end; at += ROW.width)
      sink.edge(
        cells[at + ROW.a] as number,
        cells[at + ROW.b] as number,
        cells[at + ROW.network] as number,
        cells[at + ROW.broken] as number,
        cells[at + ROW.kind] as EdgeKind,
        cells[at + ROW.k] as number,
      );
  }

  /** Adds every edge out of a global state. */
  edges(a: number, b: number, n: number, into: Edges): void {
    this.#local(a, b, n, into);
    const { network } = this;
    let at = network.moves(n);
    const { cells } = network.moved;
    for (let k = 0, count = cells[at++] as number; k < count; k += 1, at += MOVE.width) {
      const packet = cells[at + MOVE.packet] as number;
      this.#arrive(a, b, cells[at + MOVE.arrive] as number, packet, EDGE.arrive, k, into);
      const without = cells[at + MOVE.lose] as number;
      if (without >= 0) into.push(a, b, without, 0, EDGE.lose, k);
      const again = cells[at + MOVE.duplicate] as number;
      if (again >= 0) this.#arrive(a, b, again, packet, EDGE.duplicate, k, into);
    }
    if (network.mayForge(n)) this.#forge(a, b, n, into);
  }

  #local(a: number, b: number, n: number, into: Edges): void {
    const { A, B, network } = this;
    const may = network.isEmpty(n) ? (A.isMoving(a) || B.isMoving(b) ? 1 : 2) : 0;
    let at = A.steps(a, B.record(b));
    let { cells } = A.stepped;
    for (let k = 0, count = cells[at++] as number; k < count; k += 1, at += STEP.width) {
      if ((cells[at + STEP.need] as number) > may) continue;
      const net = network.send(n, cells[at + STEP.burst] as number);
      if (net >= 0)
        into.push(cells[at + STEP.next] as number, b, net, cells[at + STEP.broken] as number, EDGE.localA, k);
    }
    at = B.steps(b, A.record(a));
    cells = B.stepped.cells;
    for (let k = 0, count = cells[at++] as number; k < count; k += 1, at += STEP.width) {
      if ((cells[at + STEP.need] as number) > may) continue;
      const net = network.send(n, cells[at + STEP.burst] as number);
      if (net >= 0)
        into.push(a, cells[at + STEP.next] as number, net, cells[at + STEP.broken] as number, EDGE.localB, k);
    }
  }

  #arrive(a: number, b: number, rest: number, packet: number, kind: EdgeKind, k: number, into: Edges): void {
    const forA = this.network.isForA(packet);
    const table = forA ? this.A : this.B;
    const at = table.arrival(forA ? a : b, packet);
    if (at < 0) {
      into.push(a, b, rest, 0, kind, k);
      return;
    }
    const { cells } = table.stepped;
    const net = this.network.send(rest, cells[at + STEP.burst] as number);
    if (net < 0) return;
    const next = cells[at + STEP.next] as number;
    into.push(forA ? next : a, forA ? b : next, net, cells[at + STEP.broken] as number, kind, k);
  }

  #forge(a: number, b: number, n: number, into: Edges): void {
    for (const [k, packet] of this.forgeriesAt(a, b).entries())
      into.push(a, b, this.network.forge(n, packet), 0, EDGE.forge, k);
  }

  /** Packets that may be forged in a state. */
  forgeriesAt(a: number, b: number): readonly number[] {
    const key = `${a},${b}`;
    const known = this.#forgeries.get(key);
    if (known) return known;
    const sides = { A: this.A.state(a), B: this.B.state(b) };
    const packets = this.system.forgeries({ sides, network: this.network.state(0) });
    const ids = packets.map((packet) => this.network.packet(packet));
    this.#forgeries.set(key, ids);
    return ids;
  }

  /** Bits of SAFETY that a global state breaks; bit 30 says that nothing more is due. */
  verdict(a: number, b: number): number {
    return this.#verdicts.at(this.A.facts(a), this.B.facts(b), this.#judge);
  }

  /** Verdict on states with these facts; undefined where no state had them. */
  knownVerdict(factsOfA: number, factsOfB: number): number | undefined {
    return this.#verdicts.known(factsOfA, factsOfB);
  }

  readonly #judge = (left: number, right: number): number => {
    const [a, b] = [this.A.factsAt(left), this.B.factsAt(right)];
    const bits = bitsOf([...a.broken, ...b.broken, ...judgePair(a, b)]);
    return isSettled(a, b) ? bits | SETTLED : bits;
  };

  /** What an edge of `expand` is, in words of the model. */
  action(a: number, b: number, n: number, kind: EdgeKind, k: number): Action {
    if (kind === EDGE.localA || kind === EDGE.localB) {
      const side = kind === EDGE.localA ? 'A' : 'B';
      const event = side === 'A' ? this.A.event(a, this.B.record(b), k) : this.B.event(b, this.A.record(a), k);
      if (!event) throw new RangeError(`no local event ${k}`);
      return { kind: 'side', side, event };
    }
    const id = kind === EDGE.forge ? this.forgeriesAt(a, b)[k] : this.network.movable(n, k);
    const packet = this.network.packets.values[id ?? -1] as Envelope;
    const names = {
      [EDGE.arrive]: 'arrive',
      [EDGE.lose]: 'lose',
      [EDGE.duplicate]: 'duplicate',
      [EDGE.forge]: 'forge',
    } as const;
    return { kind: names[kind], packet };
  }
}

export const SETTLED = 1 << 30;
