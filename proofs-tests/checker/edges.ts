/** What an edge of the global graph is: a step of one side, or what the network does with a packet. */
export const EDGE = { localA: 0, localB: 1, arrive: 2, lose: 3, duplicate: 4, forge: 5 } as const;
export type EdgeKind = (typeof EDGE)[keyof typeof EDGE];

/** Numbers of an edge: target state (three), safety bits it breaks, kind, place among its kind. */
export const WIDTH = 6;

/** Edges as rows of numbers, in the order they were found. */
export class Edges {
  cells = new Int32Array(WIDTH << 10);
  length = 0;

  push(a: number, b: number, network: number, broken: number, kind: EdgeKind, k: number): void {
    const at = this.length * WIDTH;
    if (at === this.cells.length) this.#grow();
    const { cells } = this;
    cells[at] = a;
    cells[at + 1] = b;
    cells[at + 2] = network;
    cells[at + 3] = broken;
    cells[at + 4] = kind;
    cells[at + 5] = k;
    this.length += 1;
  }

  #grow(): void {
    const wider = new Int32Array(2 * this.cells.length);
    wider.set(this.cells);
    this.cells = wider;
  }
}
