import type { Graph } from './components.ts';

/** A state graph in which some actions are due: LIVE-1's assumptions, chapter 70. */
export type FairGraph = Graph & {
  readonly size: number;
  /** 1 where nothing more is due: LIVE-1 asks for such a state again and again. */
  readonly settled: Uint8Array;
  /** The fair action of each edge; -1 for what need never happen. */
  readonly action: Int32Array;
  /** One more than the largest action. */
  readonly actions: number;
  /**
   * A strong action that can happen again and again happens again and again. A weak one does unless again and again it
   * is not armed.
   */
  readonly isStrong: (action: number) => boolean;
  /** The weak actions armed in a state, each once: those that wait for their moment, possible now or not. */
  readonly armed: (state: number) => ArrayLike<number>;
};

/** An edge of the graph, by index, with its source. */
export type LoopStep = { readonly from: number; readonly edge: number };

/** Which actions a set of states and edges enables, takes and leaves unarmed. */
export class Tally {
  readonly #graph: FairGraph;
  readonly #enabled: Uint32Array;
  readonly #taken: Uint32Array;
  readonly #armed: Uint32Array;
  #round = 0;
  #states = 0;

  constructor(graph: FairGraph) {
    this.#graph = graph;
    this.#enabled = new Uint32Array(graph.actions);
    this.#taken = new Uint32Array(graph.actions);
    this.#armed = new Uint32Array(graph.actions);
  }

  begin(): void {
    this.#round += 1;
    this.#states = 0;
    this.#armed.fill(0);
  }

  /** Every state once. */
  state(state: number): void {
    const { action, edgeStart, armed } = this.#graph;
    this.#states += 1;
    for (let e = edgeStart[state] as number; e < (edgeStart[state + 1] as number); e += 1) {
      const label = action[e] as number;
      if (label >= 0) this.#enabled[label] = this.#round;
    }
    const waiting = armed(state);
    for (let k = 0; k < waiting.length; k += 1) {
      const label = waiting[k] as number;
      this.#armed[label] = (this.#armed[label] as number) + 1;
    }
  }

  edge(edge: number): void {
    const label = this.#graph.action[edge] as number;
    if (label >= 0) this.#taken[label] = this.#round;
  }

  /** Actions to which a run that stays here for ever would be unfair. */
  unmet(): readonly number[] {
    const unmet: number[] = [];
    for (let label = 0; label < this.#enabled.length; label += 1) {
      if (this.#enabled[label] !== this.#round || this.#taken[label] === this.#round) continue;
      if (this.#graph.isStrong(label) || this.#armed[label] === this.#states) unmet.push(label);
    }
    return unmet;
  }
}
