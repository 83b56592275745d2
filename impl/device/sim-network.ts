// Owns a simulated network that runs by itself, and its devices. Chapter 40.
import type { NicConfig } from '../nic/nic.ts';
import type { Instant } from '../qp/instant.ts';
import type { FaultSchedule } from '../sim/faults.ts';
import { World } from '../sim/world.ts';
import type { Device } from './device.ts';

export type SimNetworkConfig = {
  /** Nanoseconds from one device to another, by the network's own clock; default 1000. */
  readonly latency?: number;
  /** Which packets are lost, doubled or delayed; devices are numbered in the order of their opening, from 0. */
  readonly faults?: FaultSchedule;
};

/**
 * Devices in one process, with a clock of their own: it stands while the program computes, and leaps to the next event
 * whenever the event loop turns. Every packet crosses as bytes with its ICRC.
 */
export class SimNetwork {
  readonly #world: World;
  #immediate: NodeJS.Immediate | undefined;

  constructor(config: SimNetworkConfig = {}) {
    this.#world = new World({ ...config, nics: [], mode: 'timed', onWake: () => this.#soon() });
  }

  /** Nanoseconds since the start. */
  get now(): Instant {
    return this.#world.now;
  }

  /**
   * A device at addresses of this network; one that shares an address with an older device takes it over. Throws TypeError
   * unless they are addresses of one host, one of each family at most.
   */
  openDevice(config: NicConfig): Device {
    const index = this.#world.add(config);
    const nic = this.#world.nic(index);
    return {
      kind: 'sim',
      addresses: nic.addresses,
      counters: nic.counters,
      open: () => nic.open(),
      progress: () => this.#step(),
      close: async () => {
        this.#world.remove(index);
        nic.close();
      },
    };
  }

  #soon(): void {
    this.#immediate ??= setImmediate(() => {
      this.#immediate = undefined;
      this.#step();
    });
  }

  /** One instant, and the program has its say before time goes on. */
  #step(): void {
    let stepped = false;
    const end = this.#world.run(() => {
      const before = stepped;
      stepped = true;
      return before;
    });
    if (end === 'done') this.#soon();
  }
}
