// Owns queue pairs as the consumer has them: create, query, destroy. Chapters 20, 40.
import type { QpAttributes, QpCap } from '../qp/attributes.ts';
import { QP_TYPES, type QpState, type QpType } from '../qp/state.ts';
import { DEFAULT_PKEY, qpn } from '../wire/numbers.ts';
import type { Context } from './context.ts';
import type { Cq } from './cq.ts';
import type { DeviceLimits, QpEngine } from './device.ts';
import { unbind } from './mw.ts';
import { isGonePd, type Pd } from './pd.ts';
import { engineError, enginePsns, makeEngine } from './qp-engine.ts';
import { DONE, fail, ok, type Result } from './result.ts';
import type { Srq } from './srq.ts';

/** `ibv_qp`. */
export type Qp = {
  readonly context: Context;
  readonly pd: Pd;
  readonly handle: number;
  readonly qpNum: number;
  readonly qpType: QpType;
  readonly sendCq: Cq;
  readonly recvCq: Cq;
  readonly srq: Srq | undefined;
  /** It has been destroyed. */
  gone: boolean;
  /** Its transport: for the device, dump and proofs, not for consumers. */
  readonly engine: QpEngine;
};

/** `ibv_qp_init_attr`. */
export type QpInit = {
  readonly qpType: QpType;
  readonly sendCq: Cq;
  readonly recvCq: Cq;
  readonly srq?: Srq;
  readonly cap: Partial<QpCap>;
  /** Every send WR asks for a completion. */
  readonly sqSigAll?: boolean;
  /** For restores: the number and handle to have. */
  readonly qpNum?: number;
  readonly handle?: number;
};

const DEFAULT_CAP: QpCap = { maxSendWr: 0, maxRecvWr: 0, maxSendSge: 1, maxRecvSge: 1, maxInlineData: 0 };

const capMistake = (cap: QpCap, limits: DeviceLimits): string | undefined => {
  const within = (n: number, max: number): boolean => Number.isInteger(n) && n >= 0 && n <= max;
  if (!within(cap.maxSendWr, limits.maxQpWr)) return `maxSendWr ${cap.maxSendWr}`;
  if (!within(cap.maxRecvWr, limits.maxQpWr)) return `maxRecvWr ${cap.maxRecvWr}`;
  if (!within(cap.maxSendSge, limits.maxSge)) return `maxSendSge ${cap.maxSendSge}`;
  if (!within(cap.maxRecvSge, limits.maxSge)) return `maxRecvSge ${cap.maxRecvSge}`;
  if (!within(cap.maxInlineData, limits.maxInlineData)) return `maxInlineData ${cap.maxInlineData}`;
  return undefined;
};

/** What is wrong with the objects that the QP is to use; undefined if nothing is. */
const objectMistake = (pd: Pd, { sendCq, recvCq, srq }: QpInit): string | undefined => {
  const { context } = pd;
  if (isGonePd(pd)) return 'the protection domain is gone';
  for (const cq of [sendCq, recvCq])
    if (context.cqs.get(cq.handle) !== cq) return "a CQ that is gone or another context's";
  if (srq === undefined) return undefined;
  if (context.srqs.get(srq.handle) !== srq) return "an SRQ that is gone or another context's";
  return srq.pd === pd ? undefined : 'an SRQ of another protection domain';
};

/** A number that a QP may have: not those of the management QPs, not multicast. */
export const isQpn = (n: number): boolean => Number.isInteger(n) && n > 1 && n < 0xffffff;

//= VRB-10
/** `ibv_create_qp`. EINVAL: a capacity outside the limits, or objects that are gone or of another context; EEXIST: number or handle taken; ENOMEM: no number left. */
export const createQp = (pd: Pd, init: QpInit): Result<Qp> => {
  const { context } = pd;
  const { device } = context;
  const { qpType, sendCq, recvCq, srq, sqSigAll = false, handle = context.qps.next() } = init;
  const cap: QpCap = { ...DEFAULT_CAP, ...init.cap };
  const unknown = QP_TYPES.includes(qpType) ? undefined : `unknown QP type ${qpType}`;
  if (typeof sqSigAll !== 'boolean') return fail('EINVAL', `sqSigAll ${sqSigAll}`);
  const mistake = unknown ?? capMistake(cap, device.limits) ?? objectMistake(pd, init);
  if (mistake !== undefined) return fail('EINVAL', mistake);
  const refused = context.qps.refusal(handle, 'QP');
  if (refused !== undefined) return refused;
  if (init.qpNum !== undefined && !isQpn(init.qpNum)) return fail('EINVAL', `QPN ${init.qpNum}`);
  const number = init.qpNum === undefined ? device.freeQpn() : qpn(init.qpNum);
  if (number === undefined) return fail('ENOMEM', 'no QPN is free');
  if (device.hasQpn(number)) return fail('EEXIST', `QPN ${number} is taken`);
  const engine = makeEngine(
    qpType,
    {
      qpn: number,
      pd: pd.number,
      cap,
      sqSigAll,
      sendCq: sendCq.queue,
      recvCq: recvCq.queue,
      srq: srq?.queue,
      device,
      pkey: device.pkeys[0] ?? DEFAULT_PKEY,
    },
    device,
  );
  const qp: Qp = { context, pd, handle, qpNum: number, qpType, sendCq, recvCq, srq, gone: false, engine };
  context.qps.set(handle, qp);
  device.attach(engine, context);
  return ok(qp);
};

/** What `queryQp` gives: `ibv_query_qp`. */
export type QpQuery = QpAttributes & {
  readonly qpState: QpState;
  readonly curQpState: QpState;
  /** Meaningful in SQD only. */
  readonly sqDraining: boolean;
  readonly cap: QpCap;
};

//= QP-22
/** `ibv_query_qp`: the attributes with the live cursors. Migration states do not show. EINVAL: the QP is gone. */
export const queryQp = ({ engine, gone }: Qp): Result<QpQuery> =>
  gone
    ? fail('EINVAL', 'the QP is gone')
    : ok({
        ...engine.attributes,
        ...enginePsns(engine),
        qpState: engine.state,
        curQpState: engine.state,
        sqDraining: engine.draining === 'DRAINING',
        cap: engine.cap,
      });

/** Moves a QP to ERR from inside the device. */
export const enterError = (qp: Qp): void => engineError(qp.engine);

//= VRB-56
/** `ibv_destroy_qp`. Its completions stay in their CQs; windows that were open to its peers are so no longer. */
export const destroyQp = (qp: Qp): Result<void> => {
  const { context } = qp;
  if (qp.gone) return fail('EINVAL', 'the QP is gone');
  for (const { window } of context.mws.values()) if (window.binding?.qpn === qp.qpNum) unbind(window);
  context.device.detach(qp.engine);
  context.qps.delete(qp.handle);
  qp.gone = true;
  context.forget((event) => 'qpNum' in event && event.qpNum === qp.qpNum);
  return DONE;
};
