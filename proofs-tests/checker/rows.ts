const UNKNOWN = -2;

/** A growing table of numbers: a row for each key on the left, a column for each on the right, filled on first use. */
export class Rows {
  readonly #rows: (Int32Array | undefined)[] = [];

  /** The cell, computed and kept when asked for the first time. @param compute must not return -2. */
  at(row: number, column: number, compute: (row: number, column: number) => number): number {
    const cells = this.#rows[row];
    const known = cells === undefined || column >= cells.length ? UNKNOWN : (cells[column] as number);
    return known !== UNKNOWN ? known : this.#fill(row, column, compute(row, column));
  }

  #fill(row: number, column: number, value: number): number {
    let cells = this.#rows[row];
    if (cells === undefined || column >= cells.length) {
      const wider = new Int32Array(Math.max(16, 2 * (cells?.length ?? 0), column + 1)).fill(UNKNOWN);
      if (cells) wider.set(cells);
      this.#rows[row] = wider;
      cells = wider;
    }
    cells[column] = value;
    return value;
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
    this.#ids.set(key, id);
    this.values.push(value);
    return id;
  }
}
