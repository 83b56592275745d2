// Owns memory regions. Chapter 40.
import { ACCESS, ALL_ACCESS, REMOTE_CHANGES } from '../memory/access.ts';
import type { MemoryRegion } from '../memory/region.ts';
import { Views } from '../memory/views.ts';
import type { Context } from './context.ts';
import { isGonePd, type Pd } from './pd.ts';
import { isAccess, isU32 } from './ranges.ts';
import { DONE, fail, ok, type Result } from './result.ts';

/** Registered memory. */
export type Mr = {
  readonly context: Context;
  readonly pd: Pd;
  readonly handle: number;
  readonly region: MemoryRegion;
  /** Virtual address of the first byte, for `Sge.addr` and as remote address. */
  readonly addr: number;
  /** Bytes. */
  readonly length: number;
  readonly lkey: number;
  readonly rkey: number;
};

/** What a restore, or a consumer who cares, chooses for a region; otherwise the device does. */
export type MrPlace = {
  readonly addr?: number;
  readonly handle?: number;
  readonly key?: number;
  /** For restores: bytes of the region, of which no more than those given are still there. */
  readonly length?: number;
};

/** Addresses the device gives begin here and keep to pages, so that 0 and neighbours are never valid. */
const FIRST_ADDRESS = 0x10000;
const PAGE = 4096;

const pageBehind = (end: number): number => Math.ceil(end / PAGE) * PAGE + PAGE;

//= VRB-9
/** An address at which so many bytes lie apart from every region, behind the highest if numbers reach that far. */
const freeAddress = ({ mrs }: Context, length: number): number => {
  let end = FIRST_ADDRESS;
  for (const mr of mrs.values()) end = Math.max(end, mr.addr + mr.length);
  if (Number.isSafeInteger(pageBehind(end) + length)) return pageBehind(end);
  end = FIRST_ADDRESS;
  for (const mr of [...mrs.values()].sort((a, b) => a.addr - b.addr)) {
    if (pageBehind(end) + length < mr.addr) break;
    end = Math.max(end, mr.addr + mr.length);
  }
  return pageBehind(end);
};

//= VRB-3, VRB-5
/**
 * `ibv_reg_mr`, with `place.addr` `ibv_reg_mr_iova`: makes `bytes` accessible. The memory is not copied.
 * EINVAL: unknown access bits, remote write or atomic without LOCAL_WRITE, an address that is not a safe integer;
 * EEXIST: handle or key taken; ENOMEM: no key left.
 */
export const regMr = (pd: Pd, bytes: Uint8Array, access: number, place: MrPlace = {}): Result<Mr> => {
  const { context } = pd;
  if (isGonePd(pd)) return fail('EINVAL', 'the protection domain is gone');
  if (!(bytes instanceof Uint8Array)) return fail('EINVAL', 'the memory is not a Uint8Array');
  if (!isAccess(access, ALL_ACCESS)) return fail('EINVAL', `unknown access bits in ${access}`);
  if ((access & REMOTE_CHANGES) !== 0 && (access & ACCESS.LOCAL_WRITE) === 0) {
    return fail('EINVAL', 'remote write and atomic access need local write access');
  }
  const { length = bytes.length } = place;
  if (!Number.isSafeInteger(length) || length < bytes.length) return fail('EINVAL', `length ${length}`);
  const addr = place.addr ?? freeAddress(context, length);
  if (addr < 0 || !Number.isSafeInteger(addr + length)) return fail('EINVAL', `address ${addr}`);
  const handle = place.handle ?? context.mrs.next();
  const refused = context.mrs.refusal(handle, 'MR');
  if (refused !== undefined) return refused;
  const { keys } = context.device;
  if (place.key !== undefined && !isU32(place.key)) return fail('EINVAL', `key ${place.key}`);
  if (place.key !== undefined && keys.taken(place.key)) return fail('EEXIST', `key ${place.key} is taken`);
  const key = place.key ?? keys.freeKey();
  if (key === undefined) return fail('ENOMEM', 'no key is free');
  const region: MemoryRegion = {
    kind: 'MR',
    handle,
    pd: pd.number,
    addr,
    length,
    access,
    bytes,
    views: new Views(bytes),
    lkey: key,
    rkey: key,
    windows: 0,
  };
  keys.add(region);
  const mr: Mr = { context, pd, handle, region, addr, length, lkey: key, rkey: key };
  context.mrs.set(handle, mr);
  return ok(mr);
};

//= VRB-4
/** `ibv_dereg_mr`. EBUSY while a memory window is bound to it. */
export const deregMr = (mr: Mr): Result<void> => {
  if (mr.context.mrs.get(mr.handle) !== mr) return fail('EINVAL', 'the memory region is gone');
  if (mr.region.windows > 0) return fail('EBUSY', 'a memory window is bound to the region');
  mr.context.device.keys.remove(mr.region);
  mr.context.mrs.delete(mr.handle);
  return DONE;
};
