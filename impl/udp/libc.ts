// The socket calls of libc that node:dgram does not offer, through koffi. Linux, 64-bit, little-endian only.
import { createRequire } from 'node:module';

/** Socket calls; each returns -1 on failure, with the cause in `errno()`. Numbers and layouts are Linux's. */
export type Libc = {
  readonly socket: (domain: number, type: number, protocol: number) => number;
  readonly bind: (fd: number, address: Uint8Array, length: number) => number;
  readonly setsockopt: (fd: number, level: number, name: number, value: Uint8Array, length: number) => number;
  readonly sendmmsg: (fd: number, messages: Uint8Array, count: number, flags: number) => number;
  readonly recvmmsg: (fd: number, messages: Uint8Array, count: number, flags: number, timeout: null) => number;
  readonly close: (fd: number) => number;
  readonly errno: () => number;
  /** The name libc gives an errno value, such as `EADDRINUSE`. */
  readonly errorName: (errno: number) => string;
  /** Where a buffer's bytes lie in memory; valid while the buffer is alive, since its backing store never moves. */
  readonly addressOf: (bytes: Uint8Array) => bigint;
};

export type LibcAvailability =
  | { readonly ok: true; readonly libc: Libc }
  | { readonly ok: false; readonly why: string };

/** Architectures whose `struct msghdr`, `iovec` and `sockaddr` have the layout written in messages.ts. */
const ARCHITECTURES: readonly string[] = ['x64', 'arm64', 'riscv64', 'loong64'];

const bindLibc = (koffi: typeof import('koffi')): Libc => {
  const library = koffi.load(null);
  const names = new Map(Object.entries(koffi.os.errno).map(([name, value]) => [value, name]));
  return {
    socket: library.func('int socket(int domain, int type, int protocol)'),
    bind: library.func('int bind(int fd, const void *address, unsigned int length)'),
    setsockopt: library.func('int setsockopt(int fd, int level, int name, const void *value, unsigned int length)'),
    sendmmsg: library.func('int sendmmsg(int fd, void *messages, unsigned int count, int flags)'),
    recvmmsg: library.func('int recvmmsg(int fd, void *messages, unsigned int count, int flags, void *timeout)'),
    close: library.func('int close(int fd)'),
    errno: () => koffi.errno(),
    errorName: (errno) => names.get(errno) ?? `errno ${errno}`,
    addressOf: (bytes) => koffi.address(bytes),
  };
};

const load = (): LibcAvailability => {
  if (process.platform !== 'linux')
    return { ok: false, why: `the socket options needed exist on Linux, not on ${process.platform}` };
  if (!ARCHITECTURES.includes(process.arch))
    return { ok: false, why: `no socket structure layout for ${process.arch}` };
  try {
    const koffi: typeof import('koffi') = createRequire(import.meta.url)('koffi');
    return { ok: true, libc: bindLibc(koffi) };
  } catch (error) {
    return { ok: false, why: `koffi does not load here (${error instanceof Error ? error.message : String(error)})` };
  }
};

let loaded: LibcAvailability | undefined;

/** Loads libc once per thread; says why when it cannot. */
export const openLibc = (): LibcAvailability => {
  loaded ??= load();
  return loaded;
};
