// Owns memory windows. Chapter 40.
import { ACCESS } from '../memory/access.ts';
import type { KeyTable } from '../memory/key-table.ts';
import type { MemoryWindow } from '../memory/region.ts';
import type { MwBindInfo } from '../qp/work-request.ts';
import type { Context } from './context.ts';
import type { Pd } from './pd.ts';
import { DONE, fail, ok, type Result } from './result.ts';

/** `ibv_mw`. */
export type Mw = {
  readonly context: Context;
  readonly pd: Pd;
  readonly handle: number;
  readonly window: MemoryWindow;
};

/** `ibv_alloc_mw`. EEXIST: handle or key taken; ENOMEM: no key left. */
export const allocMw = (
  pd: Pd,
  type: 1 | 2,
  { handle = pd.context.mws.next(), key }: { readonly handle?: number; readonly key?: number } = {},
): Result<Mw> => {
  const { context } = pd;
  const { keys } = context.device;
  if (context.mws.get(handle) !== undefined) return fail('EEXIST', `MW handle ${handle} is taken`);
  if (key !== undefined && keys.taken(key)) return fail('EEXIST', `key ${key} is taken`);
  const rkey = key ?? keys.freeKey();
  if (rkey === undefined) return fail('ENOMEM', 'no key is free');
  const window: MemoryWindow = { kind: 'MW', handle, pd: pd.number, type, rkey, binding: undefined };
  keys.add(window);
  const mw: Mw = { context, pd, handle, window };
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
export const invalidateWindow = (keys: KeyTable, pd: number, qpn: number, key: number): boolean => {
  const entry = keys.find(key);
  if (entry?.kind !== 'MW' || entry.pd !== pd || entry.type !== 2 || entry.binding?.qpn !== qpn) return false;
  unbind(entry);
  return true;
};

/** `ibv_dealloc_mw`. */
export const deallocMw = (mw: Mw): Result<void> => {
  unbind(mw.window);
  mw.context.device.keys.remove(mw.window);
  mw.context.mws.delete(mw.handle);
  return DONE;
};

//= VRB-51
/** Binds a window under a new key; what is wrong, with nothing changed, if it cannot be. `qpn`: the QP of a type 2 window. */
export const bind = (
  mw: Mw,
  keys: KeyTable,
  { mr: mrHandle, addr, length, access }: MwBindInfo,
  rkey: number,
  qpn: number | undefined,
): string | undefined => {
  const { window, context } = mw;
  if (rkey >>> 8 !== window.rkey >>> 8) return 'the rkey has another index than the window';
  if (length > 0) {
    const region = context.mrs.get(mrHandle)?.region;
    if (region === undefined || region.pd !== window.pd) return 'no such region in the protection domain';
    if ((region.access & ACCESS.MW_BIND) === 0) return 'the region does not allow windows';
    if ((access & ~region.access) !== 0) return 'the window would allow more than the region';
    if (addr < region.addr || addr + length > region.addr + region.length) return 'the window would exceed the region';
    unbind(window);
    region.windows++;
    window.binding = { region, addr, length, access, qpn };
  } else unbind(window);
  keys.remove(window);
  window.rkey = rkey;
  keys.add(window);
  return undefined;
};

/** The next generation of a key: the same index, another low byte. `ibv_inc_rkey`. */
export const incRkey = (rkey: number): number => ((rkey & ~0xff) | ((rkey + 1) & 0xff)) >>> 0;

//= VRB-50
/** `ibv_bind_mw` of a type 1 window: at once, under a new key. EINVAL: type 2, or the binding is not possible. */
export const bindMw = (mw: Mw, info: MwBindInfo): Result<number> => {
  if (mw.window.type !== 1) return fail('EINVAL', 'a type 2 window is bound by a BIND_MW work request');
  const rkey = incRkey(mw.window.rkey);
  const mistake = bind(mw, mw.context.device.keys, info, rkey, undefined);
  return mistake === undefined ? ok(rkey) : fail('EINVAL', mistake);
};
