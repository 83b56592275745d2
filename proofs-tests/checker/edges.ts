import { SAFETY } from '../../model/properties.ts';
import { wider } from './room.ts';

/** What an edge of the global graph is: a step of one side, or what the network does with a packet. */
export const EDGE = { localA: 0, localB: 1, arrive: 2, lose: 3, duplicate: 4, forge: 5 } as const;
export type EdgeKind = (typeof EDGE)[keyof typeof EDGE];

/** An edge's name is one number: safety bits that it breaks, its kind, its place among its kind. */
const KIND_SHIFT = SAFETY.length;
const PLACE_SHIFT = KIND_SHIFT + 3;
const KIND_MASK = (1 << (PLACE_SHIFT - KIND_SHIFT)) - 1;

/** The name of an edge that breaks nothing; bits that it breaks are added to it. */
export const edgeName = (kind: EdgeKind, place: number): number => (kind << KIND_SHIFT) | (place << PLACE_SHIFT);
export const brokenBy = (name: number): number => name & ((1 << KIND_SHIFT) - 1);
export const kindOf = (name: number): EdgeKind => ((name >>> KIND_SHIFT) & KIND_MASK) as EdgeKind;
export const placeOf = (name: number): number => name >>> PLACE_SHIFT;

/** Places in an edge's row: pair and network of the state it leads to, its name, and the indices of both states. */
export const ROW = { pair: 0, network: 1, name: 2, from: 3, to: 4, width: 5 } as const;

/** Edges as rows of numbers, in the order they were found. */
export class Edges {
  cells: Int32Array;
  /** Where the next row begins. */
  end = 0;
  /** Index of the state whose edges are being added. */
  from = 0;

  constructor(capacity = 32) {
    this.cells = new Int32Array(ROW.width * capacity);
  }

  get length(): number {
    return this.end / ROW.width;
  }

  clear(): void {
    this.end = 0;
  }

  /** Makes room for so many more. @throws OutOfRoom */
  reserve(more: number): void {
    const wanted = this.end + more * ROW.width;
    if (wanted > this.cells.length) this.cells = wider(this.cells, Math.max(wanted, 2 * this.cells.length));
  }

  push(pair: number, network: number, name: number): void {
    this.reserve(1);
    const { cells, end } = this;
    cells[end + ROW.pair] = pair;
    cells[end + ROW.network] = network;
    cells[end + ROW.name] = name;
    cells[end + ROW.from] = this.from;
    this.end = end + ROW.width;
  }
}
