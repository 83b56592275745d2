import { room } from './room.ts';
import type { StateSet } from './state-set.ts';

/** States of a level from which on they are taken network by network; fewer lie in the cache as they are. */
export const LARGE = 1 << 15;

/**
 * The states of one depth, and the order in which they are expanded. A large level goes network by network, within each
 * in order of discovery: states that share a network lead to the same few networks, whose blocks in the set stay in the
 * cache meanwhile. Which of several shortest traces is told depends on this order, how long it is does not.
 */
export class Level {
  /** The level's states by place, where that is not the order of discovery. */
  #order: Int32Array = new Int32Array(0);
  /** Index of the first state, and of the first that is beyond. */
  start = 0;
  end = 0;
  isSorted = false;
  readonly #large: number;

  /** @param large states from which on a level is sorted. */
  constructor(large: number) {
    this.#large = large;
  }

  /** Turns to all states that came after this level. @throws OutOfRoom */
  next(states: StateSet, networks: number): void {
    this.start = this.end;
    this.end = states.size;
    this.isSorted = this.end - this.start >= this.#large;
    if (this.isSorted) this.#sort(states, networks);
  }

  /** Index of the state that is expanded at a place, counted from `start`. */
  at(place: number): number {
    return this.isSorted ? (this.#order[place - this.start] as number) : place;
  }

  #sort(states: StateSet, networks: number): void {
    const count = this.end - this.start;
    if (this.#order.length < count) this.#order = room(2 * count);
    const places = room(networks + 1);
    for (let state = this.start; state < this.end; state += 1) {
      const after = states.network(state) + 1;
      places[after] = (places[after] as number) + 1;
    }
    for (let n = 1; n <= networks; n += 1) places[n] = (places[n] as number) + (places[n - 1] as number);
    for (let state = this.start; state < this.end; state += 1) {
      const n = states.network(state);
      const place = places[n] as number;
      places[n] = place + 1;
      this.#order[place] = state;
    }
  }
}
