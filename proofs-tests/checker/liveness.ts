import { Components } from './components.ts';
import { type FairGraph, type LoopStep, Tally } from './fair-graph.ts';
import { Loop } from './lasso.ts';

/** Where LIVE-1 fails: a loop without a settled state that fairness allows; no steps for a run that ends. */
export type Stuck = { readonly entry: number; readonly loop: readonly LoopStep[] };

const enables = ({ action, edgeStart }: FairGraph, state: number, labels: ReadonlySet<number>): boolean => {
  for (let e = edgeStart[state] as number; e < (edgeStart[state + 1] as number); e += 1)
    if (labels.has(action[e] as number)) return true;
  return false;
};

/** The first state that is not settled and in which no fair action is possible: a run may end there. -1 for none. */
const firstEnd = ({ size, settled, action, edgeStart }: FairGraph): number => {
  for (let state = 0; state < size; state += 1) {
    if (settled[state]) continue;
    let e = edgeStart[state] as number;
    const end = edgeStart[state + 1] as number;
    while (e < end && (action[e] as number) < 0) e += 1;
    if (e === end) return state;
  }
  return -1;
};

const unsettled = ({ size, settled }: FairGraph): Uint32Array => {
  const members: number[] = [];
  for (let state = 0; state < size; state += 1) if (!settled[state]) members.push(state);
  return Uint32Array.from(members);
};

/**
 * Fair components without a settled state (Streett emptiness): a component that is unfair to some action loses the states
 * that enable it, and what is left is searched again.
 */
const fairComponents = function* (graph: FairGraph, components: Components): Generator<Uint32Array> {
  const tally = new Tally(graph);
  const parts: Uint32Array[] = [unsettled(graph)];
  for (let number = 0; parts.length > 0; number += 1) {
    const found: Uint32Array[] = [];
    components.visit(parts.pop() as Uint32Array, number, (component) => found.push(component));
    for (const component of found) {
      number += 1;
      for (const state of component) components.part[state] = number;
      tally.begin();
      for (const state of component) {
        tally.state(state);
        for (let e = graph.edgeStart[state] as number; e < (graph.edgeStart[state + 1] as number); e += 1)
          if (components.part[graph.edges[e] as number] === number) tally.edge(e);
      }
      const unmet = new Set(tally.unmet());
      if (unmet.size === 0) yield component;
      else parts.push(component.filter((state) => !enables(graph, state, unmet)));
    }
  }
};

/** LIVE-1 on a completely explored graph, states in breadth-first order: the nearest way to get stuck, or undefined. */
export const stuck = (graph: FairGraph): Stuck | undefined => {
  const end = firstEnd(graph);
  let entry = end < 0 ? graph.size : end;
  let best: Uint32Array | undefined;
  for (const component of fairComponents(graph, new Components(graph, graph.size))) {
    const first = component.reduce((least, state) => Math.min(least, state), graph.size);
    if (first >= entry) continue;
    entry = first;
    best = component;
  }
  if (best) return { entry, loop: new Loop(graph, best, entry).steps() };
  return end < 0 ? undefined : { entry: end, loop: [] };
};
