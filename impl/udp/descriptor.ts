// A bound UDP descriptor whose packets a RoCEv2 peer can verify: DF set and identification 0 over IPv4.
import { type IpAddress, ipFamily, ipToBytes } from '../wire/address.ts';
import { ROCE_PORT } from '../wire/path.ts';
import type { Libc } from './libc.ts';
import { writeSockaddr } from './sockaddr.ts';
import { TransportError } from './transport.ts';

// Linux: asm-generic/socket.h, linux/in.h, linux/in6.h, linux/udp.h.
const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_DGRAM_CLOEXEC_NONBLOCK = 2 | 0o2000000 | 0o4000;
const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const IPPROTO_IP = 0;
const IP_MTU_DISCOVER = 10;
const IPPROTO_UDP = 17;
const UDP_NO_CHECK6_RX = 102;
const IPPROTO_IPV6 = 41;
const IPV6_MTU_DISCOVER = 23;
const IPV6_V6ONLY = 26;
const PMTUDISC_DO = 2;

/** Bytes asked for each socket buffer; the kernel grants at most net.core.[rw]mem_max. */
const SOCKET_BUFFER = 8 * 1024 * 1024;

const int32 = (value: number): Uint8Array => new Uint8Array(Int32Array.of(value).buffer);

//= WIRE-33
const OPTIONS_V4 = [[IPPROTO_IP, IP_MTU_DISCOVER, PMTUDISC_DO]] as const;
const OPTIONS_V6 = [
  [IPPROTO_IPV6, IPV6_V6ONLY, 1],
  [IPPROTO_IPV6, IPV6_MTU_DISCOVER, PMTUDISC_DO],
  [IPPROTO_UDP, UDP_NO_CHECK6_RX, 1], // Linux rxe sends UDP checksum 0 over IPv6
] as const;
const BUFFERS = [
  [SOL_SOCKET, SO_SNDBUF, SOCKET_BUFFER],
  [SOL_SOCKET, SO_RCVBUF, SOCKET_BUFFER],
] as const;

/** Opens and binds; the caller owns the descriptor. Throws TransportError with the errno name. */
export const openDescriptor = (libc: Libc, address: IpAddress): number => {
  const v6 = ipFamily(address) === 6;
  const fd = libc.socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM_CLOEXEC_NONBLOCK, 0);
  const must = (result: number, call: string): void => {
    if (result >= 0) return;
    const code = libc.errorName(libc.errno());
    if (fd >= 0) libc.close(fd);
    throw new TransportError(code, `${call} for ${address} port ${ROCE_PORT}: ${code}`);
  };
  must(fd, 'socket');
  for (const [level, name, value] of [...(v6 ? OPTIONS_V6 : OPTIONS_V4), ...BUFFERS]) {
    must(libc.setsockopt(fd, level, name, int32(value), 4), `setsockopt(${level}, ${name})`);
  }
  const sockaddr = new Uint8Array(28);
  must(libc.bind(fd, sockaddr, writeSockaddr(sockaddr, ipToBytes(address), ROCE_PORT)), 'bind');
  return fd;
};
