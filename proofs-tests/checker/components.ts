/**
 * A directed graph: targets of all edges, state by state; `edgeStart[i]` is where those of state i begin. A target that is
 * no state, the number of states, stands for an edge that is not to be followed.
 */
export type Graph = { readonly edgeStart: Uint32Array; readonly edges: Uint32Array };

/**
 * Strongly connected components of parts of one graph (Tarjan, without recursion). A part is a number in `part`: edges
 * into another part do not count. The arrays are shared by all calls.
 */
export class Components {
  readonly part: Int32Array;
  readonly #graph: Graph;
  readonly #order: Int32Array;
  readonly #low: Int32Array;
  readonly #next: Int32Array;
  readonly #stack: Uint32Array;
  readonly #calls: Uint32Array;
  readonly #open: Uint8Array;

  constructor(graph: Graph, size: number) {
    this.#graph = graph;
    this.part = new Int32Array(size + 1).fill(-1);
    this.#order = new Int32Array(size);
    this.#low = new Int32Array(size);
    this.#next = new Int32Array(size);
    this.#stack = new Uint32Array(size);
    this.#calls = new Uint32Array(size);
    this.#open = new Uint8Array(size);
  }

  /** Visits every component of more than one state, or with an edge to itself. The array is the visitor's to keep. */
  visit(members: Uint32Array, part: number, found: (component: Uint32Array) => void): void {
    for (const state of members) {
      this.part[state] = part;
      this.#order[state] = 0;
    }
    let count = 0;
    for (const state of members) if (this.#order[state] === 0) count = this.#from(state, part, count, found);
  }

  #from(root: number, part: number, visited: number, found: (component: Uint32Array) => void): number {
    const [order, low, next, calls] = [this.#order, this.#low, this.#next, this.#calls];
    let count = visited;
    let [depth, height] = [0, 0];
    const enter = (state: number) => {
      count += 1;
      order[state] = count;
      low[state] = count;
      next[state] = this.#graph.edgeStart[state] as number;
      calls[depth++] = state;
      this.#stack[height++] = state;
      this.#open[state] = 1;
    };
    enter(root);
    while (depth > 0) {
      const state = calls[depth - 1] as number;
      const target = this.#step(state, part);
      if (target >= 0) {
        enter(target);
        continue;
      }
      depth -= 1;
      const caller = calls[depth - 1] as number;
      if (depth > 0) low[caller] = Math.min(low[caller] as number, low[state] as number);
      if (low[state] === order[state]) height = this.#close(state, height, part, found);
    }
    return count;
  }

  /** The next target that was not entered yet, or -1 when the state has none left; lowers `low` on the way. */
  #step(state: number, part: number): number {
    const { edges, edgeStart } = this.#graph;
    const end = edgeStart[state + 1] as number;
    for (let e = this.#next[state] as number; e < end; e += 1) {
      const target = edges[e] as number;
      if (this.part[target] !== part) continue;
      if (this.#order[target] === 0) {
        this.#next[state] = e + 1;
        return target;
      }
      if (this.#open[target]) this.#low[state] = Math.min(this.#low[state] as number, this.#order[target] as number);
    }
    this.#next[state] = end;
    return -1;
  }

  #close(root: number, height: number, part: number, found: (component: Uint32Array) => void): number {
    let from = height;
    do {
      from -= 1;
      this.#open[this.#stack[from] as number] = 0;
    } while (this.#stack[from] !== root);
    if (height - from > 1 || this.#loops(root, part)) found(this.#stack.slice(from, height));
    return from;
  }

  #loops(state: number, part: number): boolean {
    const { edges, edgeStart } = this.#graph;
    for (let e = edgeStart[state] as number; e < (edgeStart[state + 1] as number); e += 1)
      if (edges[e] === state) return this.part[state] === part;
    return false;
  }
}
