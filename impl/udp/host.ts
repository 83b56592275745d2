// Owns a device's life on a real network: socket, clock, timers, and packet loss on demand.
import { Nic, type NicConfig } from '../nic/nic.ts';
import { type Instant, NEVER } from '../qp/instant.ts';
import type { IpAddress } from '../wire/address.ts';
import { type Path, ROCE_PORT } from '../wire/path.ts';
import { chance } from './chance.ts';
import { openTransport, type TransportKind } from './open.ts';
import type { Receiver, Transport } from './transport.ts';

export type HostConfig = {
  /** An address of this machine, such as any of 127.0.0.0/8 or ::1; UDP port 4791 of it must be free. */
  readonly address: IpAddress;
  /** Default: the fastest there is. */
  readonly transport?: TransportKind;
  /** Share of arriving datagrams dropped at random before the device sees them, 0..1; default 0. */
  readonly loss?: number;
  /** Seed of the loss; default 1. */
  readonly seed?: number;
  /** Everything else of the device. */
  readonly nic?: Omit<NicConfig, 'addresses' | 'sourcePort'>;
  /** Told of each packet as it goes out; the bytes are valid during the call only. */
  readonly onTransmit?: (datagram: Uint8Array, path: Path) => void;
  /** Called after each turn of the device, when there may be completions to poll. */
  readonly onActivity?: () => void;
};

/** Packets the device may send before the socket is read again. */
const TURN = 256;

/** Nanoseconds per millisecond. */
const MS = 1e6;

/** A device on UDP port 4791 of one address. Runs on the event loop of the thread that opened it. */
export class UdpHost {
  readonly nic: Nic;
  readonly #config: HostConfig;
  readonly #random: () => number;
  readonly #startMs = performance.now();
  #transport: Transport | undefined;
  /** Between the first arrival of a batch and the end of the turn behind it: what the device wants soon it will get then. */
  #busy = false;
  /** The device is at work now, further up the stack. */
  #inside = false;
  #now: Instant = 0;
  #armedFor: Instant = NEVER;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #dropped = 0;

  private constructor(config: HostConfig) {
    this.#config = config;
    this.#random = chance(config.seed ?? 1);
    // One socket for all QPs: packets leave from the port they arrive at (DEV-24).
    this.nic = new Nic(
      { ...config.nic, addresses: [config.address], sourcePort: ROCE_PORT },
      {
        room: (length) => this.#transport?.room(length),
        transmit: (datagram, path) => this.#transmit(datagram, path),
        wakeAt: (instant) => this.#wakeAt(instant),
      },
    );
  }

  /** Throws TransportError if the address cannot be bound. */
  static async open(config: HostConfig): Promise<UdpHost> {
    const host = new UdpHost(config);
    host.#transport = await openTransport(config.address, host.#receiver(), config.transport);
    return host;
  }

  /** The device's time, nanoseconds since the host was made. */
  get now(): Instant {
    return this.#busy ? this.#now : this.#realNow();
  }

  #realNow(): Instant {
    return Math.round((performance.now() - this.#startMs) * MS);
  }

  /** Datagrams dropped on purpose. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Counters of the socket. */
  get socket(): Transport['counters'] | undefined {
    return this.#transport?.counters;
  }

  /** Stops the clock, closes the device and frees the port. The device's objects live on, unreachable. */
  async close(): Promise<void> {
    this.nic.close();
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    const transport = this.#transport;
    this.#transport = undefined;
    await transport?.close();
  }

  /** A turn now, for programs that do not wait for the event loop; nothing from inside a turn. */
  poll(): void {
    if (!this.#inside) this.#transport?.poll();
  }

  #receiver(): Receiver {
    const { loss = 0 } = this.#config;
    return {
      datagram: (bytes, path, slot) => {
        if (loss > 0 && this.#random() < loss) {
          this.#dropped++;
          return;
        }
        if (!this.#busy) this.#now = this.#realNow();
        this.#busy = true;
        this.#inside = true;
        this.nic.receive(bytes, path, this.#now, slot);
        this.#inside = false;
      },
      // Timers fire only when everything has been read: an answer that waits in the socket must not look late.
      batchEnd: (last) => (last ? this.#turn() : this.#transport?.flush()),
    };
  }

  #transmit(datagram: Uint8Array, path: Path): void {
    this.#config.onTransmit?.(datagram, path);
    this.#transport?.send(datagram, path.destination);
  }

  #wakeAt(instant: Instant): void {
    if (this.#busy) return;
    if (instant === 0) this.#immediate ??= setImmediate(() => this.#look());
    else this.#arm(instant);
  }

  #arm(instant: Instant): void {
    if (instant >= this.#armedFor) return;
    clearTimeout(this.#timer);
    this.#armedFor = instant;
    const ms = Math.max(1, Math.ceil((instant - this.#realNow()) / MS));
    this.#timer = setTimeout(() => {
      this.#armedFor = NEVER;
      this.#look();
    }, ms);
  }

  /** Reads what has arrived before any timer fires; the turn follows. */
  #look(): void {
    this.#immediate = undefined;
    this.#transport?.poll();
  }

  /** Timers that are due, packets that may go, completions for the consumer, packets that this has caused. */
  #turn(): void {
    if (this.#transport === undefined) return;
    this.#now = this.#realNow();
    this.#busy = true;
    this.#inside = true;
    this.nic.tick(this.#now, TURN);
    this.#config.onActivity?.();
    if (this.nic.nextWake === 0) this.nic.tick(this.#now, TURN);
    this.#transport?.flush();
    this.#inside = false;
    this.#busy = false;
    const next = this.nic.nextWake;
    if (next === 0) this.#wakeAt(0);
    else if (next !== NEVER) this.#arm(next);
  }
}
