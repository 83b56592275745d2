// The transports: one behaviour suite for both, and what only a capture of `lo` can show.
import { createSocket } from 'node:dgram';
import { afterEach, describe, expect, test } from 'vitest';
import { openTransport, type TransportKind } from '../../impl/udp/open.ts';
import { MAX_DATAGRAM, type Transport } from '../../impl/udp/transport.ts';
import { type IpAddress, ip } from '../../impl/wire/address.ts';
import type { Path } from '../../impl/wire/path.ts';

type Got = { readonly bytes: Buffer; readonly path: Path };

const open: Transport[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((transport) => transport.close()));
});

const listen = async (address: IpAddress, kind: TransportKind, got: Got[] = []): Promise<Transport> => {
  const datagram = (bytes: Uint8Array, path: Path): void => {
    got.push({ bytes: Buffer.from(bytes), path });
  };
  const transport = await openTransport(address, { datagram, batchEnd: () => {} }, kind);
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
    await expect(listen(to, kind)).rejects.toMatchObject({ name: 'TransportError', code: 'EADDRINUSE' });
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
