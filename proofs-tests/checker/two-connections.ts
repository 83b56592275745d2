/** Two connections of one container as one system: the product of their graphs, kept in step by the container. */
import { isDeepStrictEqual } from 'node:util';
import { type Barriers, mayTake } from '../../model/container.ts';
import type { Side } from '../../model/packet.ts';
import type { Protocol } from '../../model/protocol.ts';
import type { Scenario } from '../../model/scenario.ts';
import { type Action, SIDES } from '../../model/system.ts';
import { Connection, type End, type View } from './connection.ts';
import { ActionNames, CRASH, FairSteps, type May, OPTIONAL } from './container-fairness.ts';
import type { FairGraph } from './fair-graph.ts';
import { stuck } from './liveness.ts';
import { nearestTrap } from './recovery.ts';

export type Together = {
  readonly states: number;
  /** The application has used the second connection since the migration, and the first fails (SAFE-10). */
  readonly goneOnAndFailed: boolean;
  /** The two QPs of a container run at different hosts (SAFE-6). */
  readonly split: boolean;
  /** From every state both connections can settle (REC-1). */
  readonly recovers: boolean;
  /** Every fair run comes to states in which both have settled again and again (LIVE-1). */
  readonly lives: boolean;
  /** A host has died that had started one QP of a container and not the other. */
  readonly diedBetween?: true;
  /** Steps after which a fair run goes round or ends without, and the states it then goes round; where it does not live. */
  readonly lasso?: { readonly steps: number; readonly loop: number };
};

type Pair = { readonly first: number; readonly second: number };

const runApart = (a: End, b: End): boolean => a.runsAt !== undefined && b.runsAt !== undefined && a.runsAt !== b.runsAt;

/** The application may post to the second connection: it goes on after the decision on both, or after both answers too. */
const mayPost = (goesOn: 'resumed' | 'answered', a: View, b: View): boolean =>
  [a.ends.A, b.ends.A].every(
    ({ progress: { value, context }, answered }) =>
      value.move === 'IDLE' && (context.hop > 0 || context.epoch > 0) && (goesOn === 'resumed' || answered),
  );

/** The decision stands for both, and only one has started. */
const isBetween = (side: Side, a: View, b: View): boolean => {
  const [one, other] = [a.ends[side].progress, b.ends[side].progress];
  const moves = [one.value.move, other.value.move];
  return one.context.epoch === other.context.epoch && moves.includes('IDLE') && moves.includes('DECIDED');
};

/** A host fails, and every QP at it. */
const isOfHost = (action: Action): boolean =>
  action.kind === 'side' && (action.event.kind === 'dark' || action.event.kind === 'dies');

/** The product, state by state in breadth-first order. */
class Product {
  readonly pairs: Pair[] = [];
  readonly depth: number[] = [];
  readonly edges: number[] = [];
  readonly edgeStart: number[] = [];
  readonly action: number[] = [];
  readonly names = new ActionNames();
  diedBetween = false;
  readonly first: Connection;
  readonly second: Connection;
  readonly #ids = new Map<number, number>();
  readonly #fair: readonly [FairSteps, FairSteps];
  readonly #may: readonly [May, May];

  constructor(
    protocol: Protocol,
    [one, other]: readonly [Scenario, Scenario],
    barriers: Barriers,
    goesOn: 'resumed' | 'answered',
  ) {
    this.first = new Connection(protocol, one);
    this.second = new Connection(protocol, other);
    const inStep: May = (side, event, own, others) =>
      event.kind !== 'coordinator' ||
      mayTake(barriers, event.type, own.ends[side].progress, others.ends[side].progress);
    const posting: May = (side, event, own, others) =>
      side === 'A' && event.kind === 'copy' && event.event.type === 'transmit'
        ? mayPost(goesOn, own, others)
        : inStep(side, event, own, others);
    this.#may = [inStep, posting];
    this.#fair = [
      new FairSteps('first', this.first, inStep, this.names),
      new FairSteps('second', this.second, posting, this.names),
    ];
    this.#add({ first: 0, second: 0 }, 0);
    for (let at = 0; at < this.pairs.length; at += 1) this.#expand(at);
    this.edgeStart.push(this.edges.length);
  }

  views(at: number): readonly [View, View] {
    const { first, second } = this.pairs[at] as Pair;
    return [this.first.view(first), this.second.view(second)];
  }

  waiting(at: number): readonly number[] {
    const { first, second } = this.pairs[at] as Pair;
    const [a, b] = this.views(at);
    return [...this.#fair[0].waiting(first, a, b), ...this.#fair[1].waiting(second, b, a)];
  }

  #add(pair: Pair, depth: number): number {
    const key = pair.first * 0x200_0000 + pair.second;
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    this.#ids.set(key, this.pairs.length);
    this.depth.push(depth);
    return this.pairs.push(pair) - 1;
  }

  #expand(at: number): void {
    const pair = this.pairs[at] as Pair;
    const depth = (this.depth[at] as number) + 1;
    const [a, b] = this.views(at);
    const take = (which: 0 | 1, index: number, own: View, other: View, next: (to: number) => Pair): void => {
      const [may, fair] = [this.#may[which], this.#fair[which]];
      for (const [k, { to, action }] of (which === 0 ? this.first : this.second).moves(index).entries()) {
        if (action.kind === 'side' && (isOfHost(action) || !may(action.side, action.event, own, other))) continue;
        this.edges.push(this.#add(next(to), depth));
        this.action.push(fair.of(index, k, own, other));
      }
    };
    this.edgeStart.push(this.edges.length);
    take(0, pair.first, a, b, (first) => ({ ...pair, first }));
    take(1, pair.second, b, a, (second) => ({ ...pair, second }));
    this.#hosts(pair, depth, a, b);
  }

  /** A host fails with both of its QPs. */
  #hosts({ first, second }: Pair, depth: number, a: View, b: View): void {
    const others = this.second.moves(second);
    for (const one of this.first.moves(first)) {
      const other = isOfHost(one.action) && others.find(({ action }) => isDeepStrictEqual(action, one.action));
      if (!other) continue;
      this.diedBetween ||= one.action.kind === 'side' && isBetween(one.action.side, a, b);
      this.edges.push(this.#add({ first: one.to, second: other.to }, depth));
      this.action.push(OPTIONAL);
    }
  }
}

/** Crashes happen finitely often: no run goes round with them. */
const fairGraph = (product: Product, settled: Uint8Array): FairGraph => {
  const { pairs, names } = product;
  const [edges, action] = [Uint32Array.from(product.edges), Int32Array.from(product.action)];
  for (let edge = 0; edge < edges.length; edge += 1) {
    if (action[edge] !== CRASH) continue;
    edges[edge] = pairs.length;
    action[edge] = OPTIONAL;
  }
  return {
    size: pairs.length,
    edges,
    edgeStart: Uint32Array.from(product.edgeStart),
    settled,
    action,
    actions: names.strong.length,
    isStrong: (label) => names.strong[label] === true,
    armed: (state) => product.waiting(state),
  };
};

/**
 * Explores two connections between container A and container B. The second carries what the application posts when it goes on.
 * Where a coordinator may crash it has to be able to abort: what it decides for the one when it returns, it owes the other.
 * @param goesOn when that is: after the decision on both, or when both resumes were answered too.
 */
export const together = (
  protocol: Protocol,
  scenarios: readonly [Scenario, Scenario],
  barriers: Barriers,
  goesOn: 'resumed' | 'answered',
): Together => {
  const product = new Product(protocol, scenarios, barriers, goesOn);
  const settled = new Uint8Array(product.pairs.length);
  const quiet = settled.slice();
  let [goneOnAndFailed, split] = [false, false];
  for (let at = 0; at < settled.length; at += 1) {
    const [a, b] = product.views(at);
    goneOnAndFailed ||= b.ends.A.used && a.failed;
    split ||= SIDES.some((side) => runApart(a.ends[side], b.ends[side]));
    settled[at] = a.settled && b.settled ? 1 : 0;
    quiet[at] = a.settled && (b.settled || (b.unposted && !mayPost(goesOn, a, b))) ? 1 : 0;
  }
  // No migration has to begin, and before one the application posts nothing.
  const graph = fairGraph(product, quiet);
  const found = stuck(graph);
  return {
    states: settled.length,
    goneOnAndFailed,
    split,
    recovers: nearestTrap({ ...graph, settled, edges: Uint32Array.from(product.edges) }) < 0,
    lives: found === undefined,
    ...(product.diedBetween && { diedBetween: true }),
    ...(found && { lasso: { steps: product.depth[found.entry] as number, loop: found.loop.length } }),
  };
};
