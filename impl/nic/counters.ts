// Owns what a device counts. Chapter 40.
import type { AdmissionDrop, Tally } from '../qp/qp-core.ts';
import type { DropReason } from '../wire/drop-reason.ts';

/** Every reason for which a packet is dropped: by the decoder, or on the way to its QP. */
export type PacketDrop = DropReason | AdmissionDrop;

/** Bytes are those of UDP payloads. */
export type Counters = {
  packetsSent: number;
  packetsReceived: number;
  bytesSent: number;
  bytesReceived: number;
  /** Congestion notification packets received. */
  cnps: number;
  readonly drops: Record<PacketDrop, number>;
  readonly tallies: Record<Tally, number>;
};

const TALLIES: Readonly<Record<Tally, number>> = {
  retransmissions: 0,
  ackTimeouts: 0,
  rnrTimeouts: 0,
  sequenceNaksSent: 0,
  rnrNaksSent: 0,
  nakStoppedSent: 0,
  impliedNaks: 0,
  resumesSent: 0,
};

/** Written out: a record that is filled name by name becomes a table, slow to copy and to count in. */
const DROPS: Readonly<Record<PacketDrop, number>> = {
  TOO_SHORT: 0,
  TOO_LONG: 0,
  UNALIGNED_LENGTH: 0,
  BAD_ICRC: 0,
  BAD_TVER: 0,
  UNKNOWN_OPCODE: 0,
  TRUNCATED_HEADERS: 0,
  PAD_EXCEEDS_PAYLOAD: 0,
  PAD_NOT_ZERO: 0,
  TRAILING_BYTES: 0,
  BAD_PAYLOAD_LENGTH: 0,
  UNKNOWN_QPN: 0,
  WRONG_SERVICE: 0,
  WRONG_PKEY: 0,
  WRONG_QKEY: 0,
  WRONG_SOURCE: 0,
  WRONG_DESTINATION: 0,
  QP_STATE: 0,
  QP_STOPPED: 0,
  OUT_OF_SEQUENCE: 0,
  DUPLICATE: 0,
  OUTSIDE_WINDOW: 0,
  NAK_HANDLED: 0,
  NO_RESOURCE: 0,
  NO_RECEIVE: 0,
  NOT_ALLOWED: 0,
};

export const makeCounters = (): Counters => ({
  packetsSent: 0,
  packetsReceived: 0,
  bytesSent: 0,
  bytesReceived: 0,
  cnps: 0,
  drops: { ...DROPS },
  tallies: { ...TALLIES },
});
