import { room, wider } from './room.ts';

/** A column of 32-bit integers that grows. */
export class Column {
  /** Cells from `length` on hold no meaning. */
  cells: Int32Array;
  length = 0;

  constructor(capacity = 1 << 10) {
    this.cells = room(capacity);
  }

  /** @throws OutOfRoom */
  push(value: number): void {
    if (this.length === this.cells.length) this.reserve(1);
    this.cells[this.length] = value;
    this.length += 1;
  }

  /** Makes room for so many more. @throws OutOfRoom, with nothing changed */
  reserve(more: number): void {
    const wanted = this.length + more;
    if (wanted > this.cells.length) this.cells = wider(this.cells, Math.max(2 * this.cells.length, wanted));
  }

  at(index: number): number {
    return this.cells[index] as number;
  }

  /** Empty, its memory given back. */
  clear(): void {
    this.cells = new Int32Array(1);
    this.length = 0;
  }

  /** What was pushed, without the room to grow. */
  get pushed(): Int32Array {
    return this.cells.subarray(0, this.length);
  }
}
