// Chooses the transport for this machine.
import type { IpAddress } from '../wire/address.ts';
import { openDgramTransport } from './dgram-transport.ts';
import { openLibc } from './libc.ts';
import { openMmsgTransport } from './mmsg-transport.ts';
import type { Receiver, Transport } from './transport.ts';

export type TransportKind = Transport['kind'];

/**
 * Binds UDP port 4791 of `local`, an IPv4 or IPv6 address of this machine, such as any of 127.0.0.0/8 or ::1.
 * Without `kind`: batched system calls where libc is reachable, node:dgram otherwise.
 *
 * A plain socket does not show a receiver the IPv4 identification and the DF bit, which the ICRC covers. Both are
 * taken as godwit sends them: DF set, identification 0. A foreign sender that counts its identifications (Linux
 * rxe does) is therefore dropped as a wrong ICRC over IPv4; over IPv6 the ICRC covers nothing that is hidden.
 *
 * Throws TransportError: an errno name, or `ERR_UNSUPPORTED` with the reason; TypeError: no such kind.
 */
export const openTransport = async (local: IpAddress, to: Receiver, kind?: TransportKind): Promise<Transport> => {
  if (kind !== undefined && kind !== 'mmsg' && kind !== 'dgram') throw new TypeError(`no transport ${String(kind)}`);
  const available = openLibc();
  if (available.ok && kind !== 'dgram') return openMmsgTransport(available.libc, local, to);
  return openDgramTransport(available, local, to);
};
