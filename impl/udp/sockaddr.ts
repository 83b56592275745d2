// Linux's `struct sockaddr_in` and `sockaddr_in6` (little-endian family, big-endian port).

const AF_INET = 2;
const AF_INET6 = 10;

/** Bytes kept for one socket address; `sockaddr_in6` needs 28. */
export const SOCKADDR_SLOT = 32;

/** Writes the socket address of `ip` (4 or 16 bytes) and `port`; returns its length, 16 or 28. */
export const writeSockaddr = (out: Uint8Array, ip: Uint8Array, port: number): number => {
  const v6 = ip.length === 16;
  out.fill(0);
  out[0] = v6 ? AF_INET6 : AF_INET;
  out[2] = port >>> 8;
  out[3] = port & 0xff;
  out.set(ip, v6 ? 8 : 4);
  return v6 ? 28 : 16;
};

/** The port in a socket address of either family. */
export const sockaddrPort = (bytes: Uint8Array): number => ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0);

/** The address bytes in a socket address: 4 of IPv4, 16 of IPv6; a view, not a copy. */
export const sockaddrIp = (bytes: Uint8Array): Uint8Array =>
  bytes[0] === AF_INET6 ? bytes.subarray(8, 24) : bytes.subarray(4, 8);

/** Whether two socket addresses are one: family, port and address; flow information and scope of IPv6 do not count. */
export const sameSender = (a: Uint8Array, b: Uint8Array): boolean => {
  const end = a[0] === AF_INET6 ? 24 : 8;
  for (let i = 0; i < end; i++) if (a[i] !== b[i] && (end === 8 || i < 4 || i >= 8)) return false;
  return true;
};
