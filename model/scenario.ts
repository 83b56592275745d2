import type { Bounds } from './bounds.ts';
import type { Host, Side } from './packet.ts';
import type { VerbsState } from './verbs.ts';
import type { Work } from './workload.ts';

/** One end of the connection: where it runs, where it moves, what it has to send, what its consumer does. */
export type Party = {
  /** First host, then the targets in order. A host may come again. */
  readonly route: readonly Host[];
  readonly work: readonly Work[];
  readonly verbs: VerbsState;
  /** Receive WQEs posted at the start; the rest of the peer's SENDs need `post.receive`. */
  readonly receives: number;
  readonly lateReceives: number;
  /** What the verbs consumer does in this order, at any time. */
  readonly consumer: readonly ('modify.sqd' | 'modify.rts' | 'modify.err' | 'modify.reset')[];
  /** Shows the live-migration extension. */
  readonly capable: boolean;
  /** The container has another connection, to an end that is always there, which its application uses when it goes on. */
  readonly otherConnection: boolean;
};

/** What a scenario supposes about the world; a control without migration runs under the same. */
export type Assumptions = {
  /**
   * `patient`: a timeout fires only when nothing is in flight and nobody is between stop and resume.
   * `blackout`: when nothing is in flight. `any`: at any time.
   */
  readonly timers: 'patient' | 'blackout' | 'any';
  /**
   * How long an old copy stands where the protocol keeps no tombstone. `kept`: for ever. `resumed`: it may go once the
   * new one was resumed. `dump`: it may go any time after the dump.
   */
  readonly oldCopy: 'kept' | 'resumed' | 'dump';
  /** A packet sent before a stop may arrive after the resume. */
  readonly outlives: boolean;
  /** Packets between two hosts keep their order. */
  readonly ordered: boolean;
  /**
   * `at once`: who asks the record has its answer in the same step, and an intent or a decision takes effect in the step that
   * enters it. `later`: all three take as long as they like.
   */
  readonly record: 'at once' | 'later';
  /** `again`: an order that a coordinator has given, to restore an image too, may reach its host once more, at any time later. */
  readonly orders: 'once' | 'again';
};

/** How often which fault may strike, at any time. */
export type Faults = {
  readonly lose: number;
  readonly duplicate: number;
  /** Forged control messages from a host outside the connection. */
  readonly forge: number;
  /** Those of an earlier connection between the same QPNs are among them. */
  readonly earlier: boolean;
  readonly abort: boolean;
  readonly crash: boolean;
  /** The old host goes dark after the dump. */
  readonly dark: readonly Side[];
  /** The source dies between the intent and the dump, and leaves no image. */
  readonly sourceDies: boolean;
  /** The target dies before it was activated, or after. */
  readonly targetDies: readonly ('before' | 'after')[];
  /** An old host gives the QPN to a stranger. */
  readonly reuse: boolean;
};

/** Topology, workload, faults and bounds of one exploration. */
export type Scenario = {
  readonly sides: { readonly [side in Side]: Party };
  readonly bounds: Bounds;
  /** Room for packets on their way, a READ counting its responses; a step that would send more is not taken. */
  readonly capacity: number;
  readonly assumptions: Assumptions;
  readonly faults: Faults;
};
