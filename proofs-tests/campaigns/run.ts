/** One run of the implementation in the simulated world, as plain data: a file, a value of fast-check, what a violation is reported by. */
import { z } from 'zod';
import { MTUS } from '../../impl/wire/mtu.ts';

/** Packets that faults may single out. */
export const SINGLED = ['NAK_STOPPED', 'RESUME', 'ACK', 'NAK', 'RESPONSE'] as const;

const sideSchema = z.enum(['A', 'B']);
const ns = z.int().min(0);
const psn = z.int().min(0).max(0xffffff);

/** A SEND where `op` is not there; with immediate data where `imm` is. An ATOMIC has 8 bytes. */
const messageSchema = z.strictObject({
  op: z.enum(['SEND', 'WRITE', 'READ', 'ATOMIC']).exactOptional(),
  bytes: z.int().min(0).max(65536),
  imm: z.int().min(0).max(0xffffffff).exactOptional(),
  /** What is wrong with it: no memory of the sender; for a SEND, a receive of no memory; else no memory of the peer. */
  bad: z.enum(['at the sender', 'at the peer']).exactOptional(),
});

const streamSchema = z.strictObject({
  firstPsn: psn,
  /** By connection, what is sent on it, in this order. */
  messages: z.array(z.array(messageSchema).max(64)).min(1).max(8),
});

/** Device 0 is A's first host, 1 is B's; 2, 3, ... are the targets of the moves, in their order. */
const place = {
  nic: z.int().min(0).max(8),
  /** Its ordinal among all that the device sends; among those of a kind, where one is named. */
  packet: z.int().min(0),
  among: z.enum(SINGLED).exactOptional(),
};
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
  /** Counts events from the stop of the move before it: that may not be over, and ends before this one of the same side. */
  during: z.literal(true).exactOptional(),
  /** Nanoseconds from stop to resume. */
  blackout: ns,
  /** When the old copy goes; `dark`: with its host, at the dump. */
  oldCopyGoes: z.enum(['at dump', 'at resume', 'never', 'dark']),
  /** To the host that this side has left last, if there is one; left out: to a new one. */
  back: z.literal(true).exactOptional(),
  /** A stranger gets the QPNs at the old host when the copy there is gone. */
  reuse: z.literal(true).exactOptional(),
  /** How it ends, where not with the resume: the coordinator gives up, or the target fails. */
  fate: z
    .enum([
      'given up after the stop',
      'given up after the restore',
      'target dies before the resume',
      'target dies after the resume',
    ])
    .exactOptional(),
});

const end = { at: z.int().min(0), side: sideSchema, connection: z.int().min(0).max(7) };
/** What befalls an end of a connection after `at` events since the start. */
const deedSchema = z.discriminatedUnion('does', [
  /** Its consumer modifies the QP, whether or not its state allows it. */
  z.strictObject({ ...end, does: z.literal('modify'), to: z.enum(['RESET', 'INIT', 'RTR', 'RTS', 'SQD', 'ERR']) }),
  /** Its consumer posts the next send and the next receive, whatever the state. */
  z.strictObject({ ...end, does: z.literal('post') }),
  /** A packet arrives that nobody has sent: `psn` counts from what the end expects next of its peer. */
  z.strictObject({
    ...end,
    does: z.literal('forge'),
    what: z.enum(['NAK_STOPPED', 'RESUME', 'REQUEST']),
    source: z.enum(['peer', 'elsewhere']),
    psn: z.int().min(-8).max(8),
  }),
]);

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
  /** Sides whose QPs wait in RTR until a deed moves them to RTS, or nothing else is left to happen. */
  late: z.array(sideSchema).max(2).exactOptional(),
  deeds: z.array(deedSchema).max(32).exactOptional(),
  /** QPs of UC or UD beside the connections, numbered behind them, and what each end sends there: SENDs. */
  plain: z
    .array(
      z.strictObject({
        type: z.enum(['UC', 'UD']),
        A: z.array(messageSchema).max(16),
        B: z.array(messageSchema).max(16),
      }),
    )
    .max(2)
    .exactOptional(),
  /** How often a connection is reset at both ends and connected anew after one has failed; left out: never. */
  recoveries: z.int().min(0).max(3).exactOptional(),
});

export type Run = Readonly<z.output<typeof runSchema>>;
export type RunMessage = z.output<typeof messageSchema>;
export type Move = z.output<typeof moveSchema>;
export type PlainStream = NonNullable<Run['plain']>[number];
export type Deed = z.output<typeof deedSchema>;
export type RunFault = z.output<typeof faultSchema>;

/** Nanoseconds: enough for a packet to be overtaken by some. */
export const SHORT = 5_000;
