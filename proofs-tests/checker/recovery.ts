import type { Exploration } from './explore.ts';

/** Edges turned round: `sources` grouped by target. */
const reversed = ({ edges, edgeStart, states }: Exploration) => {
  const start = new Uint32Array(states.size + 1);
  for (const target of edges) start[target + 1] = (start[target + 1] as number) + 1;
  for (let i = 0; i < states.size; i += 1) start[i + 1] = (start[i + 1] as number) + (start[i] as number);
  const fill = start.slice();
  const sources = new Uint32Array(edges.length);
  for (let source = 0; source < states.size; source += 1)
    for (let e = edgeStart[source] as number; e < (edgeStart[source + 1] as number); e += 1) {
      const target = edges[e] as number;
      const at = fill[target] as number;
      sources[at] = source;
      fill[target] = at + 1;
    }
  return { start, sources };
};

/** REC-1: the nearest state from which no settled state can be reached, or -1 where there is none. */
export const nearestTrap = (exploration: Exploration): number => {
  const { start, sources } = reversed(exploration);
  const { size } = exploration.states;
  const recovers = exploration.settled.slice();
  const queue = new Uint32Array(size);
  let end = 0;
  for (let i = 0; i < size; i += 1) if (recovers[i]) queue[end++] = i;
  for (let at = 0; at < end; at += 1) {
    const target = queue[at] as number;
    for (let e = start[target] as number; e < (start[target + 1] as number); e += 1) {
      const source = sources[e] as number;
      if (recovers[source]) continue;
      recovers[source] = 1;
      queue[end++] = source;
    }
  }
  return recovers.indexOf(0);
};
