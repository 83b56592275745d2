// Paths by remote address: one value per flow, since what the ICRC needs of a path is computed once per value.
import { type IpAddress, ip, ipFromBytes, ipToBytes } from '../wire/address.ts';
import { type Path, path, ROCE_PORT } from '../wire/path.ts';
import { SOCKADDR_SLOT, sameSender, sockaddrIp, sockaddrPort, writeSockaddr } from './sockaddr.ts';

/** Anyone can send from any port, so what is remembered is bounded; at the bound, memory of all flows starts anew. */
const LIMIT = 4096;

const remember = <K, V>(known: Map<K, V>, key: K, value: V): V => {
  if (known.size >= LIMIT) known.clear();
  known.set(key, value);
  return value;
};

/** The path of a datagram from a socket address to `local`, as a plain socket can know it. */
export const incomingPaths = (local: IpAddress): ((sockaddr: Uint8Array) => Path) => {
  const known = new Map<string, Path>();
  const find = (sockaddr: Uint8Array): Path => {
    const bytes = sockaddrIp(sockaddr);
    const port = sockaddrPort(sockaddr);
    const key = `${port} ${bytes.join()}`;
    return known.get(key) ?? remember(known, key, path(ipFromBytes(bytes), local, port));
  };
  // Most datagrams come from where the one before came from: that is told by comparing, without a key.
  const last = new Uint8Array(SOCKADDR_SLOT);
  let lastPath: Path | undefined;
  return (sockaddr) => {
    if (lastPath !== undefined && sameSender(sockaddr, last)) return lastPath;
    lastPath = find(sockaddr);
    last.set(sockaddr);
    return lastPath;
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
