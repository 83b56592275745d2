import { Blocks } from './blocks.ts';
import { type Edges, ROW } from './edges.ts';
import { room, wider } from './room.ts';

/** Bits of a side's number and of half the network's number in a word. */
const SIDE_BITS = 20;
const HALF_BITS = 32 - SIDE_BITS;
const SIDE_MASK = (1 << SIDE_BITS) - 1;

/** One more than the greatest number of a side's or network's state that a global state can hold. */
export const MOST_SIDES = SIDE_MASK;
export const MOST_NETWORKS = 1 << (2 * HALF_BITS);

/** Both sides in one word, which is never 0; bits of the second that find no place choose the block. */
const keyOf = (a: number, b: number): number => ((a | (b << SIDE_BITS)) + 1) | 0;

/**
 * Global states, in order of discovery. They are found again by a hash table for each state of the network: the states
 * that a few steps lead to differ in their sides, and share a handful of networks.
 */
export class StateSet {
  readonly #blocks: Blocks;
  /** By state of the network: number of its block plus one, 0 where it has none. */
  #block: Int32Array;
  /** Blocks of sides that a key does not tell apart, by what tells them. */
  readonly #more = new Map<number, number>();
  /** Two words a state. */
  #words: Int32Array;
  /** Predecessor of each state; -1 for the first. */
  #parents: Int32Array;
  /** Where in the blocks the edges of a batch will be looked for. */
  #places = room(1 << 12);
  size = 0;

  /** @param keep `keys`: a state is only told to be known, `indexOf` searches for its index; less memory, faster. */
  constructor(keep: 'numbers' | 'keys' = 'numbers', expected = 1 << 12) {
    this.#words = room(2 * expected);
    this.#parents = room(expected);
    this.#block = room(expected);
    this.#blocks = new Blocks(2 * expected, keep);
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

  /** Looks at every state. */
  indexOf(a: number, b: number, network: number): number {
    for (let index = 0; index < this.size; index += 1)
      if (this.a(index) === a && this.b(index) === b && this.network(index) === network) return index;
    throw new RangeError('no such state');
  }

  /** Bytes that hold the states, with predecessors and all that finds them. */
  get bytes(): number {
    return 4 * (this.#words.length + this.#parents.length + this.#block.length) + this.#blocks.bytes;
  }

  /**
   * The state's index, or KNOWN; `size` grows when it is new.
   * @throws OutOfRoom: no more can be added then, what was stands
   */
  add(a: number, b: number, network: number, parent: number): number {
    this.#reserve(1);
    return this.#find(a, b, network, parent);
  }

  /** Adds where these edges lead, and writes into `to` what `add` says. @throws OutOfRoom, as `add`; none of them was added */
  addAll(edges: Edges): void {
    const before = this.size;
    try {
      this.#reserve(edges.length);
      this.#touch(edges);
      this.#findAll(edges);
    } catch (error) {
      this.size = before;
      throw error;
    }
  }

  #touch({ cells, length }: Edges): void {
    if (this.#places.length < length) this.#places = room(2 * length);
    const [places, blocks, block] = [this.#places, this.#blocks, this.#block];
    for (let e = 0, at = 0; e < length; e += 1, at += ROW.width) {
      const network = cells[at + ROW.network] as number;
      const known = network < block.length ? (block[network] as number) : 0;
      const key = keyOf(cells[at + ROW.a] as number, cells[at + ROW.b] as number);
      places[e] = known > 0 ? blocks.place(known - 1, key) : 0;
    }
    blocks.touch(places, length);
  }

  #findAll({ cells, length }: Edges): void {
    for (let at = 0; at < length * ROW.width; at += ROW.width)
      cells[at + ROW.to] = this.#find(
        cells[at + ROW.a] as number,
        cells[at + ROW.b] as number,
        cells[at + ROW.network] as number,
        cells[at + ROW.from] as number,
      );
  }

  #reserve(more: number): void {
    const wanted = this.size + more;
    if (wanted <= this.#parents.length) return;
    const capacity = Math.max(2 * this.#parents.length, wanted);
    const words = wider(this.#words, 2 * capacity);
    this.#parents = wider(this.#parents, capacity);
    this.#words = words;
  }

  #find(a: number, b: number, network: number, parent: number): number {
    const index = this.#blocks.add(this.#blockOf(b, network), keyOf(a, b), this.size);
    if (index === this.size) {
      this.#words[2 * index] = a | (network << SIDE_BITS);
      this.#words[2 * index + 1] = b | ((network >>> HALF_BITS) << SIDE_BITS);
      this.#parents[index] = parent;
      this.size = index + 1;
    }
    return index;
  }

  #blockOf(b: number, network: number): number {
    if (b >= 1 << HALF_BITS) return this.#anotherBlock(b >>> HALF_BITS, network);
    const block = network < this.#block.length ? (this.#block[network] as number) : 0;
    return block > 0 ? block - 1 : this.#firstBlock(network);
  }

  #firstBlock(network: number): number {
    if (network >= this.#block.length) this.#block = wider(this.#block, Math.max(2 * this.#block.length, network + 1));
    const block = this.#blocks.open();
    this.#block[network] = block + 1;
    return block;
  }

  #anotherBlock(rest: number, network: number): number {
    const which = rest * MOST_NETWORKS + network;
    const known = this.#more.get(which);
    if (known !== undefined) return known;
    const block = this.#blocks.open();
    this.#more.set(which, block);
    return block;
  }
}
