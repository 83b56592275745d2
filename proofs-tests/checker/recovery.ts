import type { Graph } from './components.ts';

/** A graph in which some states are goals: 1 where nothing more is due. */
export type Goals = Graph & { readonly settled: Uint8Array };

/** Edges turned round: `sources` grouped by target. */
const reversed = ({ edges, edgeStart, settled }: Goals) => {
  const size = settled.length;
  const start = new Uint32Array(size + 1);
  for (const target of edges) start[target + 1] = (start[target + 1] as number) + 1;
  for (let i = 0; i < size; i += 1) start[i + 1] = (start[i + 1] as number) + (start[i] as number);
  const fill = start.slice();
  const sources = new Uint32Array(edges.length);
  for (let source = 0; source < size; source += 1)
    for (let e = edgeStart[source] as number; e < (edgeStart[source + 1] as number); e += 1) {
      const target = edges[e] as number;
      const at = fill[target] as number;
      sources[at] = source;
      fill[target] = at + 1;
    }
  return { start, sources };
};

/** REC-1: the nearest state from which no settled state can be reached, or -1 where there is none. */
export const nearestTrap = (graph: Goals): number => {
  const { start, sources } = reversed(graph);
  const size = graph.settled.length;
  const recovers = graph.settled.slice();
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
