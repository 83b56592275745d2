import { EDGE, type Edges, edgeName, ROW } from './edges.ts';
import { MOVE, type NetworkTable } from './network-table.ts';
import type { PairTable } from './pair-table.ts';
import { type SideTable, STEP } from './side-table.ts';

/** Edges that a packet may be good for: it arrives, is lost, is duplicated. */
const PER_PACKET = 3;

/** Joins the tables of two sides and a network: every edge out of a global state. */
export class Successors {
  readonly #A: SideTable;
  readonly #B: SideTable;
  readonly #both: PairTable;
  readonly #network: NetworkTable;

  constructor(A: SideTable, B: SideTable, both: PairTable, network: NetworkTable) {
    this.#A = A;
    this.#B = B;
    this.#both = both;
    this.#network = network;
  }

  /** Adds every edge but forgeries, which depend on more than these tables. */
  add(pair: number, n: number, into: Edges): void {
    const [A, B, network] = [this.#A, this.#B, this.#network];
    const { pairs } = this.#both;
    const [a, b] = [pairs.a(pair), pairs.b(pair)];
    const may = network.isEmpty(n) ? (A.isMoving(a) || B.isMoving(b) ? 1 : 2) : 0;
    this.#addStepsOfA(a, b, n, may, into);
    this.#addStepsOfB(a, b, n, may, into);
    this.#addMoves(pair, a, b, n, into);
  }

  // The loops of the two sides are written out: one for both would choose between them at each step.
  #addStepsOfA(a: number, b: number, n: number, may: number, into: Edges): void {
    const [both, network] = [this.#both, this.#network];
    let at = this.#A.steps(a, this.#B.record(b));
    const { cells } = this.#A.stepped;
    const count = cells[at] as number;
    into.reserve(count);
    const { cells: out, from } = into;
    let end = into.end;
    at += 1;
    for (let k = 0; k < count; k += 1, at += STEP.width) {
      if ((cells[at + STEP.need] as number) > may) continue;
      const burst = cells[at + STEP.burst] as number;
      const after = burst === 0 ? n : network.send(n, burst);
      if (after < 0) continue;
      out[end + ROW.pair] = both.id(cells[at + STEP.next] as number, b);
      out[end + ROW.network] = after;
      out[end + ROW.name] = edgeName(EDGE.localA, k) | (cells[at + STEP.broken] as number);
      out[end + ROW.from] = from;
      end += ROW.width;
    }
    into.end = end;
  }

  #addStepsOfB(a: number, b: number, n: number, may: number, into: Edges): void {
    const [both, network] = [this.#both, this.#network];
    let at = this.#B.steps(b, this.#A.record(a));
    const { cells } = this.#B.stepped;
    const count = cells[at] as number;
    into.reserve(count);
    const { cells: out, from } = into;
    let end = into.end;
    at += 1;
    for (let k = 0; k < count; k += 1, at += STEP.width) {
      if ((cells[at + STEP.need] as number) > may) continue;
      const burst = cells[at + STEP.burst] as number;
      const after = burst === 0 ? n : network.send(n, burst);
      if (after < 0) continue;
      out[end + ROW.pair] = both.id(a, cells[at + STEP.next] as number);
      out[end + ROW.network] = after;
      out[end + ROW.name] = edgeName(EDGE.localB, k) | (cells[at + STEP.broken] as number);
      out[end + ROW.from] = from;
      end += ROW.width;
    }
    into.end = end;
  }

  #addMoves(pair: number, a: number, b: number, n: number, into: Edges): void {
    const [A, B, both, network] = [this.#A, this.#B, this.#both, this.#network];
    const first = network.moves(n);
    const moved = network.moved.cells;
    const count = moved[first] as number;
    into.reserve(PER_PACKET * count);
    const { cells: out, from } = into;
    let end = into.end;
    for (let k = 0, at = first + 1; k < count; k += 1, at += MOVE.width) {
      const forA = moved[at + MOVE.forA] === 1;
      const packet = moved[at + MOVE.packet] as number;
      const row = forA ? A.arrival(a, packet) : B.arrival(b, packet);
      let arrived = moved[at + MOVE.arrive] as number;
      let again = moved[at + MOVE.duplicate] as number;
      let to = pair;
      let broken = 0;
      if (row >= 0) {
        const { cells } = forA ? A.stepped : B.stepped;
        const next = cells[row + STEP.next] as number;
        to = forA ? both.id(next, b) : both.id(a, next);
        broken = cells[row + STEP.broken] as number;
        const burst = cells[row + STEP.burst] as number;
        if (burst !== 0) {
          arrived = network.send(arrived, burst);
          if (again >= 0) again = network.send(again, burst);
        }
      }
      if (arrived >= 0) {
        out[end + ROW.pair] = to;
        out[end + ROW.network] = arrived;
        out[end + ROW.name] = edgeName(EDGE.arrive, k) | broken;
        out[end + ROW.from] = from;
        end += ROW.width;
      }
      const lost = moved[at + MOVE.lose] as number;
      if (lost >= 0) {
        out[end + ROW.pair] = pair;
        out[end + ROW.network] = lost;
        out[end + ROW.name] = edgeName(EDGE.lose, k);
        out[end + ROW.from] = from;
        end += ROW.width;
      }
      if (again >= 0) {
        out[end + ROW.pair] = to;
        out[end + ROW.network] = again;
        out[end + ROW.name] = edgeName(EDGE.duplicate, k) | broken;
        out[end + ROW.from] = from;
        end += ROW.width;
      }
    }
    into.end = end;
  }
}
