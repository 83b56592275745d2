import type { Action } from '../../model/system.ts';
import type { Compiled, EdgeKind, Sink } from './compiled.ts';
import type { Exploration } from './explore.ts';
import type { LoopStep } from './fair-graph.ts';

type Found = { readonly kind: EdgeKind; readonly k: number; readonly broken: number };

const edgesOf = (compiled: Compiled, { states }: Exploration, from: number, take: Sink['edge']): void =>
  compiled.expand(states.a(from), states.b(from), states.network(from), { edge: take });

/** What leads from one explored state to the next; where several edges do, one that breaks most. */
const actionBetween = (
  compiled: Compiled,
  exploration: Exploration,
  from: number,
  to: number,
  broken: number,
): Action => {
  const { states } = exploration;
  let best: Found | undefined;
  edgesOf(compiled, exploration, from, (a, b, network, breaks, kind, k) => {
    if (states.a(to) !== a || states.b(to) !== b || states.network(to) !== network) return;
    if (best === undefined || (breaks & broken) > (best.broken & broken)) best = { kind, k, broken: breaks };
  });
  if (!best) throw new Error('a state expands differently than when it was explored');
  const { kind, k }: Found = best;
  return compiled.action(states.a(from), states.b(from), states.network(from), kind, k);
};

/** The shortest way from the initial state: predecessors are those of the breadth-first search. */
export const actionsTo = (compiled: Compiled, exploration: Exploration, target: number): readonly Action[] => {
  const { states } = exploration;
  const actions: Action[] = [];
  for (let to = target, from = states.parent(to); from >= 0; to = from, from = states.parent(to))
    actions.push(actionBetween(compiled, exploration, from, to, 0));
  return actions.reverse();
};

/** The shortest way to an edge that breaks any of these bits, that edge included. */
export const actionsAcross = (
  compiled: Compiled,
  exploration: Exploration,
  { from, to }: { readonly from: number; readonly to: number },
  broken: number,
): readonly Action[] => [
  ...actionsTo(compiled, exploration, from),
  ...(from < 0 ? [] : [actionBetween(compiled, exploration, from, to, broken)]),
];

/** The steps of a loop found in the graph of an exploration. */
export const actionsOf = (compiled: Compiled, exploration: Exploration, loop: readonly LoopStep[]): readonly Action[] =>
  loop.map(({ from, edge }) => {
    const { states, edgeStart } = exploration;
    let at = edgeStart[from] as number;
    let found: Found | undefined;
    edgesOf(compiled, exploration, from, (_a, _b, _network, broken, kind, k) => {
      if (at === edge) found = { kind, k, broken };
      at += 1;
    });
    if (!found) throw new Error('an edge of a loop is gone');
    return compiled.action(states.a(from), states.b(from), states.network(from), found.kind, found.k);
  });
