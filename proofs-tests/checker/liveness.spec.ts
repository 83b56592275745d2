import { describe, expect, test } from 'vitest';
import { godwitWithout, tardisAsRead } from '../../model/protocols.ts';
import { parseScenario } from '../scenario/load.ts';
import { Compiled } from './compiled.ts';
import { explore } from './explore.ts';
import type { FairGraph } from './fair-graph.ts';
import { fairGraph } from './fairness.ts';
import { type Stuck, stuck } from './liveness.ts';

/** Edges as [from, to, action]; -1 is an action that need never happen. */
type Drawn = {
  readonly edges: readonly (readonly [number, number, number])[];
  readonly settled?: readonly number[];
  readonly strong?: readonly number[];
  /** Weak actions that wait in a state though they are not possible there. */
  readonly waiting?: { readonly [state: number]: readonly number[] };
};

const drawn = ({ edges, settled = [], strong = [], waiting = {} }: Drawn): FairGraph => {
  const size = 1 + edges.reduce((most, [from, to]) => Math.max(most, from, to), 0);
  const sorted = edges.toSorted((a, b) => a[0] - b[0]);
  const armed = Array.from({ length: size }, (_, state) => {
    const possible = sorted.flatMap(([from, , action]) => (from === state && action >= 0 ? [action] : []));
    return [...new Set([...possible.filter((action) => !strong.includes(action)), ...(waiting[state] ?? [])])];
  });
  return {
    size,
    edges: Uint32Array.from(sorted, ([, to]) => to),
    edgeStart: Uint32Array.from({ length: size + 1 }, (_, s) => sorted.filter(([from]) => from < s).length),
    settled: Uint8Array.from({ length: size }, (_, state) => (settled.includes(state) ? 1 : 0)),
    action: Int32Array.from(sorted, ([, , action]) => action),
    actions: 1 + Math.max(...edges.map(([, , action]) => action)),
    isStrong: (action) => strong.includes(action),
    armed: (state) => armed[state] ?? [],
  };
};

/** The states a stuck run goes round, undefined when none is stuck. */
const round = (graph: FairGraph, found: Stuck | undefined) =>
  found && { entry: found.entry, loop: found.loop.map(({ edge }) => graph.edges[edge]) };
const loopOf = (picture: Drawn) => {
  const graph = drawn(picture);
  return round(graph, stuck(graph));
};

describe('on drawn graphs', () => {
  test('LIVE-1: a run that ends in a settled state is not stuck', () => {
    expect(loopOf({ edges: [[0, 1, 0]], settled: [1] })).toBeUndefined();
  });

  test('LIVE-1: a run that ends anywhere else is stuck, even where something optional is left', () => {
    expect(loopOf({ edges: [[0, 1, 0]] })).toEqual({ entry: 1, loop: [] });
    expect(
      loopOf({
        edges: [
          [0, 1, 0],
          [1, 2, -1],
        ],
        settled: [2],
      }),
    ).toEqual({ entry: 1, loop: [] });
  });

  test('LIVE-1: a loop that is fair to every action is stuck', () => {
    expect(
      loopOf({
        edges: [
          [0, 1, 0],
          [1, 2, 0],
          [2, 1, 1],
        ],
      }),
    ).toEqual({ entry: 1, loop: [2, 1] });
  });

  test('LIVE-1: a loop with a settled state is not stuck', () => {
    expect(
      loopOf({
        edges: [
          [0, 1, 0],
          [1, 0, 1],
        ],
        settled: [1],
      }),
    ).toBeUndefined();
  });

  test('LIVE-1: a loop that starves an action which waits all the time is not fair', () => {
    const leave = [0, 1].map((state) => [state, 2, 1] as const);
    expect(loopOf({ edges: [[0, 1, 0], [1, 0, 0], ...leave], settled: [2] })).toBeUndefined();
  });

  test('LIVE-1: weak and strong fairness differ where an action is possible again and again but does not wait', () => {
    const edges = [
      [0, 1, 0],
      [1, 0, 0],
      [0, 2, 1],
    ] as const;
    expect(loopOf({ edges, settled: [2] })).toEqual({ entry: 0, loop: [1, 0] });
    expect(loopOf({ edges, settled: [2], strong: [1] })).toBeUndefined();
  });

  test('LIVE-1: a timer that waits all the time fires when its moment comes again and again', () => {
    const edges = [
      [0, 1, 0],
      [1, 0, 0],
      [0, 2, 1],
    ] as const;
    expect(loopOf({ edges, settled: [2], waiting: { 1: [1] } })).toBeUndefined();
  });

  test('LIVE-1: a part of an unfair loop that never enables the starved action is found', () => {
    const edges = [
      [0, 1, 0],
      [1, 2, 0],
      [2, 1, 0],
      [1, 0, 0],
      [0, 3, 1],
    ] as const;
    expect(loopOf({ edges, settled: [3], strong: [1] })).toEqual({ entry: 1, loop: [2, 1] });
  });

  test('LIVE-1: the loop takes every action that it could starve', () => {
    const edges = [
      [0, 1, 0],
      [1, 0, 0],
      [0, 2, 1],
      [2, 0, 0],
    ] as const;
    expect(loopOf({ edges, strong: [1] })?.loop).toEqual([2, 0]);
    const apart = [
      [0, 1, 0],
      [1, 0, 1],
      [1, 2, 2],
      [2, 0, 1],
    ] as const;
    expect(loopOf({ edges: apart, strong: [2] })?.loop.includes(2)).toBe(true);
  });

  test('LIVE-1: an edge that is not to be followed makes no loop', () => {
    const graph = drawn({
      edges: [
        [0, 1, 0],
        [1, 0, -1],
        [1, 2, 1],
      ],
      settled: [2],
    });
    expect(stuck({ ...graph, armed: () => [] })).toBeDefined();
    expect(stuck({ ...graph, armed: () => [], edges: graph.edges.map((to) => (to === 0 ? 3 : to)) })).toBeUndefined();
  });
});

describe('on scenarios', () => {
  const scenario = (fields: object) => parseScenario('drawn', JSON.stringify({ version: 1, says: 'x', ...fields }));
  const found = (
    protocol: Parameters<typeof explore>[0] | ConstructorParameters<typeof Compiled>[0],
    fields: object,
  ) => {
    const compiled = protocol instanceof Compiled ? protocol : new Compiled(protocol, scenario(fields));
    const exploration = explore(compiled, { maxStates: 500_000 });
    const graph = fairGraph(compiled, exploration);
    return { graph, exploration, found: stuck(graph) };
  };
  const oneEnd = { sides: { A: { route: [0, 2] } } };
  const silentPeer = { sides: { A: { route: [0, 2] }, B: { route: [1], work: [] } } };

  test('LIVE-1: tardis with a NAK_STOPPED that outlives the blackout stays PAUSED for ever', () => {
    expect(found(tardisAsRead({ nakStoppedChecked: false }), oneEnd).found).toMatchObject({ loop: [] });
  });

  test('LIVE-1: tardis with a resume that is sent once and lost leaves both ends waiting', () => {
    const lossy = { ...silentPeer, faults: { lose: 1 } };
    expect(found(tardisAsRead({ resumeRepeats: 'never' }), lossy).found).toBeDefined();
    expect(found(tardisAsRead({ resumeRepeats: 'free' }), lossy).found).toBeUndefined();
  });

  test('LIVE-1: tardis whose peer has nothing to send completes one migration without faults', () => {
    expect(found(tardisAsRead({}), silentPeer).found).toBeUndefined();
  });

  test('LIVE-1: tardis whose peer went to ERR repeats its resume for ever', () => {
    const { graph, found: loop } = found(tardisAsRead({}), {
      sides: { A: { route: [0, 2] }, B: { route: [1], consumer: ['modify.err'] } },
    });
    expect(round(graph, loop)?.loop).toHaveLength(2);
  });

  test('LIVE-1: godwit survives a coordinator that crashes, as often as it likes but not for ever', () => {
    expect(found(godwitWithout(), { ...oneEnd, faults: { crash: true } }).found).toBeUndefined();
  });

  test('LIVE-1: an exploration that stopped at its bound is never judged', () => {
    const compiled = new Compiled(tardisAsRead({}), scenario(oneEnd));
    const exploration = explore(compiled, { maxStates: 100 });
    expect(() => fairGraph(compiled, exploration)).toThrow('complete');
  });
});
