import { OutOfRoom, room, wider } from './room.ts';

/** What is said of a known key by blocks that keep no numbers. */
export const KNOWN = -1;

/** One more than the greatest key. */
export const MOST_KEYS = 1 << 16;

/** Places in a block's head: where its cells begin, logarithm of how many it has, how many are taken. */
const HEAD = { start: 0, bits: 1, taken: 2, width: 3 } as const;

const FIRST_BITS = 2;

/** Where a block begins is told by 31 bits. */
const MOST_CELLS = 2 ** 31 - 1;

const slotOf = (key: number, bits: number): number => Math.imul(key, 0x9e3779b1) >>> (32 - bits);

/** Keys take half a word: as many as can be share a line of the cache. */
const keyRoom = (cells: number): Uint16Array => new Uint16Array(room((cells + 1) >>> 1).buffer);

/**
 * Many small hash tables, each from keys that are not 0 to numbers, in one array: what is asked of one block lies close
 * together. Open addressing, linear probing; a block that is three quarters full doubles. A cell holds a key, 0 where it
 * is free; the number that came with it has the same place in another array.
 */
export class Blocks {
  #heads: Int32Array;
  #keys: Uint16Array;
  /** Empty where only keys are kept. */
  #numbers: Int32Array;
  #blocks = 0;
  /** Where no block was yet. No block has the first cell: no key stands there. */
  #end = 1;
  /** Room that blocks left when they grew, by the logarithm of its cells. */
  readonly #left: number[][] = [];
  readonly #keepsNumbers: boolean;

  constructor(cells: number, keep: 'numbers' | 'keys') {
    this.#keepsNumbers = keep === 'numbers';
    this.#heads = room(HEAD.width << 8);
    this.#keys = keyRoom(cells);
    this.#numbers = room(this.#keepsNumbers ? this.#keys.length : 0);
  }

  get bytes(): number {
    return 4 * (this.#heads.length + this.#numbers.length) + 2 * this.#keys.length;
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
    return (this.#heads[head + HEAD.start] as number) + slotOf(key, this.#heads[head + HEAD.bits] as number);
  }

  /**
   * Reads the key that stands at each of these places, or 0, and puts the number that came with it where the place was, if
   * numbers are kept. The loops are as short as can be, so that the processor has many reads under way at once; looking
   * up one key after another, it would wait for each.
   */
  look(places: Int32Array, found: Int32Array, count: number): void {
    const [keys, numbers] = [this.#keys, this.#numbers];
    for (let k = 0; k < count; k += 1) found[k] = keys[places[k] as number] as number;
    if (!this.#keepsNumbers) return;
    for (let k = 0; k < count; k += 1) places[k] = numbers[places[k] as number] as number;
  }

  /**
   * `value` where the key is new; otherwise the number that came with it, or KNOWN where numbers are not kept.
   * @throws OutOfRoom, with nothing changed
   */
  add(block: number, key: number, value: number): number {
    const [heads, keys] = [this.#heads, this.#keys];
    const head = block * HEAD.width;
    const start = heads[head + HEAD.start] as number;
    const bits = heads[head + HEAD.bits] as number;
    const mask = (1 << bits) - 1;
    for (let slot = slotOf(key, bits); ; slot = (slot + 1) & mask) {
      const at = start + slot;
      const found = keys[at] as number;
      if (found === key) return this.#keepsNumbers ? (this.#numbers[at] as number) : KNOWN;
      if (found !== 0) continue;
      const taken = (heads[head + HEAD.taken] as number) + 1;
      if (4 * taken > 3 << bits) {
        this.#grow(head);
        return this.add(block, key, value);
      }
      keys[at] = key;
      if (this.#keepsNumbers) this.#numbers[at] = value;
      heads[head + HEAD.taken] = taken;
      return value;
    }
  }

  #grow(head: number): void {
    const bits = this.#heads[head + HEAD.bits] as number;
    const old = this.#heads[head + HEAD.start] as number;
    const start = this.#take(bits + 1);
    const [keys, numbers] = [this.#keys, this.#numbers];
    const mask = (2 << bits) - 1;
    const end = old + (1 << bits);
    for (let from = old; from < end; from += 1) {
      const key = keys[from] as number;
      if (key === 0) continue;
      let slot = slotOf(key, bits + 1);
      while (keys[start + slot] !== 0) slot = (slot + 1) & mask;
      keys[start + slot] = key;
      if (this.#keepsNumbers) numbers[start + slot] = numbers[from] as number;
    }
    keys.fill(0, old, end);
    this.#leave(bits, old);
    this.#heads[head + HEAD.start] = start;
    this.#heads[head + HEAD.bits] = bits + 1;
  }

  #leave(bits: number, start: number): void {
    while (this.#left.length <= bits) this.#left.push([]);
    this.#left[bits]?.push(start);
  }

  /** Where free cells begin, as many as wanted, all without a key. @throws OutOfRoom */
  #take(bits: number): number {
    const left = this.#left[bits]?.pop();
    if (left !== undefined) return left;
    const end = this.#end + (1 << bits);
    if (end > MOST_CELLS) throw new OutOfRoom(`more than ${MOST_CELLS} cells to find states by`);
    if (end > this.#keys.length) this.#widen(Math.max(1.5 * this.#keys.length, end));
    const start = this.#end;
    this.#end = end;
    return start;
  }

  #widen(cells: number): void {
    const keys = keyRoom(cells);
    if (this.#keepsNumbers) this.#numbers = wider(this.#numbers, keys.length);
    keys.set(this.#keys);
    this.#keys = keys;
  }
}
