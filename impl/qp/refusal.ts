// Owns the reasons for which a responder does not execute a request. Chapters 30, 32.

import type { NakCode } from '../wire/syndrome.ts';
import type { WcStatus } from './work-completion.ts';

/** NAK, and the QP goes to ERR; a receive that is held, or would be taken, completes with `status`. */
export type NakRefusal = {
  readonly kind: 'NAK';
  readonly code: Exclude<NakCode, 'PSN_SEQUENCE_ERROR' | 'STOPPED'>;
  readonly status: WcStatus;
};

/** Why a request is not executed. */
export type Refusal =
  /** No receive: RNR NAK. */
  { readonly kind: 'NOT_READY' } | NakRefusal;

export const NOT_READY: Refusal = { kind: 'NOT_READY' };
export const INVALID: NakRefusal = { kind: 'NAK', code: 'INVALID_REQUEST', status: 'REM_INV_REQ_ERR' };
export const TOO_LONG: NakRefusal = { kind: 'NAK', code: 'INVALID_REQUEST', status: 'LOC_LEN_ERR' };
export const NO_ACCESS: NakRefusal = { kind: 'NAK', code: 'REMOTE_ACCESS_ERROR', status: 'REM_ACCESS_ERR' };
export const UNUSABLE_RECEIVE: NakRefusal = { kind: 'NAK', code: 'REMOTE_OPERATIONAL_ERROR', status: 'LOC_PROT_ERR' };
