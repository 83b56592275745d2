// Paths by remote address: one value per flow, since what the ICRC needs of a path is computed once per value.
import { type IpAddress, ip, ipFromBytes, ipToBytes } from '../wire/address.ts';
import { type Path, path, ROCE_PORT } from '../wire/path.ts';
import { sockaddrIp, sockaddrPort, writeSockaddr } from './sockaddr.ts';

/** Anyone can send from any port, so what is remembered is bounded; at the bound, memory of all flows starts anew. */
const LIMIT = 4096;

const remember = <K, V>(known: Map<K, V>, key: K, value: V): V => {
  if (known.size >= LIMIT) known.clear();
  known.set(key, value);
  return value;
};

/** The path of a datagram from a socket address to `local`, as a plain socket can know it. */
export const incomingPaths = (local: IpAddress): ((sockaddr: Uint8Array) => Path) => {
  const v4 = new Map<number, Path>();
  const v6 = new Map<string, Path>();
  const make = (sockaddr: Uint8Array): Path => path(ipFromBytes(sockaddrIp(sockaddr)), local, sockaddrPort(sockaddr));
  return (sockaddr) => {
    const bytes = sockaddrIp(sockaddr);
    if (bytes.length === 16) {
      const key = `${sockaddrPort(sockaddr)} ${bytes.join()}`;
      return v6.get(key) ?? remember(v6, key, make(sockaddr));
    }
    let key = sockaddrPort(sockaddr);
    for (let i = 0; i < 4; i++) key = key * 256 + (bytes[i] ?? 0);
    return v4.get(key) ?? remember(v4, key, make(sockaddr));
  };
};

/** The same for the text form in which node:dgram names a sender; a zone of IPv6 is not part of the address. */
export const incomingTextPaths = (local: IpAddress): ((address: string, port: number) => Path) => {
  const known = new Map<string, Path>();
  return (address, port) => {
    const key = `${port} ${address}`;
    return known.get(key) ?? remember(known, key, path(ip(address.replace(/%.*/, '')), local, port));
  };
};

/** The socket address of port 4791 at a destination. */
export const destinations = (): ((to: IpAddress) => Uint8Array) => {
  const known = new Map<IpAddress, Uint8Array>();
  return (to) => known.get(to) ?? remember(known, to, sockaddrOf(to));
};

const sockaddrOf = (to: IpAddress): Uint8Array => {
  const out = new Uint8Array(28);
  return out.subarray(0, writeSockaddr(out, ipToBytes(to), ROCE_PORT));
};
