// Owns the answers a responder has to give, as data. Chapter 30.
import type { NakRefusal } from '../qp/refusal.ts';
import type { Psn } from '../wire/psn.ts';
import type { Syndrome } from '../wire/syndrome.ts';

/** An answer that is given again when its request comes again. */
type Repeatable = {
  /** The request had been executed before. */
  readonly again: boolean;
};

/** What is left of the answer to a READ. */
export type ReadAnswer = Repeatable & {
  readonly kind: 'READ';
  psn: Psn;
  readonly msn: number;
  readonly rkey: number;
  va: number;
  /** Bytes left. */
  length: number;
  /** No packet of it has been sent yet. */
  first: boolean;
};

export type Answer =
  /** An ACK, or a NAK that leaves the QP alive; without syndrome: an ACK with the credits of the moment. */
  | { readonly kind: 'ACK'; readonly psn: Psn; readonly msn: number; readonly syndrome: Syndrome | undefined }
  | (Repeatable & { readonly kind: 'ATOMIC'; readonly psn: Psn; readonly msn: number; readonly original: bigint })
  /** The zero-length READ response that answers FLUSH and ATOMIC WRITE. */
  | (Repeatable & { readonly kind: 'EMPTY'; readonly psn: Psn; readonly msn: number })
  | ReadAnswer
  /** The NAK of a refused request: when it is sent the QP goes to ERR, and not before is anybody told why. */
  | { readonly kind: 'FATAL'; readonly psn: Psn; readonly msn: number; readonly refusal: NakRefusal };

/** Waiting answers, oldest first. Empty most of the time: what can be sent at once never enters. */
export type Outbox = { answers: Answer[] };
