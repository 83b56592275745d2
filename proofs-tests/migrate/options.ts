// Owns what a live migration run can be asked for, with its bounds.
import { z } from 'zod';

export const WORKLOADS = ['send', 'send-imm'] as const;
export type Workload = (typeof WORKLOADS)[number];

/** Bounds are those of the machine rather than of the protocol: a QP costs both ends about 50 KB of registered memory. */
export const migrateOptions = z.strictObject({
  /** Queue pairs between source and peer. */
  qps: z.int().min(1).max(4096).default(4),
  /** Share of packets dropped at random, 0..1, at every host on receipt. */
  loss: z.number().min(0).max(1).default(0.02),
  /** Messages per QP and direction. */
  messages: z.int().min(1).max(1_000_000).default(2000),
  seed: z.int().min(0).max(0xffffffff).default(1),
  workload: z.enum(WORKLOADS).default('send'),
  /** File that gets every packet sent, as pcapng. */
  pcap: z.string().min(1).optional(),
});

export type MigrateOptions = z.infer<typeof migrateOptions>;
