import { SAFETY, type Safety } from '../../model/properties.ts';
import { KNOWN } from './blocks.ts';
import { type Compiled, SETTLED } from './compiled.ts';
import { EdgeLog } from './edge-log.ts';
import { brokenBy, Edges, ROW } from './edges.ts';
import { LARGE, Level } from './level.ts';
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
  /** Part of the machine's memory that the search may fill, above 0 and up to 1; 1 where it is not given. */
  readonly share?: number;
  readonly onProgress?: (states: number) => void;
  /** States of a depth from which on they are expanded network by network: see `Level`. */
  readonly sortFrom?: number;
};

/** Edges taken together: as many as stay in the cache between being made and being looked up. */
const BATCH = 2048;

/** States between two reports of progress. */
const STRIDE = 1 << 16;

/** Breadth first from the initial state: every state once, the shortest way to each. */
class Search {
  readonly #states: StateSet;
  readonly #falls = new Map<Safety, Fall>();
  readonly #log = new EdgeLog();
  readonly #batch = new Edges(2 * BATCH);
  readonly #level: Level;
  readonly #compiled: Compiled;
  readonly #keep: Keep;
  readonly #most: number;
  readonly #onProgress: Limits['onProgress'];
  #fallen = 0;
  #transitions = 0;
  #depth = 0;
  /** Place of the next state to expand. */
  #next = 0;
  #told = 0;

  constructor(
    compiled: Compiled,
    { keep = 'graph', share = 1, maxStates = statesThatFit(keep, share), onProgress, sortFrom = LARGE }: Limits,
  ) {
    this.#states = new StateSet(compiled.both.pairs, keep === 'graph' ? 'numbers' : 'keys');
    this.#level = new Level(sortFrom);
    this.#compiled = compiled;
    this.#keep = keep;
    this.#most = maxStates;
    this.#onProgress = onProgress;
  }

  run(): Exploration {
    const { system } = this.#compiled;
    const [a, b, n] = this.#compiled.intern(system.initial);
    this.#states.add(this.#compiled.both.id(a, b), n, -1);
    this.#judge(0);
    const end = this.#end();
    const [states, log, level] = [this.#states, this.#log, this.#level];
    // Of a level that was taken in another order than that of discovery, only the end says which states are expanded.
    const expanded = level.isSorted && this.#next < level.end ? level.start : this.#next;
    if (end !== 'memory' && this.#keep === 'graph') log.close(expanded, states.size);
    return {
      states,
      transitions: this.#transitions,
      depth: this.#depth,
      end,
      complete: end === 'complete',
      expanded,
      falls: this.#falls,
      edges: log.targets,
      edgeStart: log.starts,
      settled: this.#settled(),
    };
  }

  #end(): Exploration['end'] {
    try {
      return this.#search();
    } catch (error) {
      if (!(error instanceof OutOfRoom)) throw error;
      // What was found can still be told when the edges are given up.
      this.#log.clear();
      return 'memory';
    }
  }

  #search(): Exploration['end'] {
    const [states, level] = [this.#states, this.#level];
    for (;;) {
      level.next(states, this.#compiled.network.size);
      if (level.start === level.end) return 'complete';
      if (level.start > 0) this.#depth += 1;
      while (this.#next < level.end) {
        if (states.size >= this.#most) return 'states';
        const next = this.#expand(level.end);
        this.#take();
        this.#next = next;
        if (states.size - this.#told >= STRIDE) this.#tell();
      }
      if (this.#keep === 'graph') this.#log.finish(level);
    }
  }

  #tell(): void {
    this.#told = this.#states.size;
    this.#onProgress?.(this.#told);
  }

  /** Fills the batch with the edges of the states to come, at most up to `end`; the first place that was left. */
  #expand(end: number): number {
    const [states, compiled, batch, level] = [this.#states, this.#compiled, this.#batch, this.#level];
    batch.clear();
    let place = this.#next;
    for (; place < end && batch.end < BATCH * ROW.width; place += 1) {
      const state = level.at(place);
      batch.from = state;
      if (this.#keep === 'graph') this.#log.begin(batch.length);
      compiled.edges(states.pair(state), states.network(state), batch);
    }
    return place;
  }

  #take(): void {
    const { length } = this.#batch;
    const [log, states] = [this.#log, this.#states];
    const keeps = this.#keep === 'graph';
    if (keeps) log.reserve(length);
    const known = states.size;
    states.addAll(this.#batch);
    this.#transitions += length;
    if (keeps) log.add(this.#batch);
    if ((this.#compiled.breaks & ~this.#fallen) !== 0) this.#judgeAll(known);
  }

  /** Looks at the edges of the batch, and at the states from a number on that they led to first. */
  #judgeAll(from: number): void {
    const { cells, end } = this.#batch;
    let next = from;
    for (let at = 0; at < end; at += ROW.width) {
      const broken = brokenBy(cells[at + ROW.name] as number);
      if ((broken & ~this.#fallen) !== 0) this.#fall(broken, cells[at + ROW.from] as number, this.#target(at), true);
      if (cells[at + ROW.to] !== next) continue;
      this.#judge(next);
      next += 1;
    }
  }

  /** Index of the state that an edge of the batch leads to. */
  #target(at: number): number {
    const { cells } = this.#batch;
    const to = cells[at + ROW.to] as number;
    return to === KNOWN ? this.#states.indexOf(cells[at + ROW.pair] as number, cells[at + ROW.network] as number) : to;
  }

  #judge(state: number): void {
    const verdict = this.#compiled.both.verdict(this.#states.pair(state));
    this.#fall(verdict, this.#states.parent(state), state, false);
  }

  #settled(): Uint8Array {
    const [states, both] = [this.#states, this.#compiled.both];
    const settled = new Uint8Array(states.size);
    for (let state = 0; state < states.size; state += 1)
      if ((both.verdict(states.pair(state)) & SETTLED) !== 0) settled[state] = 1;
    return settled;
  }

  #fall(bits: number, from: number, to: number, onEdge: boolean): void {
    for (const [k, property] of SAFETY.entries()) {
      if ((bits & ~this.#fallen & (1 << k)) === 0) continue;
      this.#fallen |= 1 << k;
      this.#falls.set(property, { property, from, to, onEdge });
    }
  }
}

/** @throws nothing for want of memory: then `end` says so. */
export const explore = (compiled: Compiled, limits: Limits): Exploration => new Search(compiled, limits).run();
