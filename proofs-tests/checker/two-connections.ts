/** Two connections of one container as one system: the product of their graphs, kept in step by the container. */
import { type Barriers, mayTake, type Progress } from '../../model/container.ts';
import type { Side } from '../../model/packet.ts';
import { factsOf, isSettled } from '../../model/properties.ts';
import type { Protocol } from '../../model/protocol.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { SideState } from '../../model/side.ts';
import { type Action, SIDES, type State } from '../../model/system.ts';
import { Compiled } from './compiled.ts';
import { type Exploration, explore } from './explore.ts';

/** What a container shows of one connection in a state. */
type End = {
  readonly progress: Progress;
  /** Host of the copy that runs; undefined while none does. */
  readonly runsAt: number | undefined;
  readonly answered: boolean;
  /** It has sent a request. */
  readonly used: boolean;
};

type View = { readonly ends: { readonly [side in Side]: End }; readonly failed: boolean; readonly settled: boolean };

type Move = { readonly to: number; readonly action: Action };

/** One connection, explored by itself. */
class Connection {
  readonly #compiled: Compiled;
  readonly #exploration: Exploration;
  readonly #view: (state: State) => View;
  readonly #views: View[] = [];
  readonly #moves: (readonly Move[])[] = [];

  constructor(protocol: Protocol, scenario: Scenario) {
    this.#compiled = new Compiled(protocol, scenario);
    this.#exploration = explore(this.#compiled, {});
    if (!this.#exploration.complete) throw new RangeError('a connection is too large');
    const { system } = this.#compiled;
    const facts = { A: factsOf(system, scenario, 'A'), B: factsOf(system, scenario, 'B') };
    const end = (side: Side, state: SideState): End => {
      const { authority, machines } = system.side[side];
      const { at, local } = authority(state);
      const copy = local ? machines.copy(local) : undefined;
      const runs = copy?.value.self === 'RUNNING' || copy?.value.self === 'RESUMING';
      return {
        progress: machines.coordinator(state.coordinator),
        runsAt: runs && at !== 'image' ? at : undefined,
        answered: copy?.value.self === 'RUNNING',
        used: (copy?.context.sent ?? 0) > 0,
      };
    };
    this.#view = ({ sides }) => {
      const [a, b] = [facts.A(sides.A), facts.B(sides.B)];
      const ends = { A: end('A', sides.A), B: end('B', sides.B) };
      return { ends, failed: a.failed || b.failed, settled: isSettled(a, b) };
    };
  }

  view(index: number): View {
    const { states } = this.#exploration;
    this.#views[index] ??= this.#view(this.#compiled.state(states.a(index), states.b(index), states.network(index)));
    return this.#views[index];
  }

  moves(index: number): readonly Move[] {
    const known = this.#moves[index];
    if (known) return known;
    const { states, edges, edgeStart } = this.#exploration;
    const [a, b, n] = [states.a(index), states.b(index), states.network(index)];
    const found: Move[] = [];
    this.#compiled.expand(a, b, n, {
      edge: (_a, _b, _network, _broken, kind, k) =>
        found.push({
          to: edges[(edgeStart[index] as number) + found.length] as number,
          action: this.#compiled.action(a, b, n, kind, k),
        }),
    });
    this.#moves[index] = found;
    return found;
  }
}

export type Together = {
  readonly states: number;
  /** The application has used the second connection since the migration, and the first fails (SAFE-10). */
  readonly goneOnAndFailed: boolean;
  /** The two QPs of a container run at different hosts (SAFE-6). */
  readonly split: boolean;
  /** From every state both connections can settle (REC-1). */
  readonly recovers: boolean;
};

type Pair = { readonly first: number; readonly second: number };

const runApart = (a: End, b: End): boolean => a.runsAt !== undefined && b.runsAt !== undefined && a.runsAt !== b.runsAt;

/**
 * Explores two connections between container A and container B. The second carries what the application posts when it goes on.
 * @param goesOn when that is: after the decision on both, or when both resumes were answered too.
 */
export const together = (
  protocol: Protocol,
  [one, other]: readonly [Scenario, Scenario],
  barriers: Barriers,
  goesOn: 'resumed' | 'answered',
): Together => {
  const [first, second] = [new Connection(protocol, one), new Connection(protocol, other)];
  const mayPost = (a: View, b: View): boolean =>
    [a.ends.A, b.ends.A].every(
      ({ progress: { value, context }, answered }) =>
        value.move === 'IDLE' && (context.hop > 0 || context.epoch > 0) && (goesOn === 'resumed' || answered),
    );
  const may = ({ action }: Move, own: View, others: View, posts: boolean): boolean => {
    if (action.kind !== 'side') return true;
    const { event, side } = action;
    if (event.kind === 'coordinator')
      return mayTake(barriers, event.type, own.ends[side].progress, others.ends[side].progress);
    return !posts || side !== 'A' || event.kind !== 'copy' || event.event.type !== 'transmit' || mayPost(own, others);
  };
  const pairs: Pair[] = [{ first: 0, second: 0 }];
  const ids = new Map<number, number>([[0, 0]]);
  const from: number[] = [];
  const to: number[] = [];
  let [goneOnAndFailed, split] = [false, false];
  const add = (source: number, next: Pair): void => {
    const key = next.first * 0x200_0000 + next.second;
    const known = ids.get(key) ?? pairs.push(next) - 1;
    ids.set(key, known);
    from.push(source);
    to.push(known);
  };
  for (let at = 0; at < pairs.length; at += 1) {
    const pair = pairs[at] as Pair;
    const [a, b] = [first.view(pair.first), second.view(pair.second)];
    goneOnAndFailed ||= b.ends.A.used && a.failed;
    split ||= SIDES.some((side) => runApart(a.ends[side], b.ends[side]));
    for (const move of first.moves(pair.first)) if (may(move, a, b, false)) add(at, { ...pair, first: move.to });
    for (const move of second.moves(pair.second)) if (may(move, b, a, true)) add(at, { ...pair, second: move.to });
  }
  const settled = pairs.map((pair) => first.view(pair.first).settled && second.view(pair.second).settled);
  return { states: pairs.length, goneOnAndFailed, split, recovers: canAllReach(settled, from, to) };
};

/** Whether from every node one of the goals can be reached. */
const canAllReach = (goal: readonly boolean[], from: readonly number[], to: readonly number[]): boolean => {
  const into: number[][] = goal.map(() => []);
  for (const [edge, target] of to.entries()) into[target]?.push(from[edge] as number);
  const reached = goal.slice();
  const queue = [...goal.keys()].filter((node) => goal[node]);
  for (const node of queue)
    for (const source of into[node] ?? []) {
      if (reached[source]) continue;
      reached[source] = true;
      queue.push(source);
    }
  return reached.every(Boolean);
};
