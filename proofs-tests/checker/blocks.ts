import { OutOfRoom, room, wider } from './room.ts';

/** What is said of a known key by blocks that keep no numbers. */
export const KNOWN = -1;

/** Places in a block's head: where its cells begin, logarithm of how many it has, how many are taken. */
const HEAD = { start: 0, bits: 1, taken: 2, width: 3 } as const;

const FIRST_BITS = 2;

/** Where a block begins is told by 31 bits. */
const MOST_CELLS = 2 ** 31 - 1;

const slotOf = (key: number, bits: number): number => Math.imul(key ^ (key >>> 15), 0x9e3779b1) >>> (32 - bits);

/**
 * Many small hash tables, each from keys that are not 0 to numbers, in one array: what is asked of one block lies close
 * together. Open addressing, linear probing; a block that is three quarters full doubles. A cell holds a key, 0 where it
 * is free, and after it the number that came with the key; without numbers twice as many keys share a line of the cache.
 */
export class Blocks {
  #heads: Int32Array;
  #cells: Int32Array;
  #blocks = 0;
  /** Where no block was yet. */
  #end = 0;
  /** What `touch` read, folded: a value that no one took would not be read. */
  touched = 0;
  /** Room that blocks left when they grew, by the logarithm of its cells. */
  readonly #left: number[][] = [];

  /** Logarithm of the words in a cell. */
  readonly #cellBits: 0 | 1;

  constructor(cells: number, keep: 'numbers' | 'keys') {
    this.#cellBits = keep === 'numbers' ? 1 : 0;
    this.#heads = room(HEAD.width << 8);
    this.#cells = room(cells << this.#cellBits);
  }

  get bytes(): number {
    return 4 * (this.#heads.length + this.#cells.length);
  }
  get size(): number {
    return this.#blocks;
  }

  /** The number of a new, empty block, from 0. @throws OutOfRoom */
  open(): number {
    const head = this.#blocks * HEAD.width;
    if (head + HEAD.width > this.#heads.length) this.#heads = wider(this.#heads, 2 * this.#heads.length);
    this.#heads[head + HEAD.start] = this.#take(FIRST_BITS);
    this.#heads[head + HEAD.bits] = FIRST_BITS;
    this.#blocks += 1;
    return this.#blocks - 1;
  }

  /** Where the search for a key begins. */
  place(block: number, key: number): number {
    const head = block * HEAD.width;
    const bits = this.#heads[head + HEAD.bits] as number;
    return (this.#heads[head + HEAD.start] as number) + (slotOf(key, bits) << this.#cellBits);
  }

  /**
   * Brings the cells at these places into the cache. The loop is as short as can be, so that the processor has many
   * reads under way at once; looking up one key after another, it would wait for each.
   */
  touch(places: Int32Array, count: number): void {
    const cells = this.#cells;
    let all = 0;
    for (let k = 0; k < count; k += 1) all ^= cells[places[k] as number] as number;
    this.touched = all;
  }

  /**
   * `value` where the key is new; otherwise the number that came with it, or KNOWN where numbers are not kept.
   * @throws OutOfRoom, with nothing changed
   */
  add(block: number, key: number, value: number): number {
    const [heads, cells, cellBits] = [this.#heads, this.#cells, this.#cellBits];
    const head = block * HEAD.width;
    const start = heads[head + HEAD.start] as number;
    const bits = heads[head + HEAD.bits] as number;
    const mask = (1 << bits) - 1;
    for (let slot = slotOf(key, bits); ; slot = (slot + 1) & mask) {
      const at = start + (slot << cellBits);
      const found = cells[at] as number;
      if (found === key) return cellBits === 1 ? (cells[at + 1] as number) : KNOWN;
      if (found !== 0) continue;
      const taken = (heads[head + HEAD.taken] as number) + 1;
      if (4 * taken > 3 << bits) {
        this.#grow(head);
        return this.add(block, key, value);
      }
      cells[at] = key;
      if (cellBits === 1) cells[at + 1] = value;
      heads[head + HEAD.taken] = taken;
      return value;
    }
  }

  #grow(head: number): void {
    const bits = this.#heads[head + HEAD.bits] as number;
    const old = this.#heads[head + HEAD.start] as number;
    const start = this.#take(bits + 1);
    const [cells, cellBits] = [this.#cells, this.#cellBits];
    const mask = (2 << bits) - 1;
    const end = old + (1 << (bits + cellBits));
    for (let from = old; from < end; from += 1 << cellBits) {
      const key = cells[from] as number;
      if (key === 0) continue;
      let slot = slotOf(key, bits + 1);
      while (cells[start + (slot << cellBits)] !== 0) slot = (slot + 1) & mask;
      const to = start + (slot << cellBits);
      cells[to] = key;
      if (cellBits === 1) cells[to + 1] = cells[from + 1] as number;
    }
    cells.fill(0, old, end);
    this.#leave(bits, old);
    this.#heads[head + HEAD.start] = start;
    this.#heads[head + HEAD.bits] = bits + 1;
  }

  #leave(bits: number, start: number): void {
    while (this.#left.length <= bits) this.#left.push([]);
    this.#left[bits]?.push(start);
  }

  /** Where free cells begin, as many as wanted, all zero. @throws OutOfRoom */
  #take(bits: number): number {
    const left = this.#left[bits]?.pop();
    if (left !== undefined) return left;
    const end = this.#end + (1 << (bits + this.#cellBits));
    if (end > MOST_CELLS) throw new OutOfRoom(`more than ${MOST_CELLS} words to find states by`);
    if (end > this.#cells.length) this.#cells = wider(this.#cells, Math.max(1.5 * this.#cells.length, end));
    const start = this.#end;
    this.#end = end;
    return start;
  }
}
