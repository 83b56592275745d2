import { Blocks, KNOWN, MOST_KEYS } from './blocks.ts';
import { type Edges, ROW } from './edges.ts';
import type { Pairs } from './pairs.ts';
import { room, wider } from './room.ts';

/** Pairs whose key is their number plus one; those beyond have blocks of their own, page by page. */
const PAGE = MOST_KEYS - 1;

/** One more than the greatest number of a network's state. */
export const MOST_NETWORKS = 1 << 24;

/**
 * Global states, in order of discovery. They are found again by a hash table for each state of the network: the states
 * that a few steps lead to differ in their sides, and share a handful of networks.
 */
export class StateSet {
  readonly #pairs: Pairs;
  readonly #keepsNumbers: boolean;
  readonly #blocks: Blocks;
  /** By state of the network: number of its block for the first page of pairs plus one, 0 where it has none. */
  #block: Int32Array;
  /** Blocks of other pages, by page and network. */
  readonly #more = new Map<number, number>();
  /** Two words a state: its pair, its network. */
  #words: Int32Array;
  /** Predecessor of each state; -1 for the first. */
  #parents: Int32Array;
  /** Where in the blocks the edges of a batch will be looked for, or the number that stands there; what key does. */
  #places = room(1 << 12);
  #found = room(1 << 12);
  size = 0;

  /** @param keep `keys`: a state is only told to be known, `indexOf` searches for its index; less memory, faster. */
  constructor(pairs: Pairs, keep: 'numbers' | 'keys' = 'numbers', expected = 1 << 12) {
    this.#pairs = pairs;
    this.#keepsNumbers = keep === 'numbers';
    this.#words = room(2 * expected);
    this.#parents = room(expected);
    this.#block = room(expected);
    this.#blocks = new Blocks(2 * expected, keep);
  }

  pair(index: number): number {
    return this.#words[2 * index] as number;
  }
  a(index: number): number {
    return this.#pairs.a(this.pair(index));
  }
  b(index: number): number {
    return this.#pairs.b(this.pair(index));
  }
  network(index: number): number {
    return this.#words[2 * index + 1] as number;
  }
  parent(index: number): number {
    return this.#parents[index] as number;
  }

  /** Looks at every state. */
  indexOf(pair: number, network: number): number {
    for (let index = 0; index < this.size; index += 1)
      if (this.pair(index) === pair && this.network(index) === network) return index;
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
  add(pair: number, network: number, parent: number): number {
    this.#reserve(1);
    return this.#find(pair, network, parent);
  }

  /** Adds where these edges lead, and writes into `to` what `add` says. @throws OutOfRoom, as `add`; none of them was added */
  addAll(edges: Edges): void {
    const before = this.size;
    try {
      this.#reserve(edges.length);
      this.#look(edges);
      this.#findAll(edges);
    } catch (error) {
      this.size = before;
      throw error;
    }
  }

  #look({ cells, end, length }: Edges): void {
    if (this.#places.length < length) {
      this.#places = room(2 * length);
      this.#found = room(2 * length);
    }
    const [places, blocks, block] = [this.#places, this.#blocks, this.#block];
    for (let e = 0, at = 0; at < end; e += 1, at += ROW.width) {
      const network = cells[at + ROW.network] as number;
      const known = network < block.length ? (block[network] as number) : 0;
      places[e] = known > 0 ? blocks.place(known - 1, (cells[at + ROW.pair] as number) + 1) : 0;
    }
    blocks.look(places, this.#found, length);
  }

  #findAll({ cells, end }: Edges): void {
    const [numbers, found, keepsNumbers] = [this.#places, this.#found, this.#keepsNumbers];
    for (let e = 0, at = 0; at < end; e += 1, at += ROW.width) {
      const pair = cells[at + ROW.pair] as number;
      // Most edges lead to a known state, and most of these keys stand at their first place.
      if (found[e] === pair + 1) cells[at + ROW.to] = keepsNumbers ? (numbers[e] as number) : KNOWN;
      else cells[at + ROW.to] = this.#find(pair, cells[at + ROW.network] as number, cells[at + ROW.from] as number);
    }
  }

  #reserve(more: number): void {
    const wanted = this.size + more;
    if (wanted <= this.#parents.length) return;
    const capacity = Math.max(2 * this.#parents.length, wanted);
    const words = wider(this.#words, 2 * capacity);
    this.#parents = wider(this.#parents, capacity);
    this.#words = words;
  }

  #find(pair: number, network: number, parent: number): number {
    const index =
      pair < PAGE
        ? this.#blocks.add(this.#blockOf(network), pair + 1, this.size)
        : this.#blocks.add(this.#laterBlock(Math.floor(pair / PAGE), network), (pair % PAGE) + 1, this.size);
    if (index === this.size) {
      this.#words[2 * index] = pair;
      this.#words[2 * index + 1] = network;
      this.#parents[index] = parent;
      this.size = index + 1;
    }
    return index;
  }

  #blockOf(network: number): number {
    const block = network < this.#block.length ? (this.#block[network] as number) : 0;
    return block > 0 ? block - 1 : this.#firstBlock(network);
  }

  #firstBlock(network: number): number {
    if (network >= this.#block.length) this.#block = wider(this.#block, Math.max(2 * this.#block.length, network + 1));
    const block = this.#blocks.open();
    this.#block[network] = block + 1;
    return block;
  }

  #laterBlock(page: number, network: number): number {
    const which = page * MOST_NETWORKS + network;
    const known = this.#more.get(which);
    if (known !== undefined) return known;
    const block = this.#blocks.open();
    this.#more.set(which, block);
    return block;
  }
}
