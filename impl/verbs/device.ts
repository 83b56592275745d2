// Owns what the verbs ask of a device. Chapter 40.
import type { AsyncEvent } from '../qp/async-event.ts';
import type { AdmissionDrop, QpCore, QpDevice } from '../qp/qp-core.ts';
import type { SendWqe } from '../qp/send-queue.ts';
import type { MigrationProtocol } from '../rc/migration-protocol.ts';
import type { RcQp } from '../rc/rc-qp.ts';
import type { UcQp } from '../uc/uc-qp.ts';
import type { UdQp } from '../ud/ud-qp.ts';
import type { Mtu } from '../wire/mtu.ts';
import type { Pkey, Qpn } from '../wire/numbers.ts';

/** `ibv_device_attr`, as far as this device has it. */
export type DeviceLimits = {
  /** Work requests in a queue of a QP. */
  readonly maxQpWr: number;
  /** Pieces in a scatter/gather list. */
  readonly maxSge: number;
  /** Bytes of an inline send. */
  readonly maxInlineData: number;
  /** Entries of a CQ. */
  readonly maxCqe: number;
  /** Receives in an SRQ. */
  readonly maxSrqWr: number;
  /** Highest MAX_QP_RD_ATOMIC and MAX_DEST_RD_ATOMIC. */
  readonly maxQpRdAtom: number;
  /** Bytes of the longest message. */
  readonly maxMsgSize: number;
  /** Largest path MTU of the port, bytes. */
  readonly maxMtu: Mtu;
};

export const DEFAULT_LIMITS: DeviceLimits = {
  maxQpWr: 16384,
  maxSge: 32,
  maxInlineData: 400,
  maxCqe: 1 << 20,
  maxSrqWr: 16384,
  maxQpRdAtom: 128,
  maxMsgSize: 2 ** 31,
  maxMtu: 4096,
};

/** The transport side of a QP. */
export type QpEngine = RcQp | UcQp | UdQp;

/** Whom a QP belongs to: told of its async events, asked for what has a handle. */
export type QpOwner = {
  raise(event: AsyncEvent): void;
  /** Executes BIND_MW; false if it cannot be. */
  bindWindow(qp: QpCore, wqe: SendWqe): boolean;
};

/** `ibv_port_state`, as far as this port has them. */
export type PortState = 'ACTIVE' | 'DOWN';

export type VerbsDevice = QpDevice & {
  readonly port: PortState;
  readonly limits: DeviceLimits;
  /** Packets dropped, by reason. */
  readonly counters: { readonly drops: Readonly<Record<AdmissionDrop, number>> };
  /** The port's P_Key table. */
  readonly pkeys: readonly Pkey[];
  readonly protocol: MigrationProtocol;
  /** A QPN that no QP has; undefined if none is left. */
  freeQpn(): Qpn | undefined;
  hasQpn(qpn: Qpn): boolean;
  /** From now on packets for the QP's number reach it, and its events reach the owner. */
  attach(qp: QpEngine, owner: QpOwner): void;
  detach(qp: QpEngine): void;
  /** A protection domain number, unique on the device. */
  freePd(): number;
  /** A QP's timers were changed from outside: look at them, and give it a turn. */
  touch(qp: QpEngine): void;
  /** Has `action` done when the engines are at rest. */
  defer(action: () => void): void;
};
