import type { Action, State } from '../../model/system.ts';
import { Column } from './column.ts';
import { type Compiled, EDGE, type EdgeKind, SETTLED } from './compiled.ts';
import { Components } from './components.ts';
import { StateSet } from './state-set.ts';

/** Everything that can follow a state. */
export type Future = {
  readonly states: StateSet;
  /** false when there was more of it than looked at. */
  readonly complete: boolean;
  /** A settled state can follow. */
  readonly recovers: boolean;
  /** Where it ends when no further fault strikes: the way to the nearest state that is never left for good. */
  readonly ending: Ending;
};

/** Steps to a state to which everything returns, and a round trip from there; no round where nothing more happens. */
export type Ending = { readonly steps: readonly Action[]; readonly round: readonly Action[] };

const FAULTS = ['abort', 'crash', 'dark', 'dies', 'reuse', 'stop'];

/** A fault, or the beginning of another migration: nothing that a story needs to go on. */
const isFault = (compiled: Compiled, a: number, b: number, n: number, kind: EdgeKind, k: number): boolean => {
  if (kind !== EDGE.localA && kind !== EDGE.localB) return kind !== EDGE.arrive;
  const action = compiled.action(a, b, n, kind, k);
  if (action.kind !== 'side') return false;
  const { event } = action;
  return FAULTS.includes(event.kind === 'coordinator' ? event.type : event.kind);
};

type Step = { readonly from: number; readonly edge: number };

const trail = (reachedBy: ReadonlyMap<number, Step>, start: number, end: number): readonly Step[] => {
  const steps: Step[] = [];
  for (let state = end; state !== start; ) {
    const step = reachedBy.get(state);
    if (!step) throw new Error('a walk has no beginning');
    steps.push(step);
    state = step.from;
  }
  return steps.reverse();
};

class Unfolding {
  readonly states: StateSet;
  /** Edges without faults: target, kind and number of each, and where those of a state begin. */
  readonly #targets = new Column();
  readonly #names = new Column();
  readonly #start = new Column();
  readonly #compiled: Compiled;
  recovers = false;

  constructor(compiled: Compiled) {
    this.#compiled = compiled;
    this.states = new StateSet(compiled.both.pairs);
  }

  /** Whether all of it was seen. */
  unfold(state: State, most: number): boolean {
    const { states } = this;
    const [a, b, n] = this.#compiled.intern(state);
    states.add(this.#compiled.both.id(a, b), n, -1);
    for (let at = 0; at < states.size; at += 1) {
      if (states.size > most) return false;
      this.#start.push(this.#targets.length);
      this.#expand(at);
    }
    this.#start.push(this.#targets.length);
    return true;
  }

  #expand(at: number): void {
    const { states } = this;
    const [a, b, n] = [states.a(at), states.b(at), states.network(at)];
    if ((this.#compiled.verdict(a, b) & SETTLED) !== 0) this.recovers = true;
    this.#compiled.expand(a, b, n, {
      edge: (a2, b2, n2, _broken, kind, k) => {
        const to = states.add(this.#compiled.both.id(a2, b2), n2, at);
        if (to === at || isFault(this.#compiled, a, b, n, kind, k)) return;
        this.#targets.push(to);
        this.#names.push(kind * 0x10000 + k);
      },
    });
  }

  /** States that are never left for good: an end, or a part of a loop without a way out. */
  #final(): ReadonlySet<number> {
    const edges = new Uint32Array(this.#targets.pushed);
    const edgeStart = new Uint32Array(this.#start.pushed);
    const targets = (state: number) => edges.subarray(edgeStart[state], edgeStart[state + 1]);
    const all = Uint32Array.from({ length: this.states.size }, (_, state) => state);
    const final = new Set<number>();
    new Components({ edges, edgeStart }, all.length).visit(all, 0, (component) => {
      const inside = new Set(component);
      if (component.every((state) => targets(state).every((target) => inside.has(target))))
        for (const state of component) final.add(state);
    });
    for (const state of all) if (targets(state).length === 0) final.add(state);
    return final;
  }

  ending(): Ending {
    const final = this.#final();
    const end = final.has(0) ? 0 : undefined;
    const steps = end === undefined ? this.#walk(0, (state) => final.has(state)) : [];
    const last = steps.at(-1);
    const at = last ? this.#targets.at(last.edge) : 0;
    const loops = this.#start.at(at) < this.#start.at(at + 1);
    return {
      steps: this.#actions(steps),
      round: loops ? this.#actions(this.#walk(at, (state) => state === at)) : [],
    };
  }

  /** The shortest walk of at least one step to a goal. */
  #walk(start: number, isGoal: (state: number) => boolean): readonly Step[] {
    const reachedBy = new Map<number, Step>();
    const queue = [start];
    for (const from of queue)
      for (let edge = this.#start.at(from); edge < this.#start.at(from + 1); edge += 1) {
        const to = this.#targets.at(edge);
        if (isGoal(to)) return [...trail(reachedBy, start, from), { from, edge }];
        if (to === start || reachedBy.has(to)) continue;
        reachedBy.set(to, { from, edge });
        queue.push(to);
      }
    throw new Error('a finite graph has a state that is never left for good');
  }

  #actions(steps: readonly Step[]): readonly Action[] {
    const { states } = this;
    return steps.map(({ from, edge }) => {
      const name = this.#names.at(edge);
      const kind = Math.floor(name / 0x10000) as EdgeKind;
      return this.#compiled.action(states.a(from), states.b(from), states.network(from), kind, name % 0x10000);
    });
  }
}

/** @param most states looked at: beyond it nothing is said about where it ends. */
export const futureOf = (compiled: Compiled, state: State, most = 50_000): Future => {
  const unfolding = new Unfolding(compiled);
  const complete = unfolding.unfold(state, most);
  const { states, recovers } = unfolding;
  return { states, complete, recovers, ending: complete ? unfolding.ending() : { steps: [], round: [] } };
};
