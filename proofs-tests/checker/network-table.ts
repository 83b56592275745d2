import { arrivable, arrived, duplicated, EMPTY, forged, load, lost, type Network, sent } from '../../model/network.ts';
import type { Envelope } from '../../model/packet.ts';
import type { Scenario } from '../../model/scenario.ts';
import { Column } from './column.ts';
import { OutOfRoom } from './room.ts';
import { Interner, Rows } from './rows.ts';
import { MOST_NETWORKS } from './state-set.ts';

/** Places in a packet's row: the packet, and the network when it arrives, is lost, is duplicated; -1 for "not possible". */
export const MOVE = { packet: 0, arrive: 1, lose: 2, duplicate: 3, width: 4 } as const;

/** A packet is one character in the key of a network. */
const MOST_PACKETS = 1 << 16;

/** The network with its states interned. Without an order of paths, packets are kept sorted: order means nothing then. */
export class NetworkTable {
  readonly packets = new Interner<Envelope>();
  /** Lists of packets that a step sends. */
  readonly bursts = new Interner<readonly Envelope[]>();
  readonly #states = new Interner<Network>();
  /** Rows of what may happen to the packets of one state. */
  readonly moved = new Column();
  readonly #moves = new Rows();
  readonly #forA = new Column();
  readonly #empty = new Column();
  readonly #mayForge = new Column();
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
    return this.#empty.at(id) === 1;
  }

  mayForge(id: number): boolean {
    return this.#mayForge.at(id) === 1;
  }

  /** Whether a packet travels towards side A. */
  isForA(packet: number): boolean {
    return this.#forA.at(packet) === 1;
  }

  packet(envelope: Envelope): number {
    const known = this.#ids.get(envelope);
    if (known !== undefined) return known;
    const id = this.packets.id(JSON.stringify(envelope), envelope);
    if (id >= MOST_PACKETS) throw new OutOfRoom(`more than ${MOST_PACKETS} different packets`);
    this.#ids.set(this.packets.values[id] as Envelope, id);
    if (id === this.#forA.length) this.#forA.push(envelope.side === 'A' ? 1 : 0);
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

  /** Where in `moved` the moves of a state begin: their number, then a row for each. */
  moves(id: number): number {
    return this.#moves.at(id, 0, this.#movesOf);
  }

  /** The packet of the k-th row. */
  movable(id: number, k: number): number {
    return this.moved.at(this.moves(id) + 1 + k * MOVE.width + MOVE.packet);
  }

  readonly #send = (id: number, burst: number): number => {
    const next = sent(this.state(id), this.bursts.values[burst] ?? [], this.#scenario.capacity);
    return next ? this.#intern(next) : -1;
  };

  readonly #forge = (id: number, packet: number): number =>
    this.#intern(forged(this.state(id), this.packets.values[packet] as Envelope));

  readonly #movesOf = (id: number): number => {
    const { assumptions, faults } = this.#scenario;
    const network = this.state(id);
    const firsts = new Map<number, number>();
    for (const at of arrivable(network, assumptions.ordered)) {
      const packet = this.packet(network.packets[at] as Envelope);
      if (!firsts.has(packet)) firsts.set(packet, at);
    }
    const again = network.duplicated < faults.duplicate ? this.#intern(duplicated(network)) : -1;
    const rows = [...firsts].map(([packet, at]) => [
      packet,
      this.#intern(arrived(network, at)),
      network.lost < faults.lose ? this.#intern(lost(network, at)) : -1,
      again,
    ]);
    const start = this.moved.length;
    this.moved.push(rows.length);
    for (const row of rows) for (const number of row) this.moved.push(number);
    return start;
  };

  /** The number of a network, whoever built it. */
  intern(network: Network): number {
    const packets = network.packets.map((envelope) => this.packets.values[this.packet(envelope)] as Envelope);
    return this.#intern({ ...network, packets });
  }

  #intern(network: Network): number {
    const ids = network.packets.map((envelope) => this.packet(envelope));
    ids.sort(this.#order);
    const key = String.fromCharCode(network.lost, network.duplicated, network.forged, ...ids);
    return this.#states.known(key) ?? this.#add(key, { ...network, packets: ids.map(this.#envelope) });
  }

  #add(key: string, network: Network): number {
    const id = this.#states.id(key, network);
    if (id >= MOST_NETWORKS) throw new OutOfRoom(`more than ${MOST_NETWORKS} states of the network`);
    const { faults, capacity } = this.#scenario;
    this.#empty.push(network.packets.length === 0 ? 1 : 0);
    this.#mayForge.push(network.forged < faults.forge && load(network.packets) < capacity ? 1 : 0);
    return id;
  }

  readonly #envelope = (id: number): Envelope => this.packets.values[id] as Envelope;

  /** Where paths keep their order, packets of one path stay as they were sent. */
  readonly #order = (p: number, q: number): number => {
    if (!this.#scenario.assumptions.ordered) return p - q;
    const [a, b] = [this.#envelope(p), this.#envelope(q)];
    return a.from - b.from || a.to - b.to;
  };
}
