// Owns the control plane of a live migration: what the orchestrator asks of a host process, and the answers.
// It plays the part that a connection manager and a container runtime play for a real application.

/** What one end of a stream must know of the other: QPN, first PSN, where its memory begins and its key. */
export type QpNumbers = { readonly qpn: number; readonly psn: number; readonly addr: number; readonly rkey: number };

/** What the stream application is to do, the same at both ends. */
export type StreamPlan = {
  readonly qps: number;
  readonly messages: number;
  readonly seed: number;
  readonly mtu: number;
  readonly window: number;
  readonly depth: number;
  /** Whether every second message carries immediate data. */
  readonly imm: boolean;
  /** Whether each message is followed by a round of WRITE, READ and FETCH_ADD on the other end's memory. */
  readonly oneSided: boolean;
};

/** How often, and with how many QPs, a host moves an application of its own before anything else. */
export type Rehearsal = { readonly rounds: number; readonly qps: number };

/** Packets and drops of one host since it started. */
export type HostCounters = {
  readonly address: string;
  readonly sent: number;
  readonly received: number;
  /** Dropped on purpose. */
  readonly lost: number;
  readonly retransmitted: number;
  /** Timeouts, NAKs and resumes, by name. */
  readonly tallies: Readonly<Record<string, number>>;
  /** Datagrams the decoder refused, by reason. */
  readonly refused: Readonly<Record<string, number>>;
};

/** What an end of the streams has to show for itself. Chains are hexadecimal SHA-256. */
export type StreamResult = {
  readonly stream: number;
  readonly completed: number;
  readonly received: number;
  readonly bytes: number;
  readonly failed: number;
  readonly wrong: number;
  /** Rounds of one-sided work done at the other end's memory, and counted in this one. */
  readonly rounds: number;
  readonly counted: number;
  readonly sentChain: string;
  readonly receivedChain: string;
};

/**
 * Instants are nanoseconds of the machine's monotonic clock, which all processes share. `processorMs` is the processor
 * time of all threads of the process for its part of the migration, but for the memory: its file and its hash.
 */
export type Calls = {
  open: {
    request: { address: string; seed: number; loss: number; record: string | null; rehearsal: Rehearsal };
    reply: null;
  };
  build: { request: { plan: StreamPlan; direction: 0 | 1 }; reply: readonly QpNumbers[] };
  connect: { request: { address: string; remotes: readonly QpNumbers[] }; reply: null };
  go: { request: null; reply: null };
  /** Waits until the streams have received `after` messages, then stops, dumps and writes in one go. */
  checkpoint: {
    request: { file: string; after: number };
    reply: { stoppedAt: number; dumpedAt: number; sealedAt: number; writtenAt: number; processorMs: number };
  };
  restore: {
    request: { file: string };
    reply: {
      begunAt: number;
      readAt: number;
      verifiedAt: number;
      restoredAt: number;
      resumedAt: number;
      processorMs: number;
    };
  };
  counters: { request: null; reply: HostCounters };
  results: { request: null; reply: readonly StreamResult[] };
};

export type CallName = keyof Calls;

export type CallMessage = {
  [K in CallName]: { readonly id: number; readonly call: K; readonly request: Calls[K]['request'] };
}[CallName];

/** What a host process says: the answer to a call, or news of the streams. */
export type HostMessage =
  | { readonly type: 'reply'; readonly id: number; readonly reply: unknown }
  | { readonly type: 'refused'; readonly id: number; readonly code: string; readonly message: string }
  | {
      readonly type: 'progress';
      readonly received: number;
      /** Every message sent, completed and received. */
      readonly done: boolean;
      /** Failed completions, and messages that were not the right ones. */
      readonly harmed: number;
      /** Failed completions by status. */
      readonly failures: Readonly<Record<string, number>>;
      /** Instants since a restore, 0 until then and at hosts that restored nothing: every resume answered, first completion. */
      readonly answeredAt: number;
      readonly firstCompletionAt: number;
    };
