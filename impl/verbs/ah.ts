// Owns address handles: where a datagram goes. Chapters 34, 40.
import type { AhAttr } from '../qp/attributes.ts';
import { type IpAddress, ipFamily, ipToBytes, parseIp } from '../wire/address.ts';
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

//= VRB-18
/** Whether an address may be one host's: an address at all, not multicast, not broadcast, not the one that is none. */
export const isOneHost = (address: IpAddress): boolean => {
  // The type promises an address; a program without its compiler may bring any text.
  if (parseIp(address) !== address) return false;
  const bytes = ipToBytes(address);
  const [first = 0] = bytes;
  const multicast = bytes.length === 4 ? first >> 4 === 0xe : first === 0xff;
  return !multicast && bytes.some((byte) => byte !== 0) && bytes.some((byte) => byte !== 0xff);
};

/** The address vector with its defaults; undefined if it names no host that the device could reach. */
export const completeAhAttr = (
  context: Context,
  { dgid, flowLabel = 0 }: { readonly dgid: AhAttr['dgid']; readonly flowLabel?: number },
): AhAttr | undefined => {
  const reachable = isOneHost(dgid) && context.device.addresses.some((address) => ipFamily(address) === ipFamily(dgid));
  const valid = Number.isInteger(flowLabel) && flowLabel >= 0 && flowLabel <= 0xfffff;
  return reachable && valid ? { dgid, flowLabel } : undefined;
};

/** `ibv_create_ah`. EINVAL: not the address of one host, or of a family of which the device has none; EEXIST: handle taken. */
export const createAh = (
  pd: Pd,
  attr: { readonly dgid: AhAttr['dgid']; readonly flowLabel?: number },
  handle = pd.context.ahs.next(),
): Result<Ah> => {
  const { context } = pd;
  if (isGonePd(pd)) return fail('EINVAL', 'the protection domain is gone');
  const full = completeAhAttr(context, attr);
  if (full === undefined) return fail('EINVAL', `no way to ${attr.dgid}`);
  const refused = context.ahs.refusal(handle, 'AH');
  if (refused !== undefined) return refused;
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
