import { SAFETY, type Safety } from '../../model/properties.ts';
import { type Compiled, type EdgeKind, SETTLED, type Sink } from './compiled.ts';
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

class Numbers {
  values = new Uint32Array(1 << 12);
  length = 0;
  push(value: number): void {
    if (this.length === this.values.length) {
      const wider = new Uint32Array(2 * this.length);
      wider.set(this.values);
      this.values = wider;
    }
    this.values[this.length] = value;
    this.length += 1;
  }
  done(): Uint32Array {
    return this.values.subarray(0, this.length);
  }
}

/** Breadth first from the initial state: every state once, the shortest way to each. */
class Search implements Sink {
  readonly states = new StateSet();
  readonly falls = new Map<Safety, Fall>();
  readonly edges = new Numbers();
  readonly edgeStart = new Numbers();
  readonly #compiled: Compiled;
  #fallen = SETTLED;
  #from = 0;

  constructor(compiled: Compiled) {
    this.#compiled = compiled;
  }

  edge(a: number, b: number, network: number, broken: number, _kind: EdgeKind, _k: number): void {
    const { states } = this;
    const before = states.size;
    const to = states.add(a, b, network, this.#from);
    this.edges.push(to);
    if ((broken & ~this.#fallen) !== 0) this.#fall(broken, to, true);
    if (states.size > before) {
      const verdict = this.#compiled.verdict(a, b);
      if ((verdict & ~this.#fallen) !== 0) this.#fall(verdict, to, false);
    }
  }

  #fall(bits: number, to: number, onEdge: boolean): void {
    for (const [k, property] of SAFETY.entries()) {
      if ((bits & ~this.#fallen & (1 << k)) === 0) continue;
      this.#fallen |= 1 << k;
      this.falls.set(property, { property, from: this.#from, to, onEdge });
    }
  }

  run({ maxStates, onProgress }: Limits): Exploration {
    const { states } = this;
    const compiled = this.#compiled;
    const [a, b, n] = compiled.intern(compiled.system.initial);
    states.add(a, b, n, -1);
    let depth = 0;
    let levelEnd = 1;
    let index = 0;
    for (; index < states.size && states.size < maxStates; index += 1) {
      if (index === levelEnd) {
        depth += 1;
        levelEnd = states.size;
      }
      if ((index & 0xffff) === 0xffff) onProgress?.(states.size);
      this.#from = index;
      this.edgeStart.push(this.edges.length);
      compiled.expand(states.a(index), states.b(index), states.network(index), this);
    }
    const complete = index === states.size;
    for (let rest = index; rest <= states.size; rest += 1) this.edgeStart.push(this.edges.length);
    const settled = new Uint8Array(states.size);
    for (let i = 0; i < states.size; i += 1)
      settled[i] = (compiled.verdict(states.a(i), states.b(i)) & SETTLED) === 0 ? 0 : 1;
    const { falls } = this;
    const transitions = this.edges.length;
    return {
      states,
      transitions,
      depth,
      complete,
      falls,
      edges: this.edges.done(),
      edgeStart: this.edgeStart.done(),
      settled,
    };
  }
}

export const explore = (compiled: Compiled, limits: Limits): Exploration => new Search(compiled).run(limits);
