// Owns memory windows. Chapter 40.
import { ACCESS, REMOTE_CHANGES } from '../memory/access.ts';
import { type KeyTable, keyIndex } from '../memory/key-table.ts';
import type { MemoryRegion, MemoryWindow } from '../memory/region.ts';
import type { BindWqe } from '../qp/send-queue.ts';
import type { Context } from './context.ts';
import { isGonePd, type Pd } from './pd.ts';
import { isU32 } from './ranges.ts';
import { DONE, fail, ok, type Result } from './result.ts';

/** `ibv_mw`. */
export type Mw = {
  readonly context: Context;
  readonly pd: Pd;
  readonly handle: number;
  /** What the device holds: the key and the binding in force. */
  readonly window: MemoryWindow;
  /**
   * The R_Key that the last work request posted for it gives it, or its first. It opens memory only once that work request
   * has completed with SUCCESS; if it fails, `window.rkey` is still the key in force.
   */
  rkey: number;
};

/** `ibv_alloc_mw`. EEXIST: handle or key taken; ENOMEM: no key left. */
export const allocMw = (
  pd: Pd,
  type: 1 | 2,
  { handle = pd.context.mws.next(), key }: { readonly handle?: number; readonly key?: number } = {},
): Result<Mw> => {
  const { context } = pd;
  if (isGonePd(pd)) return fail('EINVAL', 'the protection domain is gone');
  const { keys } = context.device;
  if (type !== 1 && type !== 2) return fail('EINVAL', `window type ${type}`);
  const refused = context.mws.refusal(handle, 'MW');
  if (refused !== undefined) return refused;
  if (key !== undefined && !isU32(key)) return fail('EINVAL', `key ${key}`);
  if (key !== undefined && keys.taken(key)) return fail('EEXIST', `key ${key} is taken`);
  const rkey = key ?? keys.freeKey();
  if (rkey === undefined) return fail('ENOMEM', 'no key is free');
  const window: MemoryWindow = { kind: 'MW', handle, pd: pd.number, type, rkey, binding: undefined };
  keys.add(window);
  const mw: Mw = { context, pd, handle, window, rkey };
  context.mws.set(handle, mw);
  return ok(mw);
};

/** Takes the window off what it was bound to. */
export const unbind = (window: MemoryWindow): void => {
  if (window.binding !== undefined) window.binding.region.windows--;
  window.binding = undefined;
};

//= VRB-53
/** Ends what the type 2 window with this key opens to peers of a QP; false if the key is none such. */
export const invalidateWindow = (keys: KeyTable, qpn: number, key: number): boolean => {
  const entry = keys.find(key);
  if (entry?.kind !== 'MW' || entry.binding?.qpn !== qpn) return false;
  unbind(entry);
  return true;
};

/** `ibv_dealloc_mw`. */
export const deallocMw = (mw: Mw): Result<void> => {
  if (mw.context.mws.get(mw.handle) !== mw) return fail('EINVAL', 'the window is gone');
  unbind(mw.window);
  mw.context.device.keys.remove(mw.window);
  mw.context.mws.delete(mw.handle);
  return DONE;
};

//= VRB-51
/** Whether a region carries what a window would open. Clauses C10-73 to C10-75, as rxe cites them. */
const carries = (region: MemoryRegion, pd: number, { addr, length, access }: BindWqe): boolean =>
  region.pd === pd &&
  (region.access & ACCESS.MW_BIND) !== 0 &&
  ((access & REMOTE_CHANGES) === 0 || (region.access & ACCESS.LOCAL_WRITE) !== 0) &&
  addr >= region.addr &&
  addr + length <= region.addr + region.length;

//= VRB-54
/**
 * Binds a window under a new key, on behalf of QP `qpn`; false, with nothing changed, if it cannot be. A type 2 window has
 * to be unbound, and is unbound by invalidating only (o10-37.2.30 and o10-37.2.40, as rxe cites them).
 */
export const bind = ({ window, context }: Mw, info: BindWqe, rkey: number, qpn: number): boolean => {
  if (keyIndex(rkey) !== keyIndex(window.rkey)) return false;
  if (window.type === 2 && (window.binding !== undefined || info.length === 0)) return false;
  if (info.length === 0) unbind(window);
  else {
    const region = context.mrs.get(info.mr)?.region;
    if (region === undefined || !carries(region, window.pd, info)) return false;
    const { addr, length, access } = info;
    unbind(window);
    region.windows++;
    window.binding = { region, addr, length, access, qpn: window.type === 2 ? qpn : undefined }; //= VRB-50, VRB-52
  }
  const { keys } = context.device;
  keys.remove(window);
  window.rkey = rkey;
  keys.add(window);
  return true;
};

/** The next generation of a key: the same index, another low byte. `ibv_inc_rkey`. */
export const incRkey = (rkey: number): number => ((rkey & ~0xff) | ((rkey + 1) & 0xff)) >>> 0;
