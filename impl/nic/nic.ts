// Owns the device: a shell around its QPs, without clock or socket. Packets and time come in, packets go out.
import { KeyTable } from '../memory/key-table.ts';
import type { AsyncEvent } from '../qp/async-event.ts';
import { type Instant, NEVER } from '../qp/instant.ts';
import type { AdmissionDrop, QpCore, Tally } from '../qp/qp-core.ts';
import type { SendWqe } from '../qp/send-queue.ts';
import { fireRcTimer, type RcTimer } from '../rc/engine.ts';
import type { MigrationProtocol } from '../rc/migration-protocol.ts';
import { TARDIS } from '../rc/tardis.ts';
import type { Context } from '../verbs/context.ts';
import {
  DEFAULT_LIMITS,
  type DeviceLimits,
  type PortState,
  type QpEngine,
  type QpOwner,
  type VerbsDevice,
} from '../verbs/device.ts';
import { invalidateWindow } from '../verbs/mw.ts';
import type { IpAddress } from '../wire/address.ts';
import { Decoder } from '../wire/decode.ts';
import { encodePacketInto, packetBytes } from '../wire/encode.ts';
import type { Mtu } from '../wire/mtu.ts';
import { DEFAULT_PKEY, type Pkey, type Qpn } from '../wire/numbers.ts';
import type { OpcodeInfo } from '../wire/opcode.ts';
import type { Packet } from '../wire/packet.ts';
import type { Path } from '../wire/path.ts';
import { pkeysMatch } from '../wire/pkey-match.ts';
import { portAddresses } from './addresses.ts';
import { Contexts } from './contexts.ts';
import { type Counters, makeCounters } from './counters.ts';
import { QpTable } from './qp-table.ts';
import { Room } from './room.ts';
import { TimerQueue } from './timer-queue.ts';
import { deadlineOf, receiveAt, runQp, tickQp } from './transports.ts';

/** What the host of a device does for it. */
export type NicSink = {
  /** Where a datagram of so many bytes is to be written; undefined, or no such method: the device has room of its own. */
  room?(length: number): Uint8Array | undefined;
  /** `datagram` is to go out by `path`; its bytes are reused when this returns. */
  transmit(datagram: Uint8Array, path: Path): void;
  /** `tick` is wanted at `instant`, which is earlier than what was wanted before; 0: as soon as possible. */
  wakeAt(instant: Instant): void;
};

export type NicConfig = {
  /** Its addresses, at most one of each family. */
  readonly addresses: readonly IpAddress[];
  readonly pkeys?: readonly Pkey[];
  readonly limits?: Partial<DeviceLimits>;
  /** Unanswered request packets allowed to an RC requester. */
  readonly window?: number;
  /** The UDP source port of every packet, where the host has one socket for all; else each QP has its own. */
  readonly sourcePort?: number;
  readonly protocol?: MigrationProtocol;
  /** The QPN given first; later ones follow. */
  readonly firstQpn?: number;
};

const DEFAULT_WINDOW = 64;
/** Packets a QP may send before the next one's turn. */
const TURN = 16;

export class Nic implements VerbsDevice {
  /** The port's GID table. */
  readonly addresses: readonly IpAddress[];
  readonly portMtu: Mtu;
  readonly pkeys: readonly Pkey[];
  readonly limits: DeviceLimits;
  readonly window: number;
  readonly sourcePort: number | undefined;
  readonly protocol: MigrationProtocol;
  readonly keys = new KeyTable();
  readonly counters: Counters = makeCounters();
  readonly #sink: NicSink;
  readonly #decoder = new Decoder();
  readonly #qps: QpTable;
  readonly #timers = new TimerQueue<QpEngine>();
  readonly #room = new Room();
  #ready: QpEngine[] = [];
  #deferred: (() => void)[] = [];
  readonly #contexts = new Contexts(this);
  #port: PortState = 'ACTIVE';
  #lastPd = 0;
  #announced: Instant = NEVER;

  constructor(config: NicConfig, sink: NicSink) {
    this.addresses = portAddresses(config.addresses);
    this.pkeys = config.pkeys ?? [DEFAULT_PKEY];
    this.limits = { ...DEFAULT_LIMITS, ...config.limits };
    this.portMtu = this.limits.maxMtu;
    this.window = config.window ?? DEFAULT_WINDOW;
    this.sourcePort = config.sourcePort;
    this.protocol = config.protocol ?? TARDIS;
    this.#qps = new QpTable(config.firstQpn);
    this.#sink = sink;
  }

  /** `ibv_open_device`. Of a closed device: a context that is closed. */
  open(): Context {
    return this.#contexts.open();
  }

  /** Off its network for good: whoever waits here learns it. Closing twice changes nothing. */
  close(): void {
    this.#contexts.close();
  }

  //= VRB-62
  /** The port has gone down or come back. Timers run on: to the peers it is a network that loses everything. */
  setPort(state: PortState): void {
    if (state === this.#port) return;
    this.#port = state;
    this.#contexts.raise({ type: state === 'ACTIVE' ? 'PORT_ACTIVE' : 'PORT_ERR', port: 1 });
  }

  get port(): PortState {
    return this.#port;
  }

  //= VRB-60, VRB-61
  /**
   * A datagram has come to UDP port 4791 by `path`. It is not kept: its bytes may be reused when this returns.
   * `slot`: the number of the buffer that it begins, if that is one of a few which are filled again and again.
   */
  receive(datagram: Uint8Array, path: Path, now: Instant, slot?: number): void {
    if (this.#port === 'DOWN') return;
    const { counters } = this;
    counters.packetsReceived++;
    counters.bytesReceived += datagram.length;
    const decoded = this.#decoder.decode(datagram, path, slot);
    if (decoded.ok) this.#deliver(decoded.packet, this.#decoder.info, path, now);
    else counters.drops[decoded.reason]++;
    if (this.#deferred.length > 0) this.#settle();
  }

  /** Fires the timers that are due and gives every QP that has something to send its turns, up to `budget` packets. */
  tick(now: Instant, budget = Number.POSITIVE_INFINITY): void {
    this.#announced = NEVER;
    for (let qp = this.#timers.due(now); qp !== undefined; qp = this.#timers.due(now)) {
      if (!this.#qps.holds(qp)) continue;
      tickQp(qp, now);
      this.#watch(qp);
    }
    this.#runReady(now, budget);
    this.#settle();
  }

  /** When `tick` is wanted next: 0 as soon as possible, NEVER if nothing is to come. */
  get nextWake(): Instant {
    return this.#ready.length > 0 || this.#deferred.length > 0 ? 0 : this.#timers.next;
  }

  /** Fires one timer of an RC QP, due or not: for schedules in which the caller decides. */
  expire(qp: QpEngine, timer: RcTimer, now: Instant): void {
    if (qp.type === 'RC') fireRcTimer(qp, timer, now);
    this.#watch(qp);
    this.#settle();
  }

  /** Has the device look at a QP whose timers were changed from outside: it was stopped, restored or resumed. */
  touch(qp: QpEngine): void {
    this.#watch(qp);
    this.schedule(qp);
  }

  /** Its QPs, in the order of their creation. */
  get qps(): Iterable<QpEngine> {
    return this.#qps.list();
  }

  /** The QP of a number. */
  qp(number: number): QpEngine | undefined {
    return this.#qps.get(number);
  }

  freeQpn(): Qpn | undefined {
    return this.#qps.free();
  }

  hasQpn(number: Qpn): boolean {
    return this.#qps.has(number);
  }

  attach(qp: QpEngine, owner: QpOwner): void {
    this.#qps.add(qp, owner);
  }

  detach(qp: QpEngine): void {
    this.#qps.remove(qp);
  }

  freePd(): number {
    this.#lastPd++;
    return this.#lastPd;
  }

  defer(action: () => void): void {
    this.#deferred.push(action);
    this.#wake(0);
  }

  transmit(packet: Packet, path: Path): void {
    if (this.#port === 'DOWN') return;
    const length = packetBytes(packet);
    const datagram = this.#sink.room?.(length) ?? this.#room.of(length);
    encodePacketInto(packet, path, datagram, 0);
    this.counters.packetsSent++;
    this.counters.bytesSent += length;
    this.#sink.transmit(datagram, path);
  }

  raise(event: AsyncEvent): void {
    if ('qpNum' in event) this.#qps.owner(event.qpNum)?.raise(event);
  }

  schedule(qp: QpCore): void {
    if (qp.scheduled) return;
    const engine = this.#qps.get(qp.qpn);
    if (engine === undefined) return;
    qp.scheduled = true;
    this.#ready.push(engine);
    this.#wake(0);
  }

  drop(reason: AdmissionDrop): void {
    this.counters.drops[reason]++;
  }

  tally(what: Tally): void {
    this.counters.tallies[what]++;
  }

  invalidate(qp: QpCore, key: number): boolean {
    return invalidateWindow(this.keys, qp.qpn, key);
  }

  bindWindow(qp: QpCore, wqe: SendWqe): boolean {
    return this.#qps.owner(qp.qpn)?.bindWindow(qp, wqe) ?? false;
  }

  //= RC-80, RC-82
  #deliver(packet: Packet, info: OpcodeInfo, path: Path, now: Instant): void {
    if (info.role === 'notification') {
      this.counters.cnps++;
      return;
    }
    const qp = this.#qps.get(packet.destQp);
    if (qp === undefined) this.drop('UNKNOWN_QPN');
    else if (info.service !== qp.type) this.drop('WRONG_SERVICE');
    else if (!pkeysMatch(packet.pkey, qp.pkey)) this.drop('WRONG_PKEY');
    else if (qp.path !== undefined && path.destination !== qp.path.source) this.drop('WRONG_DESTINATION');
    else {
      receiveAt(qp, packet, info, path, now);
      this.#watch(qp);
    }
  }

  /** Looks at the QP again when the first of its timers fires. */
  #watch(qp: QpEngine): void {
    const deadline = deadlineOf(qp);
    if (deadline >= qp.wakeAt) return;
    this.#timers.await(qp, deadline);
    this.#wake(deadline);
  }

  #runReady(now: Instant, budget: number): void {
    let left = budget;
    while (this.#ready.length > 0 && left > 0) {
      const turn = this.#ready;
      this.#ready = [];
      for (const qp of turn) {
        qp.scheduled = false;
        if (!this.#qps.holds(qp)) continue;
        const allowed = left < TURN ? left : TURN;
        const sent = allowed === 0 ? 0 : runQp(qp, now, allowed);
        left -= sent;
        this.#watch(qp);
        if (sent === allowed) this.schedule(qp);
      }
    }
  }

  /** Does what had to wait until the engines were at rest. */
  #settle(): void {
    while (this.#deferred.length > 0) {
      const actions = this.#deferred;
      this.#deferred = [];
      for (const action of actions) action();
    }
  }

  #wake(instant: Instant): void {
    if (instant >= this.#announced) return;
    this.#announced = instant;
    this.#sink.wakeAt(instant);
  }
}
