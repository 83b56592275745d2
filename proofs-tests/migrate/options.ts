// Owns what a live migration run can be asked for.

/**
 * `send`: SENDs. `send-imm`: every second one with immediate data. `mixed`: the same, and each is followed by a WRITE, a
 * READ and an atomic on the other end's memory.
 */
export const WORKLOADS = ['send', 'send-imm', 'mixed'] as const;
export type Workload = (typeof WORKLOADS)[number];

/** Bounds of the machine rather than of the protocol: a QP costs both ends about 25 KB of registered memory. */
export const LIMITS = { qps: 4096, messages: 1_000_000 } as const;

export type MigrateOptions = {
  /** Queue pairs between source and peer, 1 to LIMITS.qps. */
  readonly qps: number;
  /** Share of packets dropped at random at every host on receipt, 0..1. */
  readonly loss: number;
  /** Messages per QP and direction, 1 to LIMITS.messages. */
  readonly messages: number;
  /** 32 bits. */
  readonly seed: number;
  readonly workload: Workload;
  /** File that gets every packet sent, as pcapng. */
  readonly pcap?: string;
};

/** What `godwit migrate` runs without flags. */
export const DEFAULTS: MigrateOptions = { qps: 4, loss: 0.02, messages: 2000, seed: 1, workload: 'send' };

/** Messages of a run that was given no number, both directions and all QPs together; and fewest of a QP and direction. */
const MESSAGES = 16_000;
const FEWEST = 40;

/** Messages per QP and direction that make a run of some seconds, whatever the number of QPs. */
export const messagesFor = (qps: number): number =>
  Math.max(FEWEST, Math.min(DEFAULTS.messages, Math.floor(MESSAGES / (2 * qps))));
