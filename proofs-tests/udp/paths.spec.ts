// Paths of arriving datagrams: the right sender, whoever came before, and one value per flow.
import { fc, test as prop } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { incomingPaths, incomingTextPaths } from '../../impl/udp/paths.ts';
import { SOCKADDR_SLOT, writeSockaddr } from '../../impl/udp/sockaddr.ts';
import { ip, ipFromBytes } from '../../impl/wire/address.ts';

const LOCAL = ip('127.0.0.9');

const sockaddr = (address: Uint8Array, port: number): Uint8Array => {
  const out = new Uint8Array(SOCKADDR_SLOT);
  writeSockaddr(out, address, port);
  return out;
};

const byte = fc.constantFrom(0, 1, 255);
const sender = fc.record({
  address: fc.oneof(
    fc.tuple(byte, byte, byte, byte).map((bytes) => Uint8Array.from(bytes)),
    fc.tuple(byte, byte, byte, byte).map((bytes) => Uint8Array.from([...bytes, ...new Uint8Array(8), ...bytes])),
  ),
  port: fc.constantFrom(1, 256, 257, 4791),
});

prop.prop([fc.array(sender, { minLength: 1, maxLength: 30 })])(
  'each datagram has the path of its own sender',
  (senders) => {
    const pathOf = incomingPaths(LOCAL);
    for (const { address, port } of senders) {
      expect(pathOf(sockaddr(address, port))).toMatchObject({
        source: ipFromBytes(address),
        destination: LOCAL,
        sourcePort: port,
      });
    }
  },
);

test('datagrams of one sender share one path, with others between them', () => {
  const pathOf = incomingPaths(LOCAL);
  const [a, b] = [sockaddr(Uint8Array.of(127, 0, 0, 1), 4791), sockaddr(Uint8Array.of(127, 0, 0, 2), 4791)];
  const first = pathOf(a);
  pathOf(b);
  expect(pathOf(a)).toBe(first);
  expect(pathOf(a)).toBe(first);
});

test('the flow information and scope of an IPv6 sender do not make another path', () => {
  const pathOf = incomingPaths(ip('::1'));
  const plain = sockaddr(new Uint8Array(16).fill(7), 4791);
  const scoped = Uint8Array.from(plain);
  scoped.fill(9, 4, 8);
  scoped.fill(9, 24, 28);
  expect(pathOf(scoped)).toBe(pathOf(plain));
});

test('a zone in text is not part of the address', () => {
  expect(incomingTextPaths(LOCAL)('fe80::1%lo', 5)).toMatchObject({ source: 'fe80::1', sourcePort: 5 });
});

test('senders without number are forgotten, and found again', () => {
  const pathOf = incomingPaths(LOCAL);
  const a = Uint8Array.of(127, 0, 0, 1);
  const first = pathOf(sockaddr(a, 1));
  for (let port = 2; port < 6000; port++) pathOf(sockaddr(a, port));
  expect(pathOf(sockaddr(a, 1))).toEqual(first);
});
