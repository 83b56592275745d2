import { arrivable, arrived, duplicated, EMPTY, forged, lost, type Network, sent } from '../../model/network.ts';
import type { Envelope } from '../../model/packet.ts';
import type { Scenario } from '../../model/scenario.ts';
import { Interner, Rows } from './rows.ts';

/** What may happen to the packets of one network state. -1 stands for "not possible". */
export type Moves = {
  readonly packet: Int32Array;
  readonly arrive: Int32Array;
  readonly lose: Int32Array;
  readonly duplicate: Int32Array;
};

/** The network with its states interned. Without an order of paths, packets are kept sorted: order means nothing then. */
export class NetworkTable {
  readonly packets = new Interner<Envelope>();
  /** Lists of packets that a step sends. */
  readonly bursts = new Interner<readonly Envelope[]>();
  readonly #states = new Interner<Network>();
  readonly #moves: (Moves | undefined)[] = [];
  readonly #sent = new Rows();
  readonly #forged = new Rows();
  readonly #ids = new Map<Envelope, number>();
  readonly #scenario: Scenario;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.burst([]);
    this.#intern(EMPTY);
  }

  get size(): number {
    return this.#states.values.length;
  }

  state(id: number): Network {
    return this.#states.values[id] as Network;
  }

  isEmpty(id: number): boolean {
    return this.state(id).packets.length === 0;
  }

  mayForge(id: number): boolean {
    const { forged: done, packets } = this.state(id);
    return done < this.#scenario.faults.forge && packets.length < this.#scenario.capacity;
  }

  packet(envelope: Envelope): number {
    const known = this.#ids.get(envelope);
    if (known !== undefined) return known;
    const id = this.packets.id(JSON.stringify(envelope), envelope);
    this.#ids.set(this.packets.values[id] as Envelope, id);
    return id;
  }

  burst(envelopes: readonly Envelope[]): number {
    const same = envelopes.map((envelope) => this.packets.values[this.packet(envelope)] as Envelope);
    return this.bursts.id(same.map((envelope) => this.packet(envelope)).join(), same);
  }

  /** The network after a burst, or -1 when it cannot carry it. */
  send(id: number, burst: number): number {
    return burst === 0 ? id : this.#sent.at(id, burst, this.#send);
  }

  forge(id: number, packet: number): number {
    return this.#forged.at(id, packet, this.#forge);
  }

  moves(id: number): Moves {
    const known = this.#moves[id];
    if (known) return known;
    const moves = this.#movesOf(this.state(id));
    this.#moves[id] = moves;
    return moves;
  }

  readonly #send = (id: number, burst: number): number => {
    const next = sent(this.state(id), this.bursts.values[burst] ?? [], this.#scenario.capacity);
    return next ? this.#intern(next) : -1;
  };

  readonly #forge = (id: number, packet: number): number =>
    this.#intern(forged(this.state(id), this.packets.values[packet] as Envelope));

  #movesOf(network: Network): Moves {
    const { assumptions, faults } = this.#scenario;
    const firsts = new Map<number, number>();
    for (const at of arrivable(network, assumptions.ordered)) {
      const packet = this.packet(network.packets[at] as Envelope);
      if (!firsts.has(packet)) firsts.set(packet, at);
    }
    const ats = [...firsts.values()];
    const each = (f: (at: number) => number) => Int32Array.from(ats, f);
    const mayDuplicate = network.duplicated < faults.duplicate ? this.#intern(duplicated(network)) : -1;
    return {
      packet: Int32Array.from(firsts.keys()),
      arrive: each((at) => this.#intern(arrived(network, at))),
      lose: each((at) => (network.lost < faults.lose ? this.#intern(lost(network, at)) : -1)),
      duplicate: each(() => mayDuplicate),
    };
  }

  /** The number of a network, whoever built it. */
  intern(network: Network): number {
    const packets = network.packets.map((envelope) => this.packets.values[this.packet(envelope)] as Envelope);
    return this.#intern({ ...network, packets });
  }

  #intern(network: Network): number {
    const { lost: l, duplicated: d, forged: f } = network;
    const order = (a: Envelope, b: Envelope) =>
      this.#scenario.assumptions.ordered ? a.from - b.from || a.to - b.to : this.packet(a) - this.packet(b);
    const packets = [...network.packets].sort(order);
    const key = `${packets.map((envelope) => this.packet(envelope)).join()}|${l}|${d}|${f}`;
    return this.#states.id(key, { ...network, packets });
  }
}
