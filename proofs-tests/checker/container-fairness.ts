/** Which steps of a container with several connections are fair (chapter 70, LIVE-1), by name and number. */
import { lagsBehind } from '../../model/container.ts';
import type { Side } from '../../model/packet.ts';
import type { SideEvent } from '../../model/side-state.ts';
import { SIDES } from '../../model/system.ts';
import type { Connection, Move, View } from './connection.ts';
import { fairAction } from './fairness.ts';

/** Whether the container lets one of its connections take a step, given how far this one and the other are. */
export type May = (side: Side, event: SideEvent, own: View, other: View) => boolean;

/** What need never happen, and what happens finitely often. */
export const [OPTIONAL, CRASH] = [-1, -2] as const;
const HELD = -3;

/** The fair actions of all connections. */
export class ActionNames {
  readonly strong: boolean[] = [];
  readonly #ids = new Map<string, number>();

  id(name: string, strong: boolean): number {
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    this.strong.push(strong);
    this.#ids.set(name, this.#ids.size);
    return this.#ids.size - 1;
  }
}

type Waits = {
  /** By move: its fair action, or HELD where the container has a say. */
  readonly moves: Int32Array;
  /** Fair actions on which the other connection has no say. */
  readonly free: readonly number[];
  readonly held: { readonly [side in Side]: readonly SideEvent[] };
};

/** The fair actions of one connection among others. */
export class FairSteps {
  readonly #name: string;
  readonly #connection: Connection;
  readonly #may: May;
  readonly #names: ActionNames;
  readonly #waits: Waits[] = [];

  constructor(name: string, connection: Connection, may: May, names: ActionNames) {
    this.#name = name;
    this.#connection = connection;
    this.#may = may;
    this.#names = names;
  }

  /** The fair action of the k-th move of a state, OPTIONAL or CRASH. */
  of(index: number, k: number, own: View, other: View): number {
    const free = this.#waitsAt(index).moves[k] as number;
    if (free !== HELD) return free;
    const action = this.#connection.moves(index)[k]?.action;
    if (action?.kind !== 'side') return OPTIONAL;
    const { side, event } = action;
    return this.#named(side, event, this.#heldNow(index, side, own, other), own, other);
  }

  /** Fair actions that wait here: what the container does not allow now does not wait. */
  waiting(index: number, own: View, other: View): readonly number[] {
    const labels = new Set(this.#waitsAt(index).free);
    for (const side of SIDES) {
      const now = this.#heldNow(index, side, own, other);
      for (const event of now) labels.add(this.#named(side, event, now, own, other));
    }
    return [...labels].filter((label) => label >= 0);
  }

  #named(side: Side, event: SideEvent, now: readonly SideEvent[], own: View, other: View): number {
    if (event.kind === 'coordinator' && event.type === 'crash') return CRASH;
    // No migration has to begin; but one that has begun with one connection goes on with the others.
    const follows =
      event.kind === 'coordinator' &&
      event.type === 'stop' &&
      lagsBehind(own.ends[side].progress, other.ends[side].progress);
    const name = follows ? `${side}.stop` : fairAction(side, event, now);
    return name === undefined ? OPTIONAL : this.#names.id(`${this.#name}: ${name}`, false);
  }

  #heldNow(index: number, side: Side, own: View, other: View): readonly SideEvent[] {
    return this.#waitsAt(index).held[side].filter((event) => this.#may(side, event, own, other));
  }

  /** A step that the container may hold back is one of a coordinator, or the posting that says that the application goes on. */
  #waitsAt(index: number): Waits {
    const known = this.#waits[index];
    if (known) return known;
    const all = this.#connection.waiting(index);
    const mayBeHeld = (event: SideEvent) =>
      event.kind === 'coordinator' || (event.kind === 'copy' && event.event.type === 'transmit');
    const view = this.#connection.view(index);
    const freely = ({ action }: Move): number => {
      if (action.kind === 'arrive')
        return this.#names.id(`${this.#name}: arrival of ${JSON.stringify(action.packet)}`, true);
      if (action.kind !== 'side') return OPTIONAL;
      return mayBeHeld(action.event) ? HELD : this.#named(action.side, action.event, [], view, view);
    };
    const waits = {
      moves: Int32Array.from(this.#connection.moves(index), freely),
      free: SIDES.flatMap((side) =>
        all[side].filter((event) => !mayBeHeld(event)).map((event) => this.#named(side, event, [], view, view)),
      ),
      held: { A: all.A.filter(mayBeHeld), B: all.B.filter(mayBeHeld) },
    };
    this.#waits[index] = waits;
    return waits;
  }
}
