import { OutOfRoom, room, wider } from './room.ts';

/** A cell holds a key and the number that came with it; a key of 0 says that it is free. */
const CELL = 2;

/** Places in a block's head: where its cells begin, logarithm of how many it has, how many are taken. */
const HEAD = { start: 0, bits: 1, taken: 2, width: 3 } as const;

const FIRST_BITS = 2;

/** Where a block begins is told by 31 bits. */
const MOST_CELLS = 2 ** 31 - 1;

const slotOf = (key: number, bits: number): number => Math.imul(key ^ (key >>> 15), 0x9e3779b1) >>> (32 - bits);

/**
 * Many small hash tables, each from keys that are not 0 to numbers, in one array: what is asked of one block lies close
 * together. Open addressing, linear probing; a block that is three quarters full doubles.
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

  constructor(cells = 1 << 12) {
    this.#heads = room(HEAD.width << 8);
    this.#cells = room(CELL * cells);
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
    return (this.#heads[head + HEAD.start] as number) + CELL * slotOf(key, bits);
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

  /** The number that came with the key, which is `value` where the key is new. @throws OutOfRoom, with nothing changed */
  add(block: number, key: number, value: number): number {
    const [heads, cells] = [this.#heads, this.#cells];
    const head = block * HEAD.width;
    const start = heads[head + HEAD.start] as number;
    const bits = heads[head + HEAD.bits] as number;
    const mask = (1 << bits) - 1;
    for (let slot = slotOf(key, bits); ; slot = (slot + 1) & mask) {
      const at = start + CELL * slot;
      const found = cells[at] as number;
      if (found === key) return cells[at + 1] as number;
      if (found !== 0) continue;
      const taken = (heads[head + HEAD.taken] as number) + 1;
      if (4 * taken > 3 << bits) {
        this.#grow(head);
        return this.add(block, key, value);
      }
      cells[at] = key;
      cells[at + 1] = value;
      heads[head + HEAD.taken] = taken;
      return value;
    }
  }

  #grow(head: number): void {
    const bits = this.#heads[head + HEAD.bits] as number;
    const old = this.#heads[head + HEAD.start] as number;
    const start = this.#take(bits + 1);
    const cells = this.#cells;
    const mask = (2 << bits) - 1;
    const end = old + (CELL << bits);
    for (let from = old; from < end; from += CELL) {
      const key = cells[from] as number;
      if (key === 0) continue;
      let slot = slotOf(key, bits + 1);
      while (cells[start + CELL * slot] !== 0) slot = (slot + 1) & mask;
      cells[start + CELL * slot] = key;
      cells[start + CELL * slot + 1] = cells[from + 1] as number;
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
    const end = this.#end + (CELL << bits);
    if (end > MOST_CELLS) throw new OutOfRoom(`more than ${MOST_CELLS} words to find states by`);
    if (end > this.#cells.length) this.#cells = wider(this.#cells, Math.max(1.5 * this.#cells.length, end));
    const start = this.#end;
    this.#end = end;
    return start;
  }
}
