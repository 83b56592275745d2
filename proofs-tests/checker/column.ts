/** A column of 32-bit integers that grows. */
export class Column {
  /** Cells from `length` on hold no meaning. */
  cells: Int32Array;
  length = 0;

  constructor(capacity = 1 << 10) {
    this.cells = new Int32Array(capacity);
  }

  push(value: number): void {
    if (this.length === this.cells.length) this.cells = wider(this.cells, 2 * this.length);
    this.cells[this.length] = value;
    this.length += 1;
  }

  at(index: number): number {
    return this.cells[index] as number;
  }

  /** What was pushed, without the room to grow. */
  get pushed(): Int32Array {
    return this.cells.subarray(0, this.length);
  }
}

/** The same cells with room for more. @throws RangeError when memory is short. */
export const wider = (cells: Int32Array, length: number): Int32Array => {
  const next = new Int32Array(length);
  next.set(cells);
  return next;
};
