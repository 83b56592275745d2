// Owns the asynchronous events of a device. Names as in `ibv_event_type`. Chapter 40.

/**
 * What the device tells its consumer beside completions. Handles and numbers are those of the affected object.
 *
 * COMM_EST: the first message came in RTR. SQ_DRAINED: a send queue in SQD has nothing under way any more. QP_FATAL: the QP went
 * to ERR because a CQ of it overran. QP_REQ_ERR, QP_ACCESS_ERR: it went there because of a request of its peer that no receive
 * reports. LAST_WQE_REACHED: a QP with an SRQ has gone to ERR and takes no more receives from it.
 */
export type AsyncEvent =
  | {
      readonly type: 'COMM_EST' | 'SQ_DRAINED' | 'QP_FATAL' | 'QP_REQ_ERR' | 'QP_ACCESS_ERR' | 'LAST_WQE_REACHED';
      readonly qpNum: number;
    }
  /** Fewer receives are left than its limit. */
  | { readonly type: 'SRQ_LIMIT_REACHED'; readonly srq: number }
  /** It has overrun. */
  | { readonly type: 'CQ_ERR'; readonly cq: number }
  | { readonly type: 'PORT_ACTIVE' | 'PORT_ERR'; readonly port: number };
