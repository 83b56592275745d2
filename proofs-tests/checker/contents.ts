import { arrivable, arrived, EMPTY, forged, load, type Network, sent } from '../../model/network.ts';
import type { Envelope } from '../../model/packet.ts';
import type { Scenario } from '../../model/scenario.ts';
import { MOST_KEYS } from './blocks.ts';
import { Column } from './column.ts';
import { OutOfRoom, room, wider } from './room.ts';
import { Interner, Rows } from './rows.ts';
import { Sequences } from './sequences.ts';

/** One more than the greatest number of a packet: a sequence has room for so many different numbers. */
const MOST_PACKETS = MOST_KEYS - 1;

/** Places in the row of a packet that may arrive: the packet, and the content without it. */
export const EXIT = { packet: 0, rest: 1, width: 2 } as const;

/**
 * What is on its way, whatever faults were spent: lists of packets, interned. Without an order of paths they are kept
 * sorted: order means nothing then.
 */
export class Contents {
  readonly packets = new Interner<Envelope>();
  /** Lists of packets that a step sends. */
  readonly bursts = new Interner<readonly Envelope[]>();
  /** Rows of the packets that may arrive. */
  readonly exits = new Column();
  readonly #lists: Network[] = [];
  readonly #forA = new Column();
  readonly #numbers = new Map<Envelope, number>();
  readonly #ids = new Sequences();
  readonly #exitsOf = new Rows();
  readonly #added = new Rows();
  readonly #forged = new Rows();
  readonly #scenario: Scenario;
  /** The packets whose number is asked for. */
  #key = room(1 << 6);

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.burst([]);
    this.id([]);
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

  /** The packets of a list, which nothing has befallen. */
  list(id: number): Network {
    return this.#lists[id] as Network;
  }
  load(id: number): number {
    return load(this.list(id).packets);
  }

  /** With a burst, or -1 where there is no room for it. */
  added(id: number, burst: number): number {
    return this.#added.at(id, burst, this.#add);
  }

  /** With one more packet, whether there is room or not. */
  forged(id: number, packet: number): number {
    return this.#forged.at(id, packet, this.#forge);
  }

  /** Where in `exits` the packets that may arrive begin, each once: their number, then a row for each. */
  exitsOf(id: number): number {
    return this.#exitsOf.at(id, 0, this.#leave);
  }

  /** The number of a list of packets, whoever built it. */
  id(packets: readonly Envelope[]): number {
    const length = this.#spell(packets);
    const id = this.#ids.id(this.#key, length);
    if (id === this.#lists.length)
      this.#lists.push({ ...EMPTY, packets: Array.from(this.#key.subarray(0, length), this.#envelope) });
    return id;
  }

  readonly #add = (id: number, burst: number): number => {
    const after = sent(this.list(id), this.bursts.values[burst] ?? [], this.#scenario.capacity);
    return after ? this.id(after.packets) : -1;
  };

  readonly #forge = (id: number, packet: number): number =>
    this.id(forged(this.list(id), this.packets.values[packet] as Envelope).packets);

  readonly #leave = (id: number): number => {
    const list = this.list(id);
    const firsts = new Map<number, number>();
    for (const at of arrivable(list, this.#scenario.assumptions.ordered)) {
      const packet = this.packet(list.packets[at] as Envelope);
      if (!firsts.has(packet)) firsts.set(packet, at);
    }
    const start = this.exits.length;
    this.exits.push(firsts.size);
    for (const [packet, at] of firsts) {
      this.exits.push(packet);
      this.exits.push(this.id(arrived(list, at).packets));
    }
    return start;
  };

  /** Writes the packets into the key, sorted; how long it is then. */
  #spell(packets: readonly Envelope[]): number {
    if (this.#key.length < packets.length) this.#key = wider(this.#key, 2 * packets.length);
    const key = this.#key;
    let length = 0;
    for (const envelope of packets) {
      const packet = this.packet(envelope);
      let at = length;
      for (; at > 0 && this.#order(key[at - 1] as number, packet) > 0; at -= 1) key[at] = key[at - 1] as number;
      key[at] = packet;
      length += 1;
    }
    return length;
  }

  readonly #envelope = (id: number): Envelope => this.packets.values[id] as Envelope;

  /** Where paths keep their order, packets of one path stay as they were sent. */
  #order(p: number, q: number): number {
    if (!this.#scenario.assumptions.ordered) return p - q;
    const [a, b] = [this.#envelope(p), this.#envelope(q)];
    return a.from - b.from || a.to - b.to;
  }
}
