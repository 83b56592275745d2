import { type FairGraph, type LoopStep, Tally } from './fair-graph.ts';

/** A short fair loop inside a fair component: a cycle through the entry, led by whatever it is still unfair to. */
export class Loop {
  readonly #graph: FairGraph;
  readonly #inside: ReadonlySet<number>;
  readonly #entry: number;

  constructor(graph: FairGraph, component: Uint32Array, entry: number) {
    this.#graph = graph;
    this.#inside = new Set(component);
    this.#entry = entry;
  }

  steps(): readonly LoopStep[] {
    const led: LoopStep[] = [];
    for (;;) {
      const at = this.#end(led);
      const back =
        led.length > 0 && at === this.#entry ? [] : this.#walk(at, ({ edge }) => this.#target(edge) === this.#entry);
      const closed = [...led, ...back];
      const unmet = this.#unmet(closed);
      if (unmet === undefined) return closed;
      led.push(...this.#towards(this.#end(led), unmet));
    }
  }

  #target(edge: number): number {
    return this.#graph.edges[edge] as number;
  }

  #end(steps: readonly LoopStep[]): number {
    const last = steps.at(-1);
    return last ? this.#target(last.edge) : this.#entry;
  }

  #unmet(loop: readonly LoopStep[]): number | undefined {
    const tally = new Tally(this.#graph);
    tally.begin();
    for (const state of new Set(loop.map(({ from }) => from))) tally.state(state);
    for (const { edge } of loop) tally.edge(edge);
    return tally.unmet()[0];
  }

  /** To an edge that takes the action, or, for a weak one, to a state in which it is not armed: whichever is nearer. */
  #towards(at: number, action: number): readonly LoopStep[] {
    const { armed, isStrong } = this.#graph;
    const disarmed = (state: number) => !isStrong(action) && !Array.from(armed(state)).includes(action);
    return this.#walk(at, ({ edge }) => this.#graph.action[edge] === action || disarmed(this.#target(edge)));
  }

  /** The shortest walk of at least one step whose last step is a goal. */
  #walk(start: number, isGoal: (step: LoopStep) => boolean): readonly LoopStep[] {
    const { edgeStart } = this.#graph;
    const reachedBy = new Map<number, LoopStep>();
    const queue = [start];
    for (const from of queue)
      for (let edge = edgeStart[from] as number; edge < (edgeStart[from + 1] as number); edge += 1) {
        const target = this.#target(edge);
        if (!this.#inside.has(target)) continue;
        const step = { from, edge };
        if (isGoal(step)) return [...this.#trail(reachedBy, start, from), step];
        if (target === start || reachedBy.has(target)) continue;
        reachedBy.set(target, step);
        queue.push(target);
      }
    throw new Error('a fair component does not hold together');
  }

  #trail(reachedBy: ReadonlyMap<number, LoopStep>, start: number, end: number): readonly LoopStep[] {
    const trail: LoopStep[] = [];
    for (let state = end; state !== start; ) {
      const step = reachedBy.get(state);
      if (!step) throw new Error('a walk has no beginning');
      trail.push(step);
      state = step.from;
    }
    return trail.reverse();
  }
}
