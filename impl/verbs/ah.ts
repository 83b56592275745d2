// Owns address handles: where a datagram goes. Chapters 34, 40.
import type { AhAttr } from '../qp/attributes.ts';
import { ipFamily } from '../wire/address.ts';
import type { Context } from './context.ts';
import { isGonePd, type Pd } from './pd.ts';
import { DONE, fail, ok, type Result } from './result.ts';

/** `ibv_ah`. */
export type Ah = {
  readonly context: Context;
  readonly pd: Pd;
  readonly handle: number;
  readonly attr: AhAttr;
  /** It has been destroyed. */
  gone: boolean;
};

/** The address vector with its defaults; undefined if the device has no address of the family. */
export const completeAhAttr = (
  context: Context,
  { dgid, flowLabel = 0 }: { readonly dgid: AhAttr['dgid']; readonly flowLabel?: number },
): AhAttr | undefined => {
  const reachable = context.device.addresses.some((address) => ipFamily(address) === ipFamily(dgid));
  const valid = Number.isInteger(flowLabel) && flowLabel >= 0 && flowLabel <= 0xfffff;
  return reachable && valid ? { dgid, flowLabel } : undefined;
};

/** `ibv_create_ah`. EINVAL: the device has no address of that family; EEXIST: handle taken. */
export const createAh = (
  pd: Pd,
  attr: { readonly dgid: AhAttr['dgid']; readonly flowLabel?: number },
  handle = pd.context.ahs.next(),
): Result<Ah> => {
  const { context } = pd;
  if (isGonePd(pd)) return fail('EINVAL', 'the protection domain is gone');
  const full = completeAhAttr(context, attr);
  if (full === undefined) return fail('EINVAL', `no way to ${attr.dgid}`);
  if (context.ahs.get(handle) !== undefined) return fail('EEXIST', `AH handle ${handle} is taken`);
  const ah: Ah = { context, pd, handle, attr: full, gone: false };
  context.ahs.set(handle, ah);
  return ok(ah);
};

/** `ibv_destroy_ah`. */
export const destroyAh = (ah: Ah): Result<void> => {
  if (ah.gone) return fail('EINVAL', 'the AH is gone');
  ah.context.ahs.delete(ah.handle);
  ah.gone = true;
  return DONE;
};
