// Owns what a queue pair of every type is made of, and what it asks of its device. Chapter 20.
import type { KeyTable } from '../memory/key-table.ts';
import type { IpAddress } from '../wire/address.ts';
import type { Mtu } from '../wire/mtu.ts';
import { type Pkey, type Qpn, qpn } from '../wire/numbers.ts';
import type { Packet } from '../wire/packet.ts';
import type { Path } from '../wire/path.ts';
import type { AsyncEvent } from './async-event.ts';
import { type QpAttributes, type QpCap, RESET_ATTRIBUTES } from './attributes.ts';
import type { CompletionQueue } from './completion-queue.ts';
import { type Instant, NEVER } from './instant.ts';
import { type MigrationState, RUNNING } from './migration-state.ts';
import { makeRecvWqe, ReceiveQueue, type RecvWqe } from './receive-queue.ts';
import { SendQueue, type SendWqe } from './send-queue.ts';
import type { SharedReceiveQueue } from './shared-receive-queue.ts';
import type { QpState, QpType } from './state.ts';

/** Why a packet that decoded was dropped after all. */
export const ADMISSION_DROPS = [
  /** No QP has the number. */
  'UNKNOWN_QPN',
  /** The opcode is of another transport than the QP. */
  'WRONG_SERVICE',
  'WRONG_PKEY',
  /** UD. */
  'WRONG_QKEY',
  /** Not from the address of the QP's peer. */
  'WRONG_SOURCE',
  /** To another address of the device than the QP's. */
  'WRONG_DESTINATION',
  /** The QP's state does not process such packets, or it is about to go to ERR. */
  'QP_STATE',
  /** The QP has stopped for a migration. */
  'QP_STOPPED',
  /** RC: beyond a gap that has been NAKed. UC: inside a message of which something is missing. */
  'OUT_OF_SEQUENCE',
  /** A request executed before that does not ask for an answer. */
  'DUPLICATE',
  /** A response to nothing that is unanswered. */
  'OUTSIDE_WINDOW',
  /** A NAK of what is already being sent again, or waited for. */
  'NAK_HANDLED',
  /** A READ, atomic, FLUSH or ATOMIC WRITE again whose answer is no longer kept, or that is not the same. */
  'NO_RESOURCE',
  /** UC, UD: no receive was posted. */
  'NO_RECEIVE',
  /** UC, UD: it does not fit the message, the receive or what its key opens. */
  'NOT_ALLOWED',
] as const;
export type AdmissionDrop = (typeof ADMISSION_DROPS)[number];

/** What happened beside the work itself, counted per device. */
export type Tally =
  | 'retransmissions'
  | 'ackTimeouts'
  | 'rnrTimeouts'
  | 'sequenceNaksSent'
  | 'rnrNaksSent'
  | 'nakStoppedSent'
  | 'impliedNaks'
  | 'resumesSent';

/** What a QP asks of the device it lives in. */
export type QpDevice = {
  readonly keys: KeyTable;
  /** Unanswered request packets allowed to an RC requester. */
  readonly window: number;
  readonly addresses: readonly IpAddress[];
  /** Largest packet payload of the port, bytes. */
  readonly portMtu: Mtu;
  /** The UDP source port of every packet, where the host has one socket for all; undefined: each QP has its own. */
  readonly sourcePort: number | undefined;
  /** Encodes and sends at once; the packet record may be reused when it returns. */
  transmit(packet: Packet, path: Path): void;
  raise(event: AsyncEvent): void;
  /** The QP has something to send: it is to be run soon. */
  schedule(qp: QpCore): void;
  drop(reason: AdmissionDrop): void;
  tally(what: Tally): void;
  /** Invalidates what an R_Key opens; false if it cannot be. */
  invalidate(qp: QpCore, key: number): boolean;
  /** Executes BIND_MW; false if it cannot be. */
  bindWindow(qp: QpCore, wqe: SendWqe): boolean;
};

/** How far the send queue of a QP in SQD has come. */
export type Draining = 'NO' | 'DRAINING' | 'DRAINED';

/** What all types have. Mutated by its engines and by the verbs, nobody else. */
export type QpCore = {
  readonly type: QpType;
  readonly qpn: Qpn;
  readonly pd: number;
  readonly cap: QpCap;
  readonly sqSigAll: boolean;
  readonly sendCq: CompletionQueue;
  readonly recvCq: CompletionQueue;
  readonly srq: SharedReceiveQueue | undefined;
  readonly sq: SendQueue;
  /** Unused when there is an SRQ. */
  readonly rq: ReceiveQueue;
  readonly device: QpDevice;
  state: QpState;
  migration: MigrationState;
  attributes: QpAttributes;
  pkey: Pkey;
  /** The way to the peer of a connected QP; undefined before it is known. */
  path: Path | undefined;
  peerQpn: Qpn;
  draining: Draining;
  /** COMM_EST has been raised. */
  established: boolean;
  /** The receive whose message is arriving; undefined between messages. */
  held: RecvWqe | undefined;
  /** An entry to leave in the receive queue in exchange for the next one taken. */
  spare: RecvWqe;
  /** Whether the device will run it soon. */
  scheduled: boolean;
  /** When the device will look at its timers next. */
  wakeAt: Instant;
};

export type QpCoreConfig = Pick<
  QpCore,
  'qpn' | 'pd' | 'cap' | 'sqSigAll' | 'sendCq' | 'recvCq' | 'srq' | 'device' | 'pkey'
>;

/** A QP in RESET. */
export const makeQpCore = <Type extends QpType>(
  type: Type,
  config: QpCoreConfig,
): QpCore & { readonly type: Type } => ({
  type,
  qpn: config.qpn,
  pd: config.pd,
  cap: config.cap,
  sqSigAll: config.sqSigAll,
  sendCq: config.sendCq,
  recvCq: config.recvCq,
  srq: config.srq,
  sq: new SendQueue(config.cap.maxSendWr),
  rq: new ReceiveQueue(config.srq === undefined ? config.cap.maxRecvWr : 0, config.cap.maxRecvSge),
  device: config.device,
  state: 'RESET', //= QP-1
  migration: RUNNING,
  attributes: RESET_ATTRIBUTES,
  pkey: config.pkey,
  path: undefined,
  peerQpn: qpn(0),
  draining: 'NO',
  established: false,
  held: undefined,
  spare: makeRecvWqe(),
  scheduled: false,
  wakeAt: NEVER,
});

/** The address of a connected QP's peer; undefined before it is known. */
export const peerOf = (qp: QpCore): IpAddress | undefined => qp.path?.destination;
