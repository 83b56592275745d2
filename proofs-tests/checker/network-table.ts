import { arrivable, arrived, duplicated, EMPTY, forged, load, lost, type Network, sent } from '../../model/network.ts';
import type { Envelope } from '../../model/packet.ts';
import type { Scenario } from '../../model/scenario.ts';
import { Column } from './column.ts';
import { heapRoom, OutOfRoom, room, wider } from './room.ts';
import { Interner, Rows } from './rows.ts';
import { Sequences } from './sequences.ts';
import { MOST_NETWORKS } from './state-set.ts';

/** Places in a packet's row: the packet, and the network when it arrives, is lost, is duplicated; -1 for "not possible". */
export const MOVE = { packet: 0, arrive: 1, lose: 2, duplicate: 3, width: 4 } as const;

/** Networks between two looks at how full the heap is. */
const LOOK = 1 << 12;

/** Places in the key of a network before its packets. */
const COUNTS = 3;

/** One more than the greatest number of a packet: rows of networks have a column for each. */
const MOST_PACKETS = 1 << 16;

/** The network with its states interned. Without an order of paths, packets are kept sorted: order means nothing then. */
export class NetworkTable {
  readonly packets = new Interner<Envelope>();
  /** Lists of packets that a step sends. */
  readonly bursts = new Interner<readonly Envelope[]>();
  readonly #states: Network[] = [];
  /** Rows of what may happen to the packets of one state. */
  readonly moved = new Column();
  readonly #moves = new Rows();
  readonly #forA = new Column();
  readonly #empty = new Column();
  readonly #mayForge = new Column();
  readonly #sent = new Rows();
  readonly #forged = new Rows();
  readonly #numbers = new Map<Envelope, number>();
  readonly #ids = new Sequences();
  /** Counts of faults and packets of the network whose number is asked for. */
  #key = room(1 << 6);
  readonly #scenario: Scenario;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.burst([]);
    this.#intern(EMPTY);
  }

  get size(): number {
    return this.#states.length;
  }

  state(id: number): Network {
    return this.#states[id] as Network;
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
    const known = this.#numbers.get(envelope);
    if (known !== undefined) return known;
    const id = this.packets.id(JSON.stringify(envelope), envelope);
    if (id >= MOST_PACKETS) throw new OutOfRoom(`more than ${MOST_PACKETS} different packets`);
    this.#numbers.set(this.packets.values[id] as Envelope, id);
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
    const { packets, lost, duplicated, forged } = network;
    const length = this.#spell(packets);
    const key = this.#key;
    key[0] = lost;
    key[1] = duplicated;
    key[2] = forged;
    const id = this.#ids.id(key, length);
    if (id < this.#states.length) return id;
    return this.#add({ ...network, packets: Array.from(key.subarray(COUNTS, length), this.#envelope) });
  }

  /** Writes the packets into the key, sorted; how long it is then. */
  #spell(packets: readonly Envelope[]): number {
    if (this.#key.length < COUNTS + packets.length) this.#key = wider(this.#key, 2 * (COUNTS + packets.length));
    const key = this.#key;
    let length = COUNTS;
    for (const envelope of packets) {
      const packet = this.packet(envelope);
      let at = length;
      for (; at > COUNTS && this.#order(key[at - 1] as number, packet) > 0; at -= 1) key[at] = key[at - 1] as number;
      key[at] = packet;
      length += 1;
    }
    return length;
  }

  #add(network: Network): number {
    const id = this.#states.length;
    if (id >= MOST_NETWORKS) throw new OutOfRoom(`more than ${MOST_NETWORKS} states of the network`);
    if (id % LOOK === LOOK - 1) heapRoom();
    this.#states.push(network);
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
