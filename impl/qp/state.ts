// Owns the names of QP types and states, and what each verbs state allows. Chapter 20.

/** Verbs states of a queue pair, in libibverbs' order. */
export const QP_STATES = ['RESET', 'INIT', 'RTR', 'RTS', 'SQD', 'SQE', 'ERR'] as const;
export type QpState = (typeof QP_STATES)[number];

export const QP_TYPES = ['RC', 'UC', 'UD'] as const;
export type QpType = (typeof QP_TYPES)[number];

/** What a QP may do in a state. Source: table qp-abilities. */
export type Abilities = {
  readonly postRecv: boolean;
  readonly processRequests: boolean;
  readonly postSend: boolean;
  readonly processResponses: boolean;
  /** Whether a WQE of which nothing has been sent may be begun. */
  readonly beginWqes: boolean;
  /** Whether a begun WQE may send, or send again. */
  readonly continueWqes: boolean;
  readonly flushSend: boolean;
  readonly flushRecv: boolean;
};

const NOTHING: Abilities = {
  postRecv: false,
  processRequests: false,
  postSend: false,
  processResponses: false,
  beginWqes: false,
  continueWqes: false,
  flushSend: false,
  flushRecv: false,
};
const INIT: Abilities = { ...NOTHING, postRecv: true };
const RTR: Abilities = { ...INIT, processRequests: true };
const SQE: Abilities = { ...RTR, postSend: true };
const SQD: Abilities = { ...SQE, processResponses: true, continueWqes: true };
const RTS: Abilities = { ...SQD, beginWqes: true };
const ERR: Abilities = { ...NOTHING, postRecv: true, postSend: true, flushSend: true, flushRecv: true };

//= QP-30, QP-31, QP-32, QP-33, QP-34, QP-35, QP-44
export const ABILITIES = { RESET: NOTHING, INIT, RTR, RTS, SQD, SQE, ERR } as const satisfies Record<
  QpState,
  Abilities
>;
