// The transports: one behaviour suite for both, and what only a capture of `lo` can show.
import { createSocket } from 'node:dgram';
import { afterEach, describe, expect, test } from 'vitest';
import { openDescriptor } from '../../impl/udp/descriptor.ts';
import { openDgramTransport } from '../../impl/udp/dgram-transport.ts';
import type { Libc } from '../../impl/udp/libc.ts';
import { openTransport, type TransportKind } from '../../impl/udp/open.ts';
import { MAX_DATAGRAM, type Transport } from '../../impl/udp/transport.ts';
import { type IpAddress, ip } from '../../impl/wire/address.ts';
import { claimPacketMemory, hasFold, releasePacketMemory } from '../../impl/wire/packet-memory.ts';
import type { Path } from '../../impl/wire/path.ts';
import { patiently } from './patience.ts';

type Got = { readonly bytes: Buffer; readonly path: Path };

const nobody = { datagram: () => {}, batchEnd: () => {} };

const open: Transport[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((transport) => transport.close()));
});

const listen = async (address: IpAddress, kind: TransportKind, got: Got[] = []): Promise<Transport> => {
  const datagram = (bytes: Uint8Array, path: Path): void => {
    got.push({ bytes: Buffer.from(bytes), path });
  };
  const transport = await patiently(() => openTransport(address, { datagram, batchEnd: () => {} }, kind));
  open.push(transport);
  return transport;
};

const until = async (done: () => boolean): Promise<void> => {
  for (let i = 0; i < 500 && !done(); i++) await new Promise((resolve) => setTimeout(resolve, 2));
};

/** A loopback address of this process's own, so that parallel test files do not meet. */
const address = (host: number): IpAddress => ip(`127.${1 + (process.pid & 0x7f)}.${(process.pid >> 7) & 0xff}.${host}`);

const PAIRS = [
  ['mmsg', address(11), address(12)],
  ['dgram', address(13), address(14)],
  ['mmsg', ip('::1'), ip('::1')],
  ['dgram', ip('::1'), ip('::1')],
] as const;

describe.each(PAIRS)('transport %s from %s to %s', (kind, from, to) => {
  test('datagrams of every size arrive whole, in order, with the sender in the path', async () => {
    const got: Got[] = [];
    const receiver = await listen(to, kind, got);
    const sender = from === to ? receiver : await listen(from, kind);
    const sizes = Array.from({ length: 200 }, (_, i) => (i * 379) % (MAX_DATAGRAM + 1));
    for (const [i, size] of sizes.entries()) sender.send(new Uint8Array(size).fill(i), to);
    sender.flush();
    await until(() => got.length === sizes.length);
    expect(got.map(({ bytes }) => bytes.length)).toEqual(sizes);
    expect(got.every(({ bytes }, i) => bytes.every((byte) => byte === (i & 0xff)))).toBe(true);
    const path = { source: from, destination: to, sourcePort: 4791, identification: 0, dontFragment: true };
    expect(new Set(got.map(({ path }) => JSON.stringify(path)))).toEqual(new Set([JSON.stringify(path)]));
    expect(sender.counters).toMatchObject({ sent: sizes.length, sendFailed: 0 });
    expect(receiver.counters).toMatchObject({ received: sizes.length, oversize: 0 });
  });

  test('datagrams written where there is room for them arrive as those that are copied, of whatever lengths', async () => {
    const got: Got[] = [];
    await listen(to, kind, got);
    const sender = from === to ? open[0] : await listen(from, kind);
    const sizes = Array.from({ length: 300 }, (_, i) => [1040, 20, 0, 64][(i * i) % 4] ?? 0);
    for (const [i, size] of sizes.entries()) {
      const bytes = i % 5 === 4 ? new Uint8Array(size) : sender?.room(size);
      sender?.send(bytes?.fill(i) ?? new Uint8Array(1), to);
    }
    sender?.flush();
    await until(() => got.length === sizes.length);
    expect(got.map(({ bytes }) => bytes.length)).toEqual(sizes);
    expect(got.every(({ bytes }, i) => bytes.every((byte) => byte === (i & 0xff)))).toBe(true);
  });

  test('a closed transport offers room that no later one sends from', async () => {
    const transport = await listen(to, kind);
    await transport.close();
    const later = await listen(to, kind);
    const [stale, live] = [transport.room(100), later.room(100)];
    expect(stale.length).toBe(100);
    live.fill(1);
    stale.fill(2);
    expect(live.every((byte) => byte === 1)).toBe(true);
  });

  test.runIf(kind === 'mmsg' && hasFold)('closed transports give back the memory of their rings', async () => {
    const { buffer } = (await listen(to, kind)).room(1);
    for (let times = 0; times < 120; times++) {
      await open.pop()?.close();
      expect((await listen(to, kind)).room(1).buffer === buffer).toBe(true);
    }
    const more = claimPacketMemory(1 << 20);
    expect(more.buffer === buffer).toBe(true);
    releasePacketMemory(more);
  });

  test('a datagram above the limit is refused at the sender', async () => {
    const transport = await listen(to, kind);
    expect(() => transport.send(new Uint8Array(MAX_DATAGRAM + 1), to)).toThrow(RangeError);
  });

  test('a datagram longer than any packet is counted and dropped', async () => {
    const got: Got[] = [];
    const receiver = await listen(to, kind, got);
    const stranger = createSocket(to === ip('::1') ? 'udp6' : 'udp4');
    for (const size of [MAX_DATAGRAM + 1, 40, 9000, 44]) stranger.send(new Uint8Array(size), 4791, to);
    await until(() => got.length === 2);
    await new Promise<void>((resolve) => stranger.close(resolve));
    expect(got.map(({ bytes }) => bytes.length)).toEqual([40, 44]);
    expect(receiver.counters).toMatchObject({ received: 2, oversize: 2 });
  });

  test('an address in use is an error with its errno name', async () => {
    await listen(to, kind);
    await expect(openTransport(to, nobody, kind)).rejects.toMatchObject({ name: 'TransportError', code: 'EADDRINUSE' });
  });

  test('a closed transport neither sends nor receives and frees its port', async () => {
    const got: Got[] = [];
    const first = await listen(to, kind, got);
    await first.close();
    first.send(new Uint8Array(4), to);
    first.flush();
    const second = await listen(to, kind, got);
    expect(second.counters.received).toBe(0);
    expect(got).toEqual([]);
  });
});

describe('choice of transport', () => {
  test('an address of another machine is an error with its errno name', async () => {
    await expect(listen(ip('192.0.2.77'), 'mmsg')).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
  });
});

/** A libc that notes what it is asked, and refuses one call. */
const noting = (refused?: 'socket' | 'setsockopt' | 'bind') => {
  const asked: string[] = [];
  const note =
    (call: string, result: number) =>
    (...args: readonly unknown[]): number => {
      asked.push(
        [call, ...args.map((arg) => (arg instanceof Uint8Array ? Buffer.from(arg).toString('hex') : arg))].join(' '),
      );
      return call === refused ? -1 : result;
    };
  const libc: Libc = {
    socket: note('socket', 7),
    bind: note('bind', 0),
    setsockopt: note('setsockopt', 0),
    sendmmsg: note('sendmmsg', 0),
    recvmmsg: note('recvmmsg', 0),
    close: note('close', 0),
    errno: () => 13,
    errorName: () => 'EACCES',
    addressOf: () => 0n,
  };
  return { libc, asked };
};

describe('descriptor', () => {
  test('WIRE-33: an IPv4 socket has IP_MTU_DISCOVER = IP_PMTUDISC_DO before it is bound, and is never connected', () => {
    const { libc, asked } = noting();
    expect(openDescriptor(libc, ip('127.1.2.3'))).toBe(7);
    expect(asked[0]).toMatch(/^socket 2 /);
    expect(asked).toContain('setsockopt 7 0 10 02000000 4');
    expect(asked.at(-1)).toMatch(/^bind 7 020012b77f010203(00)+ 16$/);
  });

  test('an IPv6 socket takes datagrams without UDP checksum, and IPv6 only', () => {
    const { libc, asked } = noting();
    openDescriptor(libc, ip('::1'));
    expect(asked[0]).toMatch(/^socket 10 /);
    expect(asked).toContain('setsockopt 7 17 102 01000000 4');
    expect(asked).toContain('setsockopt 7 41 26 01000000 4');
    expect(asked.at(-1)).toMatch(/^bind 7 0a0012b700000000(00){15}01(00)+ 28$/);
  });

  test.each(['setsockopt', 'bind'] as const)('a refused %s closes the descriptor and names the errno', (call) => {
    const { libc, asked } = noting(call);
    expect(() => openDescriptor(libc, ip('127.1.2.3'))).toThrow(expect.objectContaining({ code: 'EACCES' }));
    expect(asked.at(-1)).toBe('close 7');
  });
});

describe('without libc', () => {
  const unavailable = { ok: false, why: 'koffi does not load here' } as const;
  test('WIRE-33: IPv4 is refused with the reason, since its packets would carry wrong ICRCs', async () => {
    await expect(openDgramTransport(unavailable, address(20), nobody)).rejects.toMatchObject({
      code: 'ERR_UNSUPPORTED',
      message: expect.stringContaining('koffi does not load here'),
    });
  });

  test('IPv6 opens, since its ICRC covers nothing hidden', async () => {
    const transport = await patiently(() => openDgramTransport(unavailable, ip('::1'), nobody));
    open.push(transport);
    expect(transport.kind).toBe('dgram');
  });
});
