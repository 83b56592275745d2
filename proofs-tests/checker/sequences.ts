import { Blocks } from './blocks.ts';
import { Column } from './column.ts';

/** Gives each distinct sequence of numbers from 0 to 2^31 - 2 a dense number from 0: a tree with a branch for each. */
export class Sequences {
  readonly #branches = new Blocks(1 << 10, 'numbers');
  /** By node of the tree: number of the sequence that ends there plus one, 0 where none does. */
  readonly #numbers = new Column();
  size = 0;

  constructor() {
    this.#grow();
  }

  /** The number of the first `length` numbers; `size` grows when they are new. @throws OutOfRoom */
  id(sequence: Int32Array, length: number): number {
    let node = 0;
    for (let k = 0; k < length; k += 1) {
      const next = this.#branches.add(node, (sequence[k] as number) + 1, this.#branches.size);
      if (next === this.#branches.size) this.#grow();
      node = next;
    }
    const { cells } = this.#numbers;
    const known = cells[node] as number;
    if (known > 0) return known - 1;
    this.size += 1;
    cells[node] = this.size;
    return this.size - 1;
  }

  #grow(): void {
    this.#branches.open();
    this.#numbers.push(0);
  }
}
