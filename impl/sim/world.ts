// Owns a deterministic world: devices at addresses, one clock, packets that cross as bytes with their ICRC.
import { Nic, type NicConfig } from '../nic/nic.ts';
import { type Instant, NEVER } from '../qp/instant.ts';
import type { RcTimer } from '../rc/engine.ts';
import { allocate } from '../wire/encode.ts';
import type { Path } from '../wire/path.ts';
import { type FaultSchedule, type Faults, FaultTable } from './faults.ts';
import { type InFlight, Medium } from './medium.ts';
import { Schedule } from './schedule.ts';

export type WorldConfig = {
  readonly nics: readonly NicConfig[];
  /** `timed`: packets arrive after `latency`, timers fire when due. `scripted`: only what the caller says happens. */
  readonly mode: 'timed' | 'scripted';
  /** Nanoseconds from one device to another; timed mode. Default 1000. */
  readonly latency?: number;
  /** Timed mode. */
  readonly faults?: FaultSchedule | Faults;
  readonly observer?: Observer;
  /** Where a datagram of so many bytes is to be written; it stays there until it has arrived. Left out: anywhere. */
  readonly room?: (length: number) => Uint8Array;
  /** Told of each datagram as it is sent, before any fault. */
  readonly onSend?: (packet: InFlight) => void;
  /** Told when a device wants a turn earlier than it did before. */
  readonly onWake?: () => void;
};

/** What a device was given. */
export type Input =
  | { readonly type: 'packet'; readonly packet: InFlight }
  | { readonly type: 'tick' }
  | { readonly type: 'timer'; readonly qpn: number; readonly timer: RcTimer }
  /** A verb, or stop, dump, restore, resume: `name` is the caller's. */
  | { readonly type: 'act'; readonly name: string };

/** An input of a device. */
export type WorldStep = {
  readonly at: Instant;
  readonly nic: number;
  readonly device: Nic;
  readonly input: Input;
};

/** What a device did with an input. */
export type Outcome = {
  readonly outputs: readonly InFlight[];
  /** What the action of an `act` returned. */
  readonly result: unknown;
};

/** Looks at devices and their QPs as they stand, before each input and after it, and changes nothing. */
export type Observer = {
  before(step: WorldStep): void;
  after(step: WorldStep, outcome: Outcome): void;
};

const DEFAULT_LATENCY = 1000;
/**
 * Packets that a device puts on its wire in one instant; it goes on when the first of them arrive. Without an end the
 * answer to a READ of 2^31 bytes, millions of packets, would all be under way at once.
 */
export const MOST_AT_ONCE = 4096;
/** Whoever sends what no device has sent. */
const OUTSIDE = -1;

/** Runs devices against each other. Verbs are called on the contexts of `nic(i)`, inside `act` if they are to be observed. */
export class World {
  readonly medium = new Medium();
  readonly #config: WorldConfig;
  readonly #nics: Nic[] = [];
  readonly #byAddress = new Map<string, number>();
  #alive: readonly { readonly index: number; readonly nic: Nic }[] = [];
  readonly #faults: Faults;
  readonly #arrivals = new Schedule();
  /** Before these instants devices that have filled their wires get no turn, by index; timed mode. */
  readonly #restsUntil: Instant[] = [];
  #outputs: InFlight[] = [];
  #now: Instant = 0;

  constructor(config: WorldConfig) {
    this.#config = config;
    const { faults = [] } = config;
    this.#faults = 'of' in faults ? faults : new FaultTable(faults);
    for (const nic of config.nics) this.add(nic);
  }

  /** Adds a device; returns its index. An address it shares with an older one is its from now on. */
  add(config: NicConfig): number {
    const index = this.#nics.length;
    const transmit = (datagram: Uint8Array, path: Path): void => this.#transmit(index, datagram, path);
    this.#restsUntil.push(0);
    const { room = allocate, onWake } = this.#config;
    this.#nics.push(new Nic(config, { room, transmit, wakeAt: () => onWake?.() }));
    for (const address of config.addresses) this.#byAddress.set(address, index);
    this.#reckon();
    return index;
  }

  /** Takes a device off its addresses: what is sent there is lost, and it is not run any more. */
  remove(index: number): void {
    for (const [address, owner] of this.#byAddress) if (owner === index) this.#byAddress.delete(address);
    this.#reckon();
  }

  /** The devices that have an address are those that live. */
  #reckon(): void {
    this.#alive = [...new Set(this.#byAddress.values())].map((index) => ({ index, nic: this.nic(index) }));
  }

  /** Nanoseconds since the start. */
  get now(): Instant {
    return this.#now;
  }

  /** Devices there have been. */
  get count(): number {
    return this.#nics.length;
  }

  nic(index: number): Nic {
    const nic = this.#nics[index];
    if (nic === undefined) throw new RangeError(`no device ${index}`);
    return nic;
  }

  /** Does something to a device from outside, verbs or migration, so that the observer sees it as one step. */
  act<T>(index: number, name: string, action: (now: Instant) => T): T {
    return this.#step(index, { type: 'act', name }, () => action(this.#now));
  }

  /** Timed mode: a datagram that no device here has sent; no fault meets it. */
  inject(bytes: Uint8Array, path: Path): void {
    const { id } = this.medium.launch(OUTSIDE, bytes, path);
    this.#arrivals.add(this.#now + (this.#config.latency ?? DEFAULT_LATENCY), id);
  }

  /** Delivers a datagram now; false if nothing is at its destination, where it is lost. */
  deliver(id: number): boolean {
    const packet = this.medium.take(id);
    if (packet === undefined) return false;
    const index = this.#byAddress.get(packet.path.destination);
    if (index === undefined) return false;
    const nic = this.nic(index);
    const { bytes, path } = packet;
    if (this.#config.observer === undefined) nic.receive(bytes, path, this.#now);
    else this.#step(index, { type: 'packet', packet }, () => nic.receive(bytes, path, this.#now));
    return true;
  }

  /** Gives a device its turn: timers that are due fire, at most `budget` packets go out. */
  tick(index: number, budget?: number): void {
    const nic = this.nic(index);
    if (this.#config.observer === undefined) nic.tick(this.#now, budget);
    else this.#step(index, { type: 'tick' }, () => nic.tick(this.#now, budget));
  }

  /** Fires one timer of a QP, due or not. */
  expire(index: number, qpn: number, timer: RcTimer): void {
    const nic = this.nic(index);
    const qp = nic.qp(qpn);
    if (qp === undefined) throw new RangeError(`no QP ${qpn} at device ${index}`);
    this.#step(index, { type: 'timer', qpn, timer }, () => nic.expire(qp, timer, this.#now));
  }

  /** Moves the clock of a scripted world. */
  advanceTo(instant: Instant): void {
    if (instant > this.#now) this.#now = instant;
  }

  /** Timed mode: lets things happen until `done`, or nothing is left to happen, or `deadline` has come; says which. */
  run(done: () => boolean, deadline: Instant = NEVER): 'done' | 'quiet' | 'deadline' {
    for (;;) {
      if (done()) return 'done';
      const next = this.#nextInstant();
      if (next === NEVER) return 'quiet';
      if (next > deadline) {
        this.advanceTo(deadline);
        return 'deadline';
      }
      this.advanceTo(next);
      this.#happen();
    }
  }

  /** Timed mode: lets things happen for a while. */
  runFor(nanoseconds: number): void {
    const until = this.#now + nanoseconds;
    this.run(() => false, until);
    this.advanceTo(until);
  }

  #nextInstant(): Instant {
    let next = this.#arrivals.next;
    for (const { index, nic } of this.#alive) next = Math.min(next, this.#turnOf(index, nic));
    return next;
  }

  /** When a device has its next turn. */
  #turnOf(index: number, { nextWake }: Nic): Instant {
    return Math.max(nextWake, this.#restsUntil[index] ?? 0);
  }

  /** All that is due now: turns of devices in their order, then one arrival. */
  #happen(): void {
    for (const { index, nic } of this.#alive) {
      if (this.#turnOf(index, nic) > this.#now) continue;
      const { packetsSent } = nic.counters;
      this.tick(index, MOST_AT_ONCE);
      if (nic.counters.packetsSent - packetsSent >= MOST_AT_ONCE)
        this.#restsUntil[index] = this.#now + (this.#config.latency || DEFAULT_LATENCY);
    }
    const id = this.#arrivals.due(this.#now);
    if (id !== undefined) this.deliver(id);
  }

  #transmit(from: number, datagram: Uint8Array, path: Path): void {
    const packet = this.medium.launch(from, datagram, path);
    this.#config.onSend?.(packet);
    if (this.#config.observer !== undefined) this.#outputs.push(packet);
    if (this.#config.mode === 'timed') this.#schedule(packet);
  }

  #schedule(packet: InFlight): void {
    let at = this.#now + (this.#config.latency ?? DEFAULT_LATENCY);
    const faults = this.#faults.of(packet);
    if (faults === undefined) {
      this.#arrivals.add(at, packet.id);
      return;
    }
    if (faults.some(({ kind }) => kind === 'drop')) {
      this.medium.take(packet.id);
      return;
    }
    for (const fault of faults) if (fault.kind === 'delay') at += fault.by;
    this.#arrivals.add(at, packet.id);
    for (const fault of faults) {
      if (fault.kind === 'duplicate') this.#arrivals.add(at + fault.after, this.medium.copy(packet).id);
    }
  }

  #step<T>(nic: number, input: Input, action: () => T): T {
    const { observer } = this.#config;
    if (observer === undefined) return action();
    const step: WorldStep = { at: this.#now, nic, device: this.nic(nic), input };
    observer.before(step);
    const result = action();
    const outputs = this.#outputs;
    this.#outputs = [];
    observer.after(step, { outputs, result });
    return result;
  }
}
