// Owns the verdict on a live migration: every message once, in order, unharmed, and no completion failed.
import { formatImageError } from '../../impl/migration/image-error.ts';
import { readImage } from '../../impl/migration/image-file.ts';
import { objectSizes } from '../../impl/migration/sizes.ts';
import type { HostCounters, StreamResult } from './control.ts';

export type MigrateReport = {
  readonly qps: number;
  /** Messages received, both directions. */
  readonly messages: number;
  /** Rounds of WRITE, READ and FETCH_ADD on the other end's memory, both directions. */
  readonly rounds: number;
  /** Bytes of those messages. */
  readonly bytes: number;
  /** From the stop at the source to the first completion at the target. */
  readonly blackoutMs: number;
  /** Of it, what any checkpoint of this memory costs: the file written and read, and its hash made and checked. */
  readonly memoryMs: number;
  /** The rest: what the QPs cost, and the way between the processes. */
  readonly addedMs: number;
  /** The parts of the blackout, ms. */
  readonly phasesMs: PhasesMs;
  /** Processor time of dump, restore and resume, the memory apart: what of the blackout the number of QPs accounts for. */
  readonly processorMs: { readonly source: number; readonly target: number };
  /** Packets dropped on purpose, all hosts. */
  readonly lost: number;
  /** Request packets sent again, all hosts. */
  readonly retransmitted: number;
  readonly packets: number;
  readonly seconds: number;
  readonly seed: number;
  readonly imageBytes: number;
  readonly imageMemoryBytes: number;
  /** Per kind: how many, bytes of the largest, and what the published system needs where it says so. */
  readonly imageObjects: readonly {
    readonly kind: string;
    readonly count: number;
    readonly bytes: number;
    readonly paper: number | null;
  }[];
  /** What each host has counted: the source until it was killed. */
  readonly hosts: Readonly<Record<'source' | 'peer' | 'target', HostCounters>>;
  readonly intact: boolean;
  /** Why not intact; empty if it is. */
  readonly problems: readonly string[];
};

export type PhasesMs = {
  /** Stop every QP, take the image, make its metadata. */
  readonly dump: number;
  /** Hash it, memory included. */
  readonly seal: number;
  /** Memory and metadata into the file. */
  readonly write: number;
  /** From the source's word to the target's ear, by way of the orchestrator. */
  readonly handOver: number;
  /** The file into memory. */
  readonly read: number;
  /** Hash it again. */
  readonly verify: number;
  /** Check the image, make every object. */
  readonly restore: number;
  /** The application finds its streams, every QP sends its resume. */
  readonly resume: number;
  /** Until the peer has answered the resume of every QP: only then the application goes on (MIG-21). */
  readonly answers: number;
  /** Until a peer's answer has completed something. */
  readonly firstCompletion: number;
};

/** What any checkpoint of so much memory costs. */
export const memoryMsOf = ({ seal, write, read, verify }: PhasesMs): number => seal + write + read + verify;

/** Instants of one migration, nanoseconds of the machine's monotonic clock. */
export type Instants = Readonly<
  Record<
    | 'stoppedAt'
    | 'dumpedAt'
    | 'sealedAt'
    | 'writtenAt'
    | 'begunAt'
    | 'readAt'
    | 'verifiedAt'
    | 'restoredAt'
    | 'resumedAt'
    | 'answeredAt'
    | 'firstCompletionAt',
    number
  >
>;

const ms = (from: number, to: number): number => Math.round((to - from) / 1e3) / 1e3;

/** What has not happened when the streams come to a halt takes no time: the halt is told as a problem. */
export const inOrder = (at: Instants): Instants => {
  const answeredAt = Math.max(at.answeredAt, at.resumedAt);
  return { ...at, answeredAt, firstCompletionAt: Math.max(at.firstCompletionAt, answeredAt) };
};

export const phasesOf = (at: Instants): PhasesMs => ({
  dump: ms(at.stoppedAt, at.dumpedAt),
  seal: ms(at.dumpedAt, at.sealedAt),
  write: ms(at.sealedAt, at.writtenAt),
  handOver: ms(at.writtenAt, at.begunAt),
  read: ms(at.begunAt, at.readAt),
  verify: ms(at.readAt, at.verifiedAt),
  restore: ms(at.verifiedAt, at.restoredAt),
  resume: ms(at.restoredAt, at.resumedAt),
  answers: ms(at.resumedAt, at.answeredAt),
  firstCompletion: ms(at.answeredAt, at.firstCompletionAt),
});

/** Bytes per object in the TardiS manuscript, table 2. */
export const PAPER_BYTES: Readonly<Record<string, number>> = { pd: 12, mr: 48, cq: 64, srq: 68, qp: 271 };

/** What is wrong with one stream, seen from both ends. */
const streamProblems = (here: StreamResult, there: StreamResult, messages: number, end: string): readonly string[] => {
  const problems: string[] = [];
  const at = `stream ${here.stream} at the ${end}`;
  if (here.completed !== messages) problems.push(`${at}: ${here.completed} of ${messages} sends completed`);
  if (here.received !== messages) problems.push(`${at}: ${here.received} of ${messages} messages received`);
  if (here.rounds !== there.counted)
    problems.push(`${at}: ${here.rounds} rounds of WRITE, READ and FETCH_ADD, ${there.counted} counted`);
  if (here.failed > 0) problems.push(`${at}: ${here.failed} completions failed`);
  if (here.wrong > 0) problems.push(`${at}: ${here.wrong} messages out of order, repeated or altered`);
  if (here.receivedChain !== there.sentChain)
    problems.push(`${at}: the hash of all messages differs from the sender's`);
  return problems;
};

/** Judges both receiving ends; both lists are in stream order. */
export const judgeStreams = (
  target: readonly StreamResult[],
  peer: readonly StreamResult[],
  qps: number,
  messages: number,
): string[] => {
  const problems: string[] = [];
  if (target.length !== qps) problems.push(`${target.length} of ${qps} streams arrived at the target`);
  if (peer.length !== qps) problems.push(`${peer.length} of ${qps} streams at the peer`);
  for (const [i, here] of target.entries()) {
    const there = peer[i];
    if (there === undefined) continue;
    problems.push(...streamProblems(here, there, messages, 'target'), ...streamProblems(there, here, messages, 'peer'));
  }
  return problems;
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Totals over hosts and streams. */
export const totals = (counters: readonly HostCounters[], streams: readonly StreamResult[]) => ({
  messages: sum(streams.map(({ received }) => received)),
  rounds: sum(streams.map(({ rounds }) => rounds)),
  bytes: sum(streams.map(({ bytes }) => bytes)),
  lost: sum(counters.map(({ lost }) => lost)),
  retransmitted: sum(counters.map(({ retransmitted }) => retransmitted)),
  packets: sum(counters.map(({ sent }) => sent)),
});

/** What the image file holds: its own bytes, the memory in it, and object sizes beside the published ones. */
export const imageFacts = (
  file: Uint8Array,
): Pick<MigrateReport, 'imageBytes' | 'imageMemoryBytes' | 'imageObjects'> => {
  const image = readImage(file);
  if (!image.ok) throw new Error(formatImageError(image.error));
  return {
    imageBytes: file.length,
    imageMemoryBytes: sum(image.value.memory.map(({ length }) => length)),
    imageObjects: Object.entries(objectSizes(image.value.objects)).map(([kind, { count, bytes }]) => ({
      kind,
      count,
      bytes,
      paper: PAPER_BYTES[kind] ?? null,
    })),
  };
};
