import type { Whereabouts } from '../../model/context.ts';
import type { Side } from '../../model/packet.ts';
import { type Facts, factsOf, judgeStep, SAFETY, type Safety } from '../../model/properties.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { SideEvent, SideState, SideStep } from '../../model/side.ts';
import type { System } from '../../model/system.ts';
import type { NetworkTable } from './network-table.ts';
import { Interner, Rows } from './rows.ts';

/** What a side may do by itself in one state: parallel columns. */
export type Locally = {
  readonly event: readonly SideEvent[];
  readonly next: Int32Array;
  readonly burst: Int32Array;
  /** 0 any time, 1 only when the network is empty, 2 only when nobody is moving either. */
  readonly need: Uint8Array;
  /** Safety properties that the step breaks, as bits. */
  readonly broken: Int32Array;
};

export const bitsOf = (broken: readonly Safety[]): number =>
  broken.reduce((bits, property) => bits | (1 << SAFETY.indexOf(property)), 0);

const NEED = { nothing: 0, quiet: 1, 'quiet and nobody moving': 2 } as const;

/** One side with its states interned: local steps and arrivals become numbers. */
export class SideTable {
  readonly facts: Facts[] = [];
  /** Bits of SAFETY that a state breaks by itself. */
  readonly brokenIn: number[] = [];
  /** What the record says of this side, as a number. */
  readonly where: number[] = [];
  readonly moving: boolean[] = [];
  readonly #states = new Interner<SideState>();
  readonly #records: Interner<Whereabouts>;
  readonly #local: (Locally | undefined)[][] = [];
  readonly #arrivals = new Rows();
  /** Where an arrival leads: side state, burst, broken bits, three numbers each. */
  readonly #results: number[] = [];
  readonly #system: System;
  readonly #side: Side;
  readonly #network: NetworkTable;
  readonly #judge: (before: SideState, event: SideEvent, step: SideStep) => readonly Safety[];
  readonly #factsOf: (state: SideState) => Facts;

  constructor(system: System, scenario: Scenario, side: Side, network: NetworkTable, records: Interner<Whereabouts>) {
    this.#system = system;
    this.#side = side;
    this.#network = network;
    this.#records = records;
    this.#factsOf = factsOf(system, scenario, side);
    this.#judge = (before, event, step) => judgeStep(system, side, this.#factsOf, before, event, step);
  }

  get size(): number {
    return this.#states.values.length;
  }

  state(id: number): SideState {
    return this.#states.values[id] as SideState;
  }

  intern(state: SideState): number {
    const { coordinator, copies, image, consumed, posted, dark, died } = state;
    const id = this.#states.id(`${coordinator}|${copies.join()}|${image}|${consumed}|${posted}|${dark}|${died}`, state);
    if (id === this.facts.length) {
      const facts = this.#factsOf(state);
      const where = this.#system.where(this.#side, state);
      this.facts.push(facts);
      this.brokenIn.push(bitsOf(facts.broken));
      this.where.push(this.#records.id(JSON.stringify(where), where));
      this.moving.push(this.#system.moving(this.#side, state));
      this.#local.push([]);
    }
    return id;
  }

  locally(id: number, peerRecord: number): Locally {
    const byRecord = this.#local[id] as (Locally | undefined)[];
    const known = byRecord[peerRecord];
    if (known) return known;
    const computed = this.#locally(this.state(id), this.#records.values[peerRecord] as Whereabouts);
    byRecord[peerRecord] = computed;
    return computed;
  }

  /** Index for `arrivalNext` and its like, or -1 when the packet changes nothing here. */
  arrival(id: number, packet: number): number {
    return this.#arrivals.at(id, packet, this.#arrive);
  }
  arrivalNext(arrival: number): number {
    return this.#results[arrival] as number;
  }
  arrivalBurst(arrival: number): number {
    return this.#results[arrival + 1] as number;
  }
  arrivalBroken(arrival: number): number {
    return this.#results[arrival + 2] as number;
  }

  readonly #arrive = (id: number, packet: number): number => {
    const envelope = this.#network.packets.values[packet];
    const state = this.state(id);
    const step = envelope && this.#system.arrival(this.#side, state, envelope);
    if (!step) return -1;
    const event: SideEvent = { kind: 'copy', host: envelope.to, event: { ...envelope.packet, from: envelope.from } };
    const broken = bitsOf(this.#judge(state, event, step));
    this.#results.push(this.intern(step.next), this.#burst(step), broken);
    return this.#results.length - 3;
  };

  #burst({ out }: SideStep): number {
    return this.#network.burst(this.#system.envelopes(this.#side, out));
  }

  #locally(state: SideState, peer: Whereabouts): Locally {
    const steps = this.#system.eventsOf(this.#side, state, peer).flatMap((event) => {
      const step = this.#system.stepSide(this.#side, state, event);
      return step ? [{ event, step }] : [];
    });
    return {
      event: steps.map(({ event }) => event),
      next: Int32Array.from(steps, ({ step }) => this.intern(step.next)),
      burst: Int32Array.from(steps, ({ step }) => this.#burst(step)),
      need: Uint8Array.from(steps, ({ event }) => NEED[this.#system.needOf(event)]),
      broken: Int32Array.from(steps, ({ event, step }) => bitsOf(this.#judge(state, event, step))),
    };
  }
}
