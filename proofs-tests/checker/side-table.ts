import type { Whereabouts } from '../../model/context.ts';
import type { Side } from '../../model/packet.ts';
import { type Facts, factsOf, judgeStep, SAFETY, type Safety } from '../../model/properties.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { SideEvent, SideState, SideStep } from '../../model/side-state.ts';
import type { System } from '../../model/system.ts';
import { Column } from './column.ts';
import type { Contents } from './contents.ts';
import { MOST_SIDES } from './pairs.ts';
import { OutOfRoom } from './room.ts';
import { Interner, Rows } from './rows.ts';

/** Places in a step's row: side state and burst it leads to, safety bits it breaks, when it may happen. */
export const STEP = { next: 0, burst: 1, broken: 2, need: 3, width: 4 } as const;

export const bitsOf = (broken: readonly Safety[]): number =>
  broken.reduce((bits, property) => bits | (1 << SAFETY.indexOf(property)), 0);

/** Any time, only when the network is empty, only when nobody is moving either. */
const NEED = { nothing: 0, quiet: 1, 'quiet and nobody moving': 2 } as const;

/** One side with its states interned: local steps and arrivals become numbers. */
export class SideTable {
  /** Rows of local steps and arrivals. */
  readonly stepped = new Column();
  /** Bits of SAFETY that any step in `stepped` breaks. */
  breaks = 0;
  readonly #states = new Interner<SideState>();
  readonly #facts = new Interner<Facts>();
  readonly #records: Interner<Whereabouts>;
  /** By state: number of its facts, number of what the record says of this side, 1 while it moves. */
  readonly #factsOfState = new Column();
  readonly #record = new Column();
  readonly #moving = new Column();
  /** Where the local steps of a state begin, by what the record says of the peer; their events. */
  readonly #local = new Rows();
  readonly #events = new Map<number, readonly SideEvent[]>();
  readonly #arrivals = new Rows();
  readonly #system: System;
  readonly #side: Side;
  readonly #contents: Contents;
  readonly #judge: (before: SideState, event: SideEvent, step: SideStep) => readonly Safety[];
  readonly #factsOf: (state: SideState) => Facts;

  constructor(system: System, scenario: Scenario, side: Side, contents: Contents, records: Interner<Whereabouts>) {
    this.#system = system;
    this.#side = side;
    this.#contents = contents;
    this.#records = records;
    this.#factsOf = factsOf(system, scenario, side);
    this.#judge = (before, event, step) => judgeStep(system, side, before, event, step);
  }

  get size(): number {
    return this.#states.values.length;
  }

  state(id: number): SideState {
    return this.#states.values[id] as SideState;
  }

  intern(state: SideState): number {
    const { coordinator, copies, image, kept, memory, consumed, posted, dark, died } = state;
    const id = this.#states.id(
      `${coordinator}|${copies.join()}|${image}|${kept.join()}|${memory}|${consumed}|${posted}|${dark}|${died}`,
      state,
    );
    if (id < this.#record.length) return id;
    if (id >= MOST_SIDES) throw new OutOfRoom(`more than ${MOST_SIDES} states of one side`);
    const facts = this.#factsOf(state);
    const where = this.#system.where(this.#side, state);
    this.#factsOfState.push(this.#facts.id(JSON.stringify(facts), facts));
    this.#record.push(this.#records.id(JSON.stringify(where), where));
    this.#moving.push(this.#system.moving(this.#side, state) ? 1 : 0);
    return id;
  }

  /** Number of what a state contributes to the properties; equal facts have equal numbers. */
  facts(id: number): number {
    return this.#factsOfState.at(id);
  }
  get factsKinds(): number {
    return this.#facts.values.length;
  }
  factsAt(facts: number): Facts {
    return this.#facts.values[facts] as Facts;
  }
  /** Number of what the durable record says of this side. */
  record(id: number): number {
    return this.#record.at(id);
  }
  isMoving(id: number): boolean {
    return this.#moving.at(id) === 1;
  }

  /** Where in `stepped` the local steps of a state begin: their number, then a row for each. */
  steps(id: number, peerRecord: number): number {
    return this.#local.at(id, peerRecord, this.#locally);
  }

  /** The event of a local step. */
  event(id: number, peerRecord: number, k: number): SideEvent | undefined {
    return this.#events.get(this.steps(id, peerRecord))?.[k];
  }

  /** Where in `stepped` the row of an arrival is, or -1 when the packet changes nothing here. */
  arrival(id: number, packet: number): number {
    return this.#arrivals.at(id, packet, this.#arrive);
  }

  /** How many different things a record has said. */
  get records(): number {
    return this.#records.values.length;
  }

  /** The local steps of a state, in the order of STEP; undefined where they were never asked for. */
  knownSteps(id: number, peerRecord: number): readonly Int32Array[] | undefined {
    const at = this.#local.known(id, peerRecord);
    if (at === undefined) return undefined;
    return Array.from({ length: this.stepped.at(at) }, (_, k) => this.#rowAt(at + 1 + k * STEP.width));
  }

  /** The step of an arrival, -1 when it changes nothing here; undefined where it was never asked for. */
  knownArrival(id: number, packet: number): Int32Array | -1 | undefined {
    const at = this.#arrivals.known(id, packet);
    return at === undefined || at === -1 ? at : this.#rowAt(at);
  }

  #rowAt(at: number): Int32Array {
    return this.stepped.cells.subarray(at, at + STEP.width);
  }

  readonly #arrive = (id: number, packet: number): number => {
    const envelope = this.#contents.packets.values[packet];
    const state = this.state(id);
    const step = envelope && this.#system.arrival(this.#side, state, envelope);
    if (!step) return -1;
    const event: SideEvent = { kind: 'copy', host: envelope.to, event: { ...envelope.packet, from: envelope.from } };
    return this.#append([this.#row(state, event, step, 0)]);
  };

  readonly #locally = (id: number, peerRecord: number): number => {
    const state = this.state(id);
    const peer = this.#records.values[peerRecord] as Whereabouts;
    const steps = this.#system.eventsOf(this.#side, state, peer).flatMap((event) => {
      const step = this.#system.stepSide(this.#side, state, event);
      return step ? [{ event, row: this.#row(state, event, step, NEED[this.#system.needOf(event)]) }] : [];
    });
    const at = this.#append([[steps.length], ...steps.map(({ row }) => row)]);
    this.#events.set(
      at,
      steps.map(({ event }) => event),
    );
    return at;
  };

  /** Numbers in the order of STEP. */
  #row(state: SideState, event: SideEvent, step: SideStep, need: number): readonly number[] {
    const burst = this.#contents.burst(this.#system.envelopes(this.#side, step.out));
    const broken = bitsOf(this.#judge(state, event, step));
    this.breaks |= broken;
    return [this.intern(step.next), burst, broken, need];
  }

  #append(rows: readonly (readonly number[])[]): number {
    const at = this.stepped.length;
    for (const row of rows) for (const number of row) this.stepped.push(number);
    return at;
  }
}
