import { heapRoom, room } from './room.ts';

const UNKNOWN = -2;

/** Values kept between two looks at the heap. */
const STRIDE = 0xff;

/** A growing table of numbers, row after row in one array; a cell is computed when asked for the first time. */
export class Rows {
  #cells: Int32Array = new Int32Array(0);
  #columns = 0;

  /** @param compute must not return -2. */
  at(row: number, column: number, compute: (row: number, column: number) => number): number {
    const cell = row * this.#columns + column;
    if (column < this.#columns && cell < this.#cells.length) {
      const known = this.#cells[cell] as number;
      if (known !== UNKNOWN) return known;
    }
    return this.#fill(row, column, compute(row, column));
  }

  /** The cell if it was ever asked for. */
  known(row: number, column: number): number | undefined {
    const cell = column < this.#columns ? this.#cells[row * this.#columns + column] : undefined;
    return cell === UNKNOWN ? undefined : cell;
  }

  #fill(row: number, column: number, value: number): number {
    const columns = column < this.#columns ? this.#columns : Math.max(8, 2 * this.#columns, column + 1);
    if (columns !== this.#columns || (row + 1) * columns > this.#cells.length) this.#grow(row, columns);
    this.#cells[row * this.#columns + column] = value;
    return value;
  }

  #grow(row: number, columns: number): void {
    const rows = this.#columns === 0 ? 0 : this.#cells.length / this.#columns;
    const wider = room(Math.max(rows, row < rows ? 0 : 2 * (row + 1)) * columns).fill(UNKNOWN);
    for (let r = 0; r < rows; r += 1)
      wider.set(this.#cells.subarray(r * this.#columns, (r + 1) * this.#columns), r * columns);
    this.#cells = wider;
    this.#columns = columns;
  }
}

/** Gives each distinct key a dense number from 0, and keeps the value that came with it. */
export class Interner<T> {
  readonly values: T[] = [];
  readonly #ids = new Map<string, number>();

  id(key: string, value: T): number {
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.values.length;
    if ((id & STRIDE) === STRIDE) heapRoom();
    this.#ids.set(key, id);
    this.values.push(value);
    return id;
  }
}
