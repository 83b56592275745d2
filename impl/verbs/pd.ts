// Owns protection domains. Chapter 40.
import type { Context } from './context.ts';
import { DONE, fail, ok, type Result } from './result.ts';

/** A protection domain: its objects work with each other only. */
export type Pd = {
  readonly context: Context;
  readonly handle: number;
  /** Its number on the device; handles are the context's. */
  readonly number: number;
};

/** `ibv_alloc_pd`. `handle`: the one to have; EEXIST if taken. */
export const allocPd = (context: Context, handle = context.pds.next()): Result<Pd> => {
  const refused = context.pds.refusal(handle, 'PD');
  if (refused !== undefined) return refused;
  const pd: Pd = { context, handle, number: context.device.freePd() };
  context.pds.set(handle, pd);
  return ok(pd);
};

//= VRB-11
/** Whether the protection domain has been deallocated. */
export const isGonePd = (pd: Pd): boolean => pd.context.pds.get(pd.handle) !== pd;

//= VRB-2
/** `ibv_dealloc_pd`. EBUSY while an object lives in it. */
export const deallocPd = (pd: Pd): Result<void> => {
  if (isGonePd(pd)) return fail('EINVAL', 'the protection domain is gone');
  const { mrs, mws, srqs, qps, ahs } = pd.context;
  for (const objects of [mrs, mws, srqs, qps, ahs]) {
    if (objects.find((each) => each.pd === pd) !== undefined) return fail('EBUSY', 'the protection domain is in use');
  }
  pd.context.pds.delete(pd.handle);
  return DONE;
};
