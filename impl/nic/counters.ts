// Owns what a device counts. Chapter 40.
import { ADMISSION_DROPS, type AdmissionDrop, type Tally } from '../qp/qp-core.ts';
import { DROP_REASONS, type DropReason } from '../wire/drop-reason.ts';

/** Every reason for which a packet is dropped: by the decoder, or on the way to its QP. */
export type PacketDrop = DropReason | AdmissionDrop;

export type Counters = {
  packetsSent: number;
  packetsReceived: number;
  bytesSent: number;
  bytesReceived: number;
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

const noDrops = (): Record<PacketDrop, number> => {
  const drops: Partial<Record<PacketDrop, number>> = {};
  for (const reason of [...DROP_REASONS, ...ADMISSION_DROPS]) drops[reason] = 0;
  return drops as Record<PacketDrop, number>;
};

export const makeCounters = (): Counters => ({
  packetsSent: 0,
  packetsReceived: 0,
  bytesSent: 0,
  bytesReceived: 0,
  cnps: 0,
  drops: noDrops(),
  tallies: { ...TALLIES },
});
