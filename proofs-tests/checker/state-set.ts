import { type Edges, WIDTH } from './edges.ts';

/** Bits of a side's number and of half the network's number in a word. */
const SIDE_BITS = 20;
const HALF_BITS = 32 - SIDE_BITS;
const SIDE_MASK = (1 << SIDE_BITS) - 1;

/** One more than the greatest number of a side's or network's state that a global state can hold. */
export const MOST_SIDES = 1 << SIDE_BITS;
export const MOST_NETWORKS = 1 << (2 * HALF_BITS);

const low = (a: number, network: number): number => a | (network << SIDE_BITS);
const high = (b: number, network: number): number => b | ((network >>> HALF_BITS) << SIDE_BITS);
const networkOf = (first: number, second: number): number =>
  (first >>> SIDE_BITS) | ((second >>> SIDE_BITS) << HALF_BITS);

/** Memory that could not be had, or more states than 32 bits can number: what was found so far stands. */
export class OutOfRoom extends Error {}

/** The array, or OutOfRoom where the machine has no memory for it. */
const room = (length: number): Int32Array => {
  try {
    return new Int32Array(length);
  } catch (error) {
    if (error instanceof RangeError) throw new OutOfRoom(`no memory for ${4 * length} bytes`);
    throw error;
  }
};

/** Global states, two words each, in order of discovery; open addressing, linear probing. */
export class StateSet {
  /** Index of a state plus one; 0 is free. */
  #slots: Int32Array;
  #shift: number;
  #words: Int32Array;
  /** Predecessor of each state; -1 for the first. */
  #parents: Int32Array;
  #homes = new Int32Array(1 << 10);
  #guesses = new Int32Array(1 << 10);
  size = 0;

  constructor(expected = 1 << 12) {
    const bits = Math.ceil(Math.log2(expected * 2));
    this.#slots = new Int32Array(1 << bits);
    this.#shift = 32 - bits;
    this.#words = new Int32Array(2 * expected);
    this.#parents = new Int32Array(expected);
  }

  a(index: number): number {
    return (this.#words[2 * index] as number) & SIDE_MASK;
  }
  b(index: number): number {
    return (this.#words[2 * index + 1] as number) & SIDE_MASK;
  }
  network(index: number): number {
    return networkOf(this.#words[2 * index] as number, this.#words[2 * index + 1] as number);
  }
  parent(index: number): number {
    return this.#parents[index] as number;
  }

  /** Bytes that hold the states, with predecessors and slots. */
  get bytes(): number {
    return 4 * (this.#slots.length + this.#words.length + this.#parents.length);
  }

  /** The state's index; `size` grows when it is new. @throws OutOfRoom */
  add(a: number, b: number, network: number, parent: number): number {
    const [first, second] = [low(a, network), high(b, network)];
    return this.#find(this.#home(first, second), first, second, parent);
  }

  /** The state's index, or -1 where it is not in the set. */
  indexOf(a: number, b: number, network: number): number {
    const [first, second] = [low(a, network), high(b, network)];
    const mask = this.#slots.length - 1;
    for (let slot = this.#home(first, second); ; slot = (slot + 1) & mask) {
      const index = (this.#slots[slot] as number) - 1;
      if (index < 0 || (this.#words[2 * index] === first && this.#words[2 * index + 1] === second)) return index;
    }
  }

  /**
   * Asks the memory for what `add` will look at, so that the waits for many edges overlap. The search then finds slots
   * and words in the cache; nothing depends on what is read here.
   */
  touch({ cells, length }: Edges): void {
    if (this.#homes.length < length) {
      this.#homes = new Int32Array(2 * length);
      this.#guesses = new Int32Array(2 * length);
    }
    const [homes, guesses, slots, words] = [this.#homes, this.#guesses, this.#slots, this.#words];
    for (let e = 0, at = 0; e < length; e += 1, at += WIDTH) {
      const network = cells[at + 2] as number;
      const home = this.#home(low(cells[at] as number, network), high(cells[at + 1] as number, network));
      homes[e] = slots[home] as number;
    }
    for (let e = 0; e < length; e += 1) {
      const index = homes[e] as number;
      guesses[e] = index === 0 ? 0 : (words[2 * index - 2] as number);
    }
  }

  #home(first: number, second: number): number {
    const hash = Math.imul(first, 0x9e3779b1);
    return Math.imul(hash ^ (hash >>> 15) ^ second, 0x85ebca6b) >>> this.#shift;
  }

  #find(home: number, first: number, second: number, parent: number): number {
    const [slots, words] = [this.#slots, this.#words];
    const mask = slots.length - 1;
    let slot = home;
    for (;;) {
      const index = (slots[slot] as number) - 1;
      if (index < 0) return this.#append(slot, first, second, parent);
      if (words[2 * index] === first && words[2 * index + 1] === second) return index;
      slot = (slot + 1) & mask;
    }
  }

  #append(slot: number, first: number, second: number, parent: number): number {
    const index = this.size;
    if (index === this.#parents.length) this.#grow();
    this.#words[2 * index] = first;
    this.#words[2 * index + 1] = second;
    this.#parents[index] = parent;
    this.#slots[slot] = index + 1;
    this.size += 1;
    if (2 * this.size > this.#slots.length) this.#rehash();
    return index;
  }

  #grow(): void {
    const words = room(2 * this.#words.length);
    const parents = room(2 * this.#parents.length);
    words.set(this.#words);
    parents.set(this.#parents);
    this.#words = words;
    this.#parents = parents;
  }

  #rehash(): void {
    const slots = room(2 * this.#slots.length);
    const mask = slots.length - 1;
    this.#shift -= 1;
    const words = this.#words;
    for (let index = 0; index < this.size; index += 1) {
      let slot = this.#home(words[2 * index] as number, words[2 * index + 1] as number);
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = index + 1;
    }
    this.#slots = slots;
  }
}
