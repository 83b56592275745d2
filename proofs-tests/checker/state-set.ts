import { type Edges, ROW } from './edges.ts';
import { room, wider } from './room.ts';

/** Bits of a side's number and of half the network's number in a word. */
const SIDE_BITS = 20;
const HALF_BITS = 32 - SIDE_BITS;
const SIDE_MASK = (1 << SIDE_BITS) - 1;

/** One more than the greatest number of a side's or network's state that a global state can hold. */
export const MOST_SIDES = 1 << SIDE_BITS;
export const MOST_NETWORKS = 1 << (2 * HALF_BITS);

const low = (a: number, network: number): number => a | (network << SIDE_BITS);
const high = (b: number, network: number): number => b | ((network >>> HALF_BITS) << SIDE_BITS);

const hashOf = (first: number, second: number): number => {
  const hash = Math.imul(first, 0x9e3779b1);
  return Math.imul(hash ^ (hash >>> 15) ^ second, 0x85ebca6b);
};

/** Global states, two words each, in order of discovery; open addressing, linear probing. */
export class StateSet {
  /**
   * Index of a state plus one in the low bits, as many as number the slots; above them the bits of its hash that did not
   * choose the slot, so that other states are told apart without a look at their words. 0 is free; half are.
   */
  #slots: Int32Array;
  #bits: number;
  #words: Int32Array;
  /** Predecessor of each state; -1 for the first. */
  #parents: Int32Array;
  #touched = new Int32Array(1 << 10);
  size = 0;

  constructor(expected = 1 << 12) {
    this.#bits = Math.ceil(Math.log2(expected * 2));
    this.#slots = room(2 ** this.#bits);
    this.#words = room(2 * expected);
    this.#parents = room(expected);
  }

  a(index: number): number {
    return (this.#words[2 * index] as number) & SIDE_MASK;
  }
  b(index: number): number {
    return (this.#words[2 * index + 1] as number) & SIDE_MASK;
  }
  network(index: number): number {
    const [first, second] = [this.#words[2 * index] as number, this.#words[2 * index + 1] as number];
    return (first >>> SIDE_BITS) | ((second >>> SIDE_BITS) << HALF_BITS);
  }
  parent(index: number): number {
    return this.#parents[index] as number;
  }

  /** Bytes that hold the states, with predecessors and slots. */
  get bytes(): number {
    return 4 * (this.#slots.length + this.#words.length + this.#parents.length);
  }

  /** Makes room for so many more states. @throws OutOfRoom, with nothing changed */
  reserve(more: number): void {
    const wanted = this.size + more;
    if (wanted > this.#parents.length) {
      const capacity = Math.max(2 * this.#parents.length, wanted);
      const words = wider(this.#words, 2 * capacity);
      this.#parents = wider(this.#parents, capacity);
      this.#words = words;
    }
    while (2 * wanted > this.#slots.length) this.#rehash();
  }

  /** The state's index; `size` grows when it is new. @throws OutOfRoom */
  add(a: number, b: number, network: number, parent: number): number {
    this.reserve(1);
    return this.#find(low(a, network), high(b, network), parent);
  }

  /** Adds where these edges lead, and writes the indices into `to`. @throws OutOfRoom, with nothing changed */
  addAll(edges: Edges): void {
    const { cells, length } = edges;
    this.reserve(length);
    this.#touch(edges);
    for (let at = 0; at < length * ROW.width; at += ROW.width) {
      const network = cells[at + ROW.network] as number;
      const first = low(cells[at + ROW.a] as number, network);
      const second = high(cells[at + ROW.b] as number, network);
      cells[at + ROW.to] = this.#find(first, second, cells[at + ROW.from] as number);
    }
  }

  /** Reads what `#find` will read, many at once, so that their waits on memory overlap. */
  #touch({ cells, length }: Edges): void {
    if (this.#touched.length < length) this.#touched = new Int32Array(2 * length);
    const [touched, slots, words, bits] = [this.#touched, this.#slots, this.#words, this.#bits];
    for (let e = 0, at = 0; e < length; e += 1, at += ROW.width) {
      const network = cells[at + ROW.network] as number;
      const hash = hashOf(low(cells[at + ROW.a] as number, network), high(cells[at + ROW.b] as number, network));
      const entry = slots[hash >>> (32 - bits)] as number;
      touched[e] = (entry ^ (hash << bits)) >>> bits === 0 ? Math.max(entry & (slots.length - 1), 1) : 1;
    }
    for (let e = 0; e < length; e += 1) touched[e] = words[2 * ((touched[e] as number) - 1)] as number;
  }

  #find(first: number, second: number, parent: number): number {
    const [slots, words, bits] = [this.#slots, this.#words, this.#bits];
    const mask = slots.length - 1;
    const hash = hashOf(first, second);
    const tag = hash << bits;
    for (let slot = hash >>> (32 - bits); ; slot = (slot + 1) & mask) {
      const entry = slots[slot] as number;
      if (entry === 0) {
        slots[slot] = (this.size + 1) | tag;
        return this.#append(first, second, parent);
      }
      if ((entry ^ tag) >>> bits !== 0) continue;
      const index = (entry & mask) - 1;
      if (words[2 * index] === first && words[2 * index + 1] === second) return index;
    }
  }

  #append(first: number, second: number, parent: number): number {
    const index = this.size;
    this.#words[2 * index] = first;
    this.#words[2 * index + 1] = second;
    this.#parents[index] = parent;
    this.size += 1;
    return index;
  }

  #rehash(): void {
    const slots = room(2 * this.#slots.length);
    const mask = slots.length - 1;
    const bits = this.#bits + 1;
    const words = this.#words;
    for (let index = 0; index < this.size; index += 1) {
      const hash = hashOf(words[2 * index] as number, words[2 * index + 1] as number);
      let slot = hash >>> (32 - bits);
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = (index + 1) | (hash << bits);
    }
    this.#slots = slots;
    this.#bits = bits;
  }
}
