import { SAFETY, type Safety } from '../../model/properties.ts';
import { Column } from './column.ts';
import { type Compiled, SETTLED } from './compiled.ts';
import { Edges, ROW } from './edges.ts';
import { type Keep, OutOfRoom, statesThatFit } from './room.ts';
import { StateSet } from './state-set.ts';

/** Where a safety property first fell: in a state, or on the edge from `from` to `to`. */
export type Fall = { readonly property: Safety; readonly from: number; readonly to: number; readonly onEdge: boolean };

export type Exploration = {
  readonly states: StateSet;
  readonly transitions: number;
  /** Steps to the farthest state. */
  readonly depth: number;
  /** `complete`: every reachable state was expanded. Otherwise what ended the search: its bound on states, or memory. */
  readonly end: 'complete' | 'states' | 'memory';
  readonly complete: boolean;
  /** States from this one on were found, but not expanded: nothing is known of what follows them. */
  readonly expanded: number;
  readonly falls: ReadonlyMap<Safety, Fall>;
  /** Targets of all edges, state by state in order; `edgeStart[i]` is where those of state i begin. Empty if not kept. */
  readonly edges: Uint32Array;
  readonly edgeStart: Uint32Array;
  /** 1 where nothing more is due. */
  readonly settled: Uint8Array;
};

export type Limits = {
  /** As many as memory holds, where it is not given. */
  readonly maxStates?: number;
  /** `graph` where it is not given. */
  readonly keep?: Keep;
  readonly onProgress?: (states: number) => void;
};

/** Edges looked up together: enough for their waits on memory to overlap, few enough to stay in the cache. */
const BATCH = 512;

/** Breadth first from the initial state: every state once, the shortest way to each. */
class Search {
  readonly #states = new StateSet();
  readonly #falls = new Map<Safety, Fall>();
  readonly #edges = new Column();
  readonly #edgeStart = new Column();
  readonly #settled = new Column();
  readonly #batch = new Edges(2 * BATCH);
  readonly #compiled: Compiled;
  readonly #keep: Keep;
  readonly #most: number;
  readonly #onProgress: Limits['onProgress'];
  #fallen = SETTLED;
  #transitions = 0;
  #depth = 0;
  /** States from this one on are not expanded. */
  #next = 0;

  constructor(compiled: Compiled, { keep = 'graph', maxStates = statesThatFit(keep), onProgress }: Limits) {
    this.#compiled = compiled;
    this.#keep = keep;
    this.#most = maxStates;
    this.#onProgress = onProgress;
  }

  run(): Exploration {
    const { system } = this.#compiled;
    const [a, b, n] = this.#compiled.intern(system.initial);
    this.#discover(a, b, -1, this.#states.add(a, b, n, -1));
    const end = this.#search();
    const [states, edges, edgeStart] = [this.#states, this.#edges, this.#edgeStart];
    if (edgeStart.length > 0) for (let s = this.#next; s <= states.size; s += 1) edgeStart.push(edges.length);
    return {
      states,
      transitions: this.#transitions,
      depth: this.#depth,
      end,
      complete: end === 'complete',
      expanded: this.#next,
      falls: this.#falls,
      edges: new Uint32Array(edges.cells.buffer, 0, edges.length),
      edgeStart: new Uint32Array(edgeStart.cells.buffer, 0, edgeStart.length),
      settled: Uint8Array.from(this.#settled.pushed),
    };
  }

  #search(): Exploration['end'] {
    const states = this.#states;
    let levelEnd = 1;
    let told = 0;
    try {
      while (this.#next < states.size) {
        if (states.size >= this.#most) return 'states';
        if (this.#next === levelEnd) {
          this.#depth += 1;
          levelEnd = states.size;
        }
        if (states.size - told > 0xffff) {
          told = states.size;
          this.#onProgress?.(told);
        }
        const next = this.#expand(levelEnd);
        this.#take();
        this.#next = next;
      }
    } catch (error) {
      if (!(error instanceof OutOfRoom)) throw error;
      this.#shed();
      return 'memory';
    }
    return 'complete';
  }

  /** Fills the batch with the edges of the states to come, at most up to `end`; the first that was left. */
  #expand(end: number): number {
    const [states, compiled, batch] = [this.#states, this.#compiled, this.#batch];
    batch.length = 0;
    let at = this.#next;
    for (; at < end && batch.length < BATCH; at += 1) {
      batch.from = at;
      if (this.#keep === 'graph') this.#edgeStart.push(this.#edges.length + batch.length);
      compiled.edges(states.a(at), states.b(at), states.network(at), batch);
    }
    return at;
  }

  #take(): void {
    const { cells, length } = this.#batch;
    const [edges, settled] = [this.#edges, this.#settled];
    if (this.#keep === 'graph') edges.reserve(length);
    settled.reserve(length);
    this.#states.addAll(this.#batch);
    this.#transitions += length;
    for (let at = 0; at < length * ROW.width; at += ROW.width) {
      const to = cells[at + ROW.to] as number;
      const broken = cells[at + ROW.broken] as number;
      if (this.#keep === 'graph') edges.push(to);
      if ((broken & ~this.#fallen) !== 0) this.#fall(broken, cells[at + ROW.from] as number, to, true);
      if (to === settled.length)
        this.#discover(cells[at + ROW.a] as number, cells[at + ROW.b] as number, cells[at + ROW.from] as number, to);
    }
  }

  #discover(a: number, b: number, from: number, to: number): void {
    const verdict = this.#compiled.verdict(a, b);
    if ((verdict & ~this.#fallen) !== 0) this.#fall(verdict, from, to, false);
    this.#settled.push((verdict & SETTLED) === 0 ? 0 : 1);
  }

  #fall(bits: number, from: number, to: number, onEdge: boolean): void {
    for (const [k, property] of SAFETY.entries()) {
      if ((bits & ~this.#fallen & (1 << k)) === 0) continue;
      this.#fallen |= 1 << k;
      this.#falls.set(property, { property, from, to, onEdge });
    }
  }

  /** Gives the edges up, so that what was found can still be told. */
  #shed(): void {
    this.#edges.clear();
    this.#edgeStart.clear();
  }
}

/** @throws nothing for want of memory: then `end` says so. */
export const explore = (compiled: Compiled, limits: Limits): Exploration => new Search(compiled, limits).run();
