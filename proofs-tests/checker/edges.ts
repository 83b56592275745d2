import { wider } from './room.ts';

/** What an edge of the global graph is: a step of one side, or what the network does with a packet. */
export const EDGE = { localA: 0, localB: 1, arrive: 2, lose: 3, duplicate: 4, forge: 5 } as const;
export type EdgeKind = (typeof EDGE)[keyof typeof EDGE];

/** Places in an edge's row: the state it leads to, safety bits it breaks, kind, place among its kind; two indices. */
export const ROW = { a: 0, b: 1, network: 2, broken: 3, kind: 4, k: 5, from: 6, to: 7, width: 8 } as const;

/** Edges as rows of numbers, in the order they were found. */
export class Edges {
  cells: Int32Array;
  length = 0;
  /** Index of the state whose edges are being added. */
  from = 0;

  constructor(capacity = 32) {
    this.cells = new Int32Array(ROW.width * capacity);
  }

  push(a: number, b: number, network: number, broken: number, kind: EdgeKind, k: number): void {
    const at = this.length * ROW.width;
    if (at === this.cells.length) this.cells = wider(this.cells, 2 * at);
    const { cells } = this;
    cells[at] = a;
    cells[at + 1] = b;
    cells[at + 2] = network;
    cells[at + 3] = broken;
    cells[at + 4] = kind;
    cells[at + 5] = k;
    cells[at + 6] = this.from;
    this.length += 1;
  }
}
