// Owns the table of verbs state transitions and the judgement of a modify by it. Chapter 20.
import type { AttributeName } from './attributes.ts';
import type { QpState, QpType } from './state.ts';

/** Attribute lists of one transition. */
export type Masks = { readonly required: readonly AttributeName[]; readonly optional: readonly AttributeName[] };
type Row = Readonly<Record<QpType, Masks>>;

const masks = (required: readonly AttributeName[], optional: readonly AttributeName[] = []): Masks => ({
  required,
  optional,
});
const same = (each: Masks): Row => ({ RC: each, UC: each, UD: each });
const NONE = same(masks([]));

const PATH = ['ALT_PATH', 'ACCESS_FLAGS', 'PATH_MIG_STATE'] as const;
const UC_RTS = masks([], ['CUR_STATE', ...PATH]);
const UD_RTS = masks([], ['CUR_STATE', 'QKEY']);
const RC_RTS = masks([], ['CUR_STATE', ...PATH, 'MIN_RNR_TIMER']);
const RTS_ROW: Row = { RC: RC_RTS, UC: UC_RTS, UD: UD_RTS };
const CONNECTED_INIT = ['PKEY_INDEX', 'PORT', 'ACCESS_FLAGS'] as const;
const UD_INIT = ['PKEY_INDEX', 'PORT', 'QKEY'] as const;
const CONNECTED_RTR = ['ALT_PATH', 'ACCESS_FLAGS', 'PKEY_INDEX'] as const;

//= QP-2, QP-3, QP-4, QP-5, QP-6, QP-7, QP-8, QP-12, QP-23
/** From, to, masks by QP type; a pair that is absent is refused. Source: table qp-transitions (Linux `qp_state_table`). */
export const TRANSITIONS: Readonly<Record<QpState, Partial<Readonly<Record<QpState, Row>>>>> = {
  RESET: {
    RESET: NONE,
    INIT: { RC: masks(CONNECTED_INIT), UC: masks(CONNECTED_INIT), UD: masks(UD_INIT) },
  },
  INIT: {
    RESET: NONE,
    ERR: NONE,
    INIT: { RC: masks([], CONNECTED_INIT), UC: masks([], CONNECTED_INIT), UD: masks([], UD_INIT) },
    RTR: {
      RC: masks(['AV', 'PATH_MTU', 'DEST_QPN', 'RQ_PSN', 'MAX_DEST_RD_ATOMIC', 'MIN_RNR_TIMER'], CONNECTED_RTR),
      UC: masks(['AV', 'PATH_MTU', 'DEST_QPN', 'RQ_PSN'], CONNECTED_RTR),
      UD: masks([], ['PKEY_INDEX', 'QKEY']),
    },
  },
  RTR: {
    RESET: NONE,
    ERR: NONE,
    RTS: {
      RC: masks(['TIMEOUT', 'RETRY_CNT', 'RNR_RETRY', 'SQ_PSN', 'MAX_QP_RD_ATOMIC'], RC_RTS.optional),
      UC: masks(['SQ_PSN'], UC_RTS.optional),
      UD: masks(['SQ_PSN'], UD_RTS.optional),
    },
  },
  RTS: {
    RESET: NONE,
    ERR: NONE,
    RTS: RTS_ROW,
    SQD: same(masks([], ['EN_SQD_ASYNC_NOTIFY'])),
  },
  SQD: {
    RESET: NONE,
    ERR: NONE,
    RTS: RTS_ROW,
    SQD: {
      RC: masks(
        [],
        [
          ...(['PORT', 'AV', 'TIMEOUT', 'RETRY_CNT', 'RNR_RETRY', 'MAX_QP_RD_ATOMIC', 'MAX_DEST_RD_ATOMIC'] as const),
          ...(['ALT_PATH', 'ACCESS_FLAGS', 'PKEY_INDEX', 'MIN_RNR_TIMER', 'PATH_MIG_STATE'] as const),
        ],
      ),
      UC: masks([], ['AV', 'ALT_PATH', 'ACCESS_FLAGS', 'PKEY_INDEX', 'PATH_MIG_STATE']),
      UD: masks([], ['PKEY_INDEX', 'QKEY']),
    },
  },
  SQE: {
    RESET: NONE,
    ERR: NONE,
    RTS: { RC: masks([]), UC: masks([], ['CUR_STATE', 'ACCESS_FLAGS']), UD: UD_RTS },
  },
  ERR: { RESET: NONE, ERR: NONE },
};

/** Why a modify is refused; undefined if it is accepted. */
export const refusal = (
  type: QpType,
  from: QpState,
  to: QpState,
  mask: readonly AttributeName[],
): string | undefined => {
  const row = TRANSITIONS[from][to];
  if (row === undefined) return `no transition from ${from} to ${to}`;
  const { required, optional } = row[type];
  const missing = required.filter((name) => !mask.includes(name));
  if (missing.length > 0) return `${from} to ${to} needs ${missing.join(', ')}`;
  const extra = mask.filter((name) => name !== 'STATE' && !required.includes(name) && !optional.includes(name));
  return extra.length > 0 ? `${from} to ${to} does not take ${extra.join(', ')}` : undefined;
};
