import type { Whereabouts } from '../../model/context.ts';
import type { Envelope, Side } from '../../model/packet.ts';
import { type Facts, isSettled, judgePair, type Safety } from '../../model/properties.ts';
import type { Protocol } from '../../model/protocol.ts';
import type { Scenario } from '../../model/scenario.ts';
import { type Action, type State, type System, systemOf } from '../../model/system.ts';
import { machinesFor, type SideMachines } from './machines.ts';
import { NetworkTable } from './network-table.ts';
import { Interner } from './rows.ts';
import { bitsOf, SideTable } from './side-table.ts';

/** Takes the edges of one global state; `kind` and `k` name the action for whoever wants to read it. */
export type Sink = {
  edge: (a: number, b: number, network: number, broken: number, kind: EdgeKind, k: number) => void;
};
export const EDGE = { localA: 0, localB: 1, arrive: 2, lose: 3, duplicate: 4, forge: 5 } as const;
export type EdgeKind = (typeof EDGE)[keyof typeof EDGE];

/** A scenario under a protocol, as tables of numbers that are filled on first use. */
export class Compiled {
  readonly system: System;
  readonly machines: { readonly [side in Side]: SideMachines };
  readonly A: SideTable;
  readonly B: SideTable;
  readonly network: NetworkTable;
  /** Edges of the machines that any step took. */
  readonly taken = new Set<string>();
  readonly #pairs: (number | undefined)[][] = [];
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

  /** Every edge out of a global state. */
  expand(a: number, b: number, n: number, sink: Sink): void {
    this.#local(a, b, n, sink);
    const { packet, arrive, lose, duplicate } = this.network.moves(n);
    for (let k = 0; k < packet.length; k += 1) {
      const p = packet[k] as number;
      this.#arrive(a, b, arrive[k] as number, p, EDGE.arrive, k, sink);
      const without = lose[k] as number;
      if (without >= 0) sink.edge(a, b, without, 0, EDGE.lose, k);
      const again = duplicate[k] as number;
      if (again >= 0) this.#arrive(a, b, again, p, EDGE.duplicate, k, sink);
    }
    if (this.network.mayForge(n))
      for (const [k, p] of this.#forgeriesAt(a, b).entries())
        sink.edge(a, b, this.network.forge(n, p), 0, EDGE.forge, k);
  }

  #local(a: number, b: number, n: number, sink: Sink): void {
    const { A, B, network } = this;
    const need = network.isEmpty(n) ? (A.moving[a] || B.moving[b] ? 1 : 2) : 0;
    const ofA = A.locally(a, B.where[b] as number);
    for (let k = 0; k < ofA.next.length; k += 1) {
      if ((ofA.need[k] as number) > need) continue;
      const net = network.send(n, ofA.burst[k] as number);
      if (net >= 0) sink.edge(ofA.next[k] as number, b, net, ofA.broken[k] as number, EDGE.localA, k);
    }
    const ofB = B.locally(b, A.where[a] as number);
    for (let k = 0; k < ofB.next.length; k += 1) {
      if ((ofB.need[k] as number) > need) continue;
      const net = network.send(n, ofB.burst[k] as number);
      if (net >= 0) sink.edge(a, ofB.next[k] as number, net, ofB.broken[k] as number, EDGE.localB, k);
    }
  }

  #arrive(a: number, b: number, rest: number, packet: number, kind: EdgeKind, k: number, sink: Sink): void {
    const forA = this.network.packets.values[packet]?.side === 'A';
    const table = forA ? this.A : this.B;
    const arrival = table.arrival(forA ? a : b, packet);
    if (arrival < 0) {
      sink.edge(a, b, rest, 0, kind, k);
      return;
    }
    const net = this.network.send(rest, table.arrivalBurst(arrival));
    if (net < 0) return;
    const next = table.arrivalNext(arrival);
    sink.edge(forA ? next : a, forA ? b : next, net, table.arrivalBroken(arrival), kind, k);
  }

  #forgeriesAt(a: number, b: number): readonly number[] {
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
    let row = this.#pairs[a];
    if (row === undefined) {
      row = [];
      this.#pairs[a] = row;
    }
    const known = row[b];
    if (known !== undefined) return known;
    const [left, right] = [this.A.facts[a] as Facts, this.B.facts[b] as Facts];
    const pair: readonly Safety[] = judgePair(left, right);
    const bits = (this.A.brokenIn[a] as number) | (this.B.brokenIn[b] as number) | bitsOf(pair);
    const verdict = isSettled(left, right) ? bits | SETTLED : bits;
    row[b] = verdict;
    return verdict;
  }

  /** What an edge of `expand` is, in words of the model. */
  action(a: number, b: number, n: number, kind: EdgeKind, k: number): Action {
    if (kind === EDGE.localA || kind === EDGE.localB) {
      const side = kind === EDGE.localA ? 'A' : 'B';
      const here =
        kind === EDGE.localA
          ? this.A.locally(a, this.B.where[b] as number)
          : this.B.locally(b, this.A.where[a] as number);
      const event = here.event[k];
      if (!event) throw new RangeError(`no local event ${k}`);
      return { kind: 'side', side, event };
    }
    const id = kind === EDGE.forge ? this.#forgeriesAt(a, b)[k] : this.network.moves(n).packet[k];
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
