// Owns what an RC queue pair is made of: one record per engine, each mutated by its owner only. Chapter 30.

import { type Instant, NEVER } from '../qp/instant.ts';
import { type Message, NOTHING_ARRIVING } from '../qp/message.ts';
import { makeQpCore, type QpCore, type QpCoreConfig } from '../qp/qp-core.ts';
import { type Psn, psn } from '../wire/psn.ts';
import type { Outbox } from './answer.ts';
import { KeptRequests } from './kept-requests.ts';
import type { MigrationProtocol, Resuming } from './migration-protocol.ts';

/** Owner: requester.ts and, for going back, retransmit.ts. */
export type Requester = {
  /** The PSN of the next packet; equal to `nextPsn` unless retransmitting. */
  psn: Psn;
  /** The first PSN never sent. */
  nextPsn: Psn;
  /** Index of the WQE of the next packet. */
  cursor: number;
  /** Number of the next packet within that WQE. */
  packet: number;
  /** READs and atomics begun and not completed. */
  rdAtomic: number;
  /** PSNs of READ requests sent that are response packets, not request packets: they take no room in the window. */
  readSlack: number;
  /** The next packet is the first of a retransmission. */
  retransmitting: boolean;
};

/** Owner: completer.ts and what it calls. */
export type Completer = {
  /** The oldest unacknowledged PSN. */
  una: Psn;
  /** Retries left. */
  retryCnt: number;
  rnrRetry: number;
  /** A NAK has started a retransmission that has not advanced `una` yet. */
  nakHandled: boolean;
  ackDeadline: Instant;
  /** NEVER: not waiting for a receiver to become ready. */
  rnrDeadline: Instant;
};

/** A READ or atomic kept for duplicates. */
export type Resource =
  | {
      readonly kind: 'READ';
      readonly firstPsn: Psn;
      readonly psnCount: number;
      readonly va: number;
      readonly length: number;
      readonly rkey: number;
    }
  | {
      readonly kind: 'ATOMIC';
      readonly firstPsn: Psn;
      readonly psnCount: 1;
      readonly original: bigint;
      readonly msn: number;
    }
  /** A FLUSH or ATOMIC WRITE. */
  | { readonly kind: 'EMPTY'; readonly firstPsn: Psn; readonly psnCount: 1; readonly msn: number };

/** Owner: responder.ts and what it calls. */
export type Responder = Message & {
  expectedPsn: Psn;
  /** Messages completed, modulo 2^24. */
  msn: number;
  /** A sequence NAK or RNR NAK for `expectedPsn` has been sent. */
  nakSent: boolean;
  /** At most MAX_DEST_RD_ATOMIC. */
  readonly kept: KeptRequests;
  readonly outbox: Outbox;
};

export type RcQp = QpCore & {
  readonly type: 'RC';
  readonly protocol: MigrationProtocol;
  readonly requester: Requester;
  readonly completer: Completer;
  readonly responder: Responder;
  resuming: Resuming | undefined;
};

export const makeRcQp = (config: QpCoreConfig, protocol: MigrationProtocol): RcQp =>
  // Added to the core, not spread with it: so all QPs of a type have one hidden class, and access to their fields is compiled.
  Object.assign(makeQpCore('RC', config), {
    protocol,
    requester: {
      psn: psn(0),
      nextPsn: psn(0),
      cursor: 0,
      packet: 0,
      rdAtomic: 0,
      readSlack: 0,
      retransmitting: false,
    },
    completer: {
      una: psn(0),
      retryCnt: 0,
      rnrRetry: 0,
      nakHandled: false,
      ackDeadline: NEVER,
      rnrDeadline: NEVER,
    },
    responder: {
      expectedPsn: psn(0),
      msn: 0,
      arriving: NOTHING_ARRIVING,
      received: 0,
      nakSent: false,
      kept: new KeptRequests(),
      outbox: { answers: [] },
    },
    resuming: undefined,
  });
