import { Column } from './column.ts';
import { OutOfRoom, room } from './room.ts';

/** One more than the greatest number of a side's state. */
export const MOST_SIDES = 1 << 20;

/** One more than the greatest number of a pair. */
const MOST_PAIRS = 1 << 24;

const FIRST_BITS = 10;

/** Gives each pair of a state of A and one of B a dense number from 0, by a hash table with linear probing. */
export class Pairs {
  readonly #a = new Column();
  readonly #b = new Column();
  #bits = FIRST_BITS;
  /** Numbers of pairs plus one; 0 is free. Never more than half full. */
  #slots = room(1 << FIRST_BITS);

  get size(): number {
    return this.#a.length;
  }
  a(pair: number): number {
    return this.#a.at(pair);
  }
  b(pair: number): number {
    return this.#b.at(pair);
  }

  /** `size` grows when the pair is new. @throws OutOfRoom */
  id(a: number, b: number): number {
    const slots = this.#slots;
    for (let slot = this.#slotOf(a, b); ; slot = (slot + 1) & (slots.length - 1)) {
      const pair = (slots[slot] as number) - 1;
      if (pair < 0) return this.#add(a, b, slot);
      if (this.#a.at(pair) === a && this.#b.at(pair) === b) return pair;
    }
  }

  #slotOf(a: number, b: number): number {
    return Math.imul(a + Math.imul(b, 0x85ebca6b), 0x9e3779b1) >>> (32 - this.#bits);
  }

  #add(a: number, b: number, slot: number): number {
    const pair = this.size;
    if (pair === MOST_PAIRS) throw new OutOfRoom(`more than ${MOST_PAIRS} pairs of states of the two sides`);
    if (2 * (pair + 1) > this.#slots.length) {
      this.#grow();
      return this.id(a, b);
    }
    this.#a.push(a);
    this.#b.push(b);
    this.#slots[slot] = pair + 1;
    return pair;
  }

  #grow(): void {
    const slots = room(2 * this.#slots.length);
    this.#bits += 1;
    for (let pair = 0; pair < this.size; pair += 1) {
      let slot = this.#slotOf(this.a(pair), this.b(pair));
      while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = pair + 1;
    }
    this.#slots = slots;
  }
}
