// Owns what a consumer can ask of the device itself. Chapter 40.
import type { IpAddress } from '../wire/address.ts';
import type { Mtu } from '../wire/mtu.ts';
import type { Pkey } from '../wire/numbers.ts';
import type { Context } from './context.ts';
import type { DeviceLimits, PortState } from './device.ts';
import { fail, ok, type Result } from './result.ts';

/** `ibv_query_device`. */
export const queryDevice = ({ device }: Context): DeviceLimits => device.limits;

/** `ibv_port_attr`. */
export type PortAttr = {
  readonly state: PortState;
  /** Bytes. */
  readonly maxMtu: Mtu;
  /** Bytes of the longest message. */
  readonly maxMsgSz: number;
  readonly gidTblLen: number;
  readonly pkeyTblLen: number;
  /** Packets dropped for their P_Key. */
  readonly badPkeyCntr: number;
  /** Datagrams dropped for their Q_Key. */
  readonly qkeyViolCntr: number;
};

//= VRB-63
/** `ibv_query_port`. EINVAL: there is no port but 1. */
export const queryPort = ({ device }: Context, portNum = 1): Result<PortAttr> => {
  if (portNum !== 1) return fail('EINVAL', `port ${portNum}`);
  const { port, portMtu, addresses, pkeys, limits, counters } = device;
  return ok({
    state: port,
    maxMtu: portMtu,
    maxMsgSz: limits.maxMsgSize,
    gidTblLen: addresses.length,
    pkeyTblLen: pkeys.length,
    badPkeyCntr: counters.drops.WRONG_PKEY,
    qkeyViolCntr: counters.drops.WRONG_QKEY,
  });
};

const entry = <T>(table: readonly T[], index: number): Result<T> => {
  const found = table[index];
  return found === undefined ? fail('EINVAL', `index ${index}`) : ok(found);
};

/** `ibv_query_gid`. EINVAL: no such index. */
export const queryGid = ({ device }: Context, index: number): Result<IpAddress> => entry(device.addresses, index);

/** `ibv_query_pkey`. EINVAL: no such index. */
export const queryPkey = ({ device }: Context, index: number): Result<Pkey> => entry(device.pkeys, index);
