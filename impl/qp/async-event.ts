// Owns the asynchronous events of a device. Names as in `ibv_event_type`. Chapter 40.

/** What the device tells its consumer beside completions. Handles and numbers are those of the affected object. */
export type AsyncEvent =
  | {
      readonly type: 'COMM_EST' | 'SQ_DRAINED' | 'QP_FATAL' | 'QP_REQ_ERR' | 'QP_ACCESS_ERR' | 'LAST_WQE_REACHED';
      readonly qpNum: number;
    }
  | { readonly type: 'SRQ_LIMIT_REACHED'; readonly srq: number }
  | { readonly type: 'CQ_ERR'; readonly cq: number }
  | { readonly type: 'PORT_ACTIVE' | 'PORT_ERR'; readonly port: number };
