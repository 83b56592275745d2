import type { Whereabouts } from '../../model/context.ts';
import type { Envelope, Side } from '../../model/packet.ts';
import type { Protocol } from '../../model/protocol.ts';
import type { Scenario } from '../../model/scenario.ts';
import { type Action, type State, type System, systemOf } from '../../model/system.ts';
import { brokenBy, EDGE, type EdgeKind, Edges, edgeName, kindOf, placeOf, ROW } from './edges.ts';
import { machinesFor, type SideMachines } from './machines.ts';
import { NetworkTable } from './network-table.ts';
import { PairTable } from './pair-table.ts';
import { Interner } from './rows.ts';
import { SideTable } from './side-table.ts';
import { Successors } from './successors.ts';

export { EDGE, type EdgeKind } from './edges.ts';
export { SETTLED } from './pair-table.ts';

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
  readonly both: PairTable;
  readonly network: NetworkTable;
  /** Edges of the machines that any step took. */
  readonly taken = new Set<string>();
  readonly #successors: Successors;
  readonly #forgeries = new Map<string, readonly number[]>();

  constructor(protocol: Protocol, scenario: Scenario) {
    this.machines = {
      A: machinesFor(protocol, scenario, 'A', this.taken),
      B: machinesFor(protocol, scenario, 'B', this.taken),
    };
    this.system = systemOf(protocol, scenario, this.machines);
    this.network = new NetworkTable(scenario);
    const records = new Interner<Whereabouts>();
    this.A = new SideTable(this.system, scenario, 'A', this.network.contents, records);
    this.B = new SideTable(this.system, scenario, 'B', this.network.contents, records);
    this.both = new PairTable(this.A, this.B);
    this.#successors = new Successors(this.A, this.B, this.both, this.network);
  }

  /** The three numbers of a state. */
  intern({ sides, network }: State): readonly [number, number, number] {
    return [this.A.intern(sides.A), this.B.intern(sides.B), this.network.intern(network)];
  }

  state(a: number, b: number, network: number): State {
    return { sides: { A: this.A.state(a), B: this.B.state(b) }, network: this.network.state(network) };
  }

  /** Bits of SAFETY that edges or states met so far may break. */
  get breaks(): number {
    return this.both.breaks | this.A.breaks | this.B.breaks;
  }

  /** Every edge out of a global state, for whoever wants them one by one. */
  expand(a: number, b: number, n: number, sink: Sink): void {
    const own = new Edges();
    this.edges(this.both.id(a, b), n, own);
    const { cells, end } = own;
    const { pairs } = this.both;
    for (let at = 0; at < end; at += ROW.width) {
      const [pair, network, name] = [cells[at + ROW.pair], cells[at + ROW.network], cells[at + ROW.name]] as [
        number,
        number,
        number,
      ];
      sink.edge(pairs.a(pair), pairs.b(pair), network, brokenBy(name), kindOf(name), placeOf(name));
    }
  }

  /** Adds every edge out of a global state. */
  edges(pair: number, n: number, into: Edges): void {
    this.#successors.add(pair, n, into);
    if (this.network.mayForge(n)) this.#forge(pair, n, into);
  }

  #forge(pair: number, n: number, into: Edges): void {
    const { pairs } = this.both;
    for (const [k, packet] of this.forgeriesAt(pairs.a(pair), pairs.b(pair)).entries())
      into.push(pair, this.network.forge(n, packet), edgeName(EDGE.forge, k));
  }

  /** Packets that may be forged in a state. */
  forgeriesAt(a: number, b: number): readonly number[] {
    const key = `${a},${b}`;
    const known = this.#forgeries.get(key);
    if (known) return known;
    const sides = { A: this.A.state(a), B: this.B.state(b) };
    const packets = this.system.forgeries({ sides, network: this.network.state(0) });
    const ids = packets.map((packet) => this.network.contents.packet(packet));
    this.#forgeries.set(key, ids);
    return ids;
  }

  /** Bits of SAFETY that a global state breaks, and SETTLED. */
  verdict(a: number, b: number): number {
    return this.both.verdict(this.both.id(a, b));
  }

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
