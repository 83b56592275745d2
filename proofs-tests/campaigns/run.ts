/** One run of the implementation in the simulated world, as plain data: a file, a value of fast-check, what a violation is reported by. */
import { z } from 'zod';
import { MTUS } from '../../impl/wire/mtu.ts';

const sideSchema = z.enum(['A', 'B']);
const ns = z.int().min(0);
const psn = z.int().min(0).max(0xffffff);

/** A SEND where `op` is not there; with immediate data where `imm` is. An ATOMIC has 8 bytes. */
const messageSchema = z.strictObject({
  op: z.enum(['SEND', 'WRITE', 'READ', 'ATOMIC']).exactOptional(),
  bytes: z.int().min(0).max(65536),
  imm: z.int().min(0).max(0xffffffff).exactOptional(),
});

const streamSchema = z.strictObject({
  firstPsn: psn,
  /** By connection, what is sent on it, in this order. */
  messages: z.array(z.array(messageSchema).max(64)).min(1).max(8),
});

/** Device 0 is A's first host, 1 is B's; 2, 3, ... are the targets of the moves, in their order. */
const place = { nic: z.int().min(0).max(8), packet: z.int().min(0) };
const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({ ...place, kind: z.literal('drop') }),
  z.strictObject({ ...place, kind: z.literal('duplicate'), after: ns }),
  z.strictObject({ ...place, kind: z.literal('delay'), by: ns }),
]);

const moveSchema = z.strictObject({
  side: sideSchema,
  /** After this many events since the start, or since the move before it has settled. */
  afterEvents: z.int().min(0),
  /** Nanoseconds for which the move before it has to have settled; left out: until its packets have all arrived. */
  settled: ns.exactOptional(),
  /** Nanoseconds from stop to resume. */
  blackout: ns,
  /** When the old copy goes. */
  oldCopyGoes: z.enum(['at dump', 'at resume', 'never']),
});

export const runSchema = z.strictObject({
  version: z.literal(1),
  kind: z.literal('run'),
  /** What a file that was written by a campaign shows; left out by hand. */
  says: z.string().exactOptional(),
  violates: z.string().exactOptional(),
  seed: z.int().exactOptional(),
  mtu: z.literal([...MTUS]),
  window: z.int().min(1).max(64),
  /** ACK timeout code, 1 to 31. */
  timeout: z.int().min(1).max(20),
  retryCnt: z.int().min(0).max(7),
  rnrRetry: z.int().min(0).max(7),
  /** RNR timer code. */
  rnrTimer: z.int().min(0).max(31),
  /** Sends that a consumer has posted at once on each connection. */
  depth: z.int().min(1).max(64),
  /** Receives posted at the start on each connection; the rest comes at the instant `at`. */
  receives: z.strictObject({ early: z.int().min(0).max(64), at: ns }),
  sends: z.strictObject({ A: streamSchema, B: streamSchema }),
  moves: z.array(moveSchema).max(4),
  faults: z.array(faultSchema),
});

export type Run = Readonly<z.output<typeof runSchema>>;
export type RunMessage = z.output<typeof messageSchema>;
export type Move = z.output<typeof moveSchema>;

/** Nanoseconds: enough for a packet to be overtaken by some. */
export const SHORT = 5_000;
