import { SAFETY, type Safety } from '../../model/properties.ts';
import { Column } from './column.ts';
import { type Compiled, SETTLED } from './compiled.ts';
import { Edges, WIDTH } from './edges.ts';
import { StateSet } from './state-set.ts';

/** Where a safety property first fell: in a state, or on the edge from `from` to `to`. */
export type Fall = { readonly property: Safety; readonly from: number; readonly to: number; readonly onEdge: boolean };

export type Exploration = {
  readonly states: StateSet;
  readonly transitions: number;
  /** Steps to the farthest state. */
  readonly depth: number;
  /** false when the search stopped at its bound on states. */
  readonly complete: boolean;
  readonly falls: ReadonlyMap<Safety, Fall>;
  /** Targets of all edges, state by state in order; `edgeStart[i]` is where those of state i begin. */
  readonly edges: Uint32Array;
  readonly edgeStart: Uint32Array;
  /** 1 where nothing more is due. */
  readonly settled: Uint8Array;
};

export type Limits = { readonly maxStates: number; readonly onProgress?: (states: number) => void };

/** Edges looked up together: enough for their waits on memory to overlap, few enough to stay in the cache. */
const BATCH = 512;

/** Breadth first from the initial state: every state once, the shortest way to each. */
class Search {
  readonly states = new StateSet();
  readonly falls = new Map<Safety, Fall>();
  readonly edges = new Column();
  readonly edgeStart = new Column();
  readonly settled = new Column();
  readonly #batch = new Edges();
  /** Number of the batch's edges that come from its first state, from its first two, and so on. */
  readonly #ends = new Column();
  readonly #compiled: Compiled;
  #fallen = SETTLED;

  constructor(compiled: Compiled) {
    this.#compiled = compiled;
  }

  /** Expands states from `index` on, at most up to `end`; the first that was left. */
  #expand(index: number, end: number): number {
    const { states } = this;
    const [compiled, batch, ends] = [this.#compiled, this.#batch, this.#ends];
    batch.length = 0;
    ends.length = 0;
    let at = index;
    for (; at < end && batch.length < BATCH; at += 1) {
      compiled.edges(states.a(at), states.b(at), states.network(at), batch);
      ends.push(batch.length);
    }
    return at;
  }

  #take(first: number): void {
    const { states } = this;
    const { cells } = this.#batch;
    states.touch(this.#batch);
    let e = 0;
    for (let s = 0; s < this.#ends.length; s += 1) {
      const from = first + s;
      this.edgeStart.push(this.edges.length);
      for (const end = this.#ends.at(s); e < end; e += 1) {
        const at = e * WIDTH;
        const to = states.add(cells[at] as number, cells[at + 1] as number, cells[at + 2] as number, from);
        this.edges.push(to);
        const broken = cells[at + 3] as number;
        if ((broken & ~this.#fallen) !== 0) this.#fall(broken, from, to, true);
        if (to === this.settled.length) this.#discover(cells[at] as number, cells[at + 1] as number, from, to);
      }
    }
  }

  #discover(a: number, b: number, from: number, to: number): void {
    const verdict = this.#compiled.verdict(a, b);
    if ((verdict & ~this.#fallen) !== 0) this.#fall(verdict, from, to, false);
    this.settled.push((verdict & SETTLED) === 0 ? 0 : 1);
  }

  #fall(bits: number, from: number, to: number, onEdge: boolean): void {
    for (const [k, property] of SAFETY.entries()) {
      if ((bits & ~this.#fallen & (1 << k)) === 0) continue;
      this.#fallen |= 1 << k;
      this.falls.set(property, { property, from, to, onEdge });
    }
  }

  run({ maxStates, onProgress }: Limits): Exploration {
    const { states } = this;
    const compiled = this.#compiled;
    const [a, b, n] = compiled.intern(compiled.system.initial);
    this.#discover(a, b, -1, states.add(a, b, n, -1));
    let depth = 0;
    let levelEnd = 1;
    let index = 0;
    let told = 0;
    while (index < states.size && states.size < maxStates) {
      if (index === levelEnd) {
        depth += 1;
        levelEnd = states.size;
      }
      if (states.size - told > 0xffff) {
        told = states.size;
        onProgress?.(told);
      }
      const next = this.#expand(index, levelEnd);
      this.#take(index);
      index = next;
    }
    const complete = index === states.size;
    for (let rest = index; rest <= states.size; rest += 1) this.edgeStart.push(this.edges.length);
    const { falls } = this;
    const transitions = this.edges.length;
    return {
      states,
      transitions,
      depth,
      complete,
      falls,
      edges: new Uint32Array(this.edges.pushed.buffer, 0, this.edges.length),
      edgeStart: new Uint32Array(this.edgeStart.pushed.buffer, 0, this.edgeStart.length),
      settled: Uint8Array.from(this.settled.pushed),
    };
  }
}

export const explore = (compiled: Compiled, limits: Limits): Exploration => new Search(compiled).run(limits);
