// Owns the binding of type 1 memory windows: a call that posts a work request. Chapter 40.
import type { MwBindInfo } from '../qp/work-request.ts';
import { incRkey, type Mw } from './mw.ts';
import { enqueueSend } from './post.ts';
import type { Qp } from './qp.ts';
import { fail, ok, type Result } from './result.ts';

/** `ibv_mw_bind`. */
export type MwBind = {
  readonly wrId: number;
  readonly bind: MwBindInfo;
  /** Ask for a completion on success. */
  readonly signaled?: boolean;
  readonly fence?: boolean;
};

//= VRB-50, VRB-55
/**
 * `ibv_bind_mw`: posts to the QP's send queue a work request that binds a type 1 window, and returns the R_Key the window
 * will have; it opens memory when the work request has completed. What only the device can judge fails the work request with
 * MW_BIND_ERR. EINVAL: a window of type 2 or of another context, a QP that cannot bind, or as `postSend`; EPERM: window and
 * region of different protection domains; ENOMEM, EAGAIN, ENODEV: as `postSend`.
 */
export const bindMw = (qp: Qp, mw: Mw, { wrId, bind, signaled = false, fence = false }: MwBind): Result<number> => {
  const { context } = qp;
  if (context.mws.get(mw.handle) !== mw) return fail('EINVAL', 'no such window');
  if (mw.window.type !== 1) return fail('EINVAL', 'a type 2 window is bound by a BIND_MW work request');
  const { mr } = bind;
  if (mr !== undefined && context.mrs.get(mr.handle) !== mr) return fail('EINVAL', `no such memory region`);
  if (mr !== undefined && context.mrs.get(mr.handle)?.pd !== mw.pd)
    return fail('EPERM', 'window and region are of different protection domains');
  const rkey = incRkey(mw.rkey);
  const posted = enqueueSend(qp, { wrId, opcode: 'BIND_MW', mw, rkey, bind, signaled, fence });
  if (!posted.ok) return posted;
  mw.rkey = rkey;
  return ok(rkey);
};
