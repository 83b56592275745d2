// The capture formats: what is written is read, in every flavour; what is broken is named with its byte.
import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { ip } from '../../impl/wire/address.ts';
import { encodeNetwork } from '../../impl/wire/network.ts';
import { path } from '../../impl/wire/path.ts';
import { anyUpTo } from '../wire/arbitrary.ts';
import type { Capture, FrameToWrite } from './capture.ts';
import { ipOfFrame, LINK_TYPES } from './link.ts';
import { writePcap } from './pcap.ts';
import { writePcapng } from './pcapng.ts';
import { readCapture } from './read.ts';
import { roceOf } from './roce.ts';

const anyFrames = fc.array(
  fc.record({
    timestampNs: fc.bigInt({ min: 0n, max: 2n ** 32n * 1_000_000_000n - 1n }),
    bytes: anyUpTo(70),
  }),
  { maxLength: 5 },
);

const seen = ({ frames }: Capture) => frames.map(({ number, timestampNs, bytes }) => [number, timestampNs, [...bytes]]);
const meant = (frames: readonly FrameToWrite[], tick: bigint) =>
  frames.map(({ timestampNs, bytes }, i) => [i + 1, timestampNs - (timestampNs % tick), [...bytes]]);

test.prop([anyFrames, fc.boolean(), fc.boolean(), fc.constantFrom(1, 101, 276)])(
  'a pcap file gives back its frames, in both byte orders and both resolutions',
  (frames, littleEndian, nanoseconds, linkType) => {
    const capture = readCapture(writePcap(frames, { linkType, littleEndian, nanoseconds }));
    expect([capture.format, capture.problem]).toEqual(['pcap', undefined]);
    expect(seen(capture)).toEqual(meant(frames, nanoseconds ? 1n : 1000n));
    for (const frame of capture.frames)
      expect([frame.linkType, frame.originalLength]).toEqual([linkType, frame.bytes.length]);
  },
);

test.prop([anyFrames, fc.boolean(), fc.constantFrom(1, 101, 276)])(
  'a pcapng file gives back its frames, in both byte orders',
  (frames, littleEndian, linkType) => {
    const capture = readCapture(writePcapng(frames, { linkType, littleEndian }));
    expect([capture.format, capture.problem]).toEqual(['pcapng', undefined]);
    expect(seen(capture)).toEqual(meant(frames, 1n));
    for (const frame of capture.frames) expect(frame.linkType).toBe(linkType);
  },
);

test.prop([anyFrames, anyFrames])(
  'a second section of another byte order has interfaces of its own',
  (first, second) => {
    const file = Buffer.concat([
      writePcapng(first, { littleEndian: true }),
      writePcapng(second, { linkType: LINK_TYPES.ETHERNET, littleEndian: false }),
    ]);
    const capture = readCapture(file);
    expect(capture.problem).toBeUndefined();
    expect(seen(capture)).toEqual(meant([...first, ...second], 1n));
    const linkTypes = [...first.map(() => LINK_TYPES.RAW), ...second.map(() => LINK_TYPES.ETHERNET)];
    expect(capture.frames.map(({ linkType }) => linkType)).toEqual(linkTypes);
  },
);

const FRAMES: readonly FrameToWrite[] = [
  { timestampNs: 1_000_000_001n, bytes: Uint8Array.of(1, 2, 3) },
  { timestampNs: 2_000_000_002n, bytes: Uint8Array.of(4, 5, 6, 7, 8) },
];

/** Where headers end, then where frames end. */
const BOUNDS = {
  pcap: [[24], [43, 64]],
  pcapng: [
    [28, 60],
    [96, 136],
  ],
} as const;

test.each(['pcap', 'pcapng'] as const)(
  'a %s file cut anywhere gives the frames before the cut, and its byte',
  (format) => {
    const whole = format === 'pcap' ? writePcap(FRAMES) : writePcapng(FRAMES);
    const [headers, ends] = BOUNDS[format];
    expect(whole.length).toBe(ends.at(-1));
    for (let length = 0; length <= whole.length; length++) {
      const { frames, problem } = readCapture(whole.subarray(0, length));
      expect(frames.length).toBe(ends.filter((end) => end <= length).length);
      const between = [...headers, ...ends].some((end) => end === length);
      expect([length, problem === undefined]).toEqual([length, between]);
      expect(problem?.offset ?? 0).toBeLessThanOrEqual(length);
    }
  },
);

test.prop([anyUpTo(200), fc.constantFrom('d4c3b2a1', 'a1b2c3d4', '4d3cb2a1', '0a0d0d0a', '')], {
  numRuns: 2000,
})('no bytes make the readers throw', (bytes, magic) => {
  const { frames } = readCapture(Buffer.concat([Buffer.from(magic, 'hex'), bytes]));
  expect(frames.every((frame) => frame.bytes.length <= bytes.length)).toBe(true);
});

test.prop([fc.nat(), fc.nat(255)], { numRuns: 2000 })(
  'no changed byte makes the pcapng reader throw or invent bytes',
  (at, byte) => {
    const file = writePcapng(FRAMES);
    file[at % file.length] = byte;
    const { frames } = readCapture(file);
    for (const frame of frames) expect(frame.bytes.length).toBeLessThanOrEqual(5 + 3);
  },
);

const edited = (file: Uint8Array, at: number, value: number): Uint8Array => {
  const copy = Uint8Array.from(file);
  new DataView(copy.buffer).setUint32(at, value, true);
  return copy;
};

test.each([
  ['a text', Buffer.from('no capture at all'), 0, 'neither pcap nor pcapng'],
  ['three bytes', new Uint8Array(3), 0, 'the file is too short'],
  ['a pcap of version 3', edited(writePcap(FRAMES), 4, 3), 4, 'pcap version 3'],
  [
    'a pcap frame beyond the file',
    edited(writePcap(FRAMES), 32, 999),
    24,
    'frame 1 announces 999 bytes, the file has 24 more',
  ],
  ['a pcapng without byte order', edited(writePcapng(FRAMES), 8, 1), 8, 'without byte-order magic'],
  ['a block of 11 bytes', edited(writePcapng(FRAMES), 32, 11), 32, 'a block of 11 bytes'],
  ['a block beyond the file', edited(writePcapng(FRAMES), 32, 4000), 28, 'announces 4000 bytes'],
  ['a block with two lengths', edited(writePcapng(FRAMES), 56, 36), 56, 'ends with the length 36'],
  ['a packet of an unknown interface', edited(writePcapng(FRAMES), 68, 7), 68, 'interface 7, which is not described'],
  ['a packet beyond its block', edited(writePcapng(FRAMES), 80, 50), 80, 'frame 1 announces 50 bytes, its block has 4'],
])('%s is named with its byte', (_, file, offset, message) => {
  const { problem } = readCapture(file);
  expect(problem?.offset).toBe(offset);
  expect(problem?.message).toContain(message);
});

/** A pcapng block of little-endian words and bytes. */
const block = (type: number, ...body: readonly number[]): number[] => {
  const words = [type, body.length + 12];
  const little = (value: number): number[] => [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24];
  return [...words.flatMap(little), ...body, ...little(body.length + 12)];
};
const SECTION = block(0x0a0d0d0a, 0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0, ...Array(8).fill(0xff));
const ipFrame = [0x45, 0, 0, 0];

test('an interface without resolution counts microseconds; with one, and an offset, what it says', () => {
  const plain = block(1, 101, 0, 0, 0, 0, 0, 0, 0);
  const halves = block(
    1,
    1,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    9,
    0,
    1,
    0,
    0x81,
    0,
    0,
    0,
    14,
    0,
    8,
    0,
    10,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
  );
  const packet = (id: number) => block(6, id, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 60, 0, 0, 0, ...ipFrame);
  const { frames, problem } = readCapture(
    Uint8Array.from([...SECTION, ...plain, ...halves, ...packet(0), ...packet(1)]),
  );
  expect(problem).toBeUndefined();
  expect(frames.map(({ timestampNs, linkType, originalLength }) => [timestampNs, linkType, originalLength])).toEqual([
    [3000n, 101, 60],
    [11_500_000_000n, 1, 60],
  ]);
});

test('simple packets, old packets and unknown blocks are read or passed over', () => {
  const snapping = block(1, 101, 0, 0, 0, 3, 0, 0, 0);
  const simple = block(3, 60, 0, 0, 0, ...ipFrame);
  const old = block(2, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, ...ipFrame);
  const { frames, problem } = readCapture(
    Uint8Array.from([...SECTION, ...block(0xbad, 1, 2, 3, 4), ...snapping, ...simple, ...old]),
  );
  expect(problem).toBeUndefined();
  expect(frames.map(({ timestampNs, bytes, originalLength }) => [timestampNs, [...bytes], originalLength])).toEqual([
    [0n, [0x45, 0, 0], 60],
    [5000n, ipFrame, 4],
  ]);
});

describe('the IP packet of a frame', () => {
  const packet = encodeNetwork(
    { path: path(ip('10.0.0.1'), ip('10.0.0.2'), 50_000), trafficClass: 0, flowLabel: 0, hopLimit: 64, udpChecksum: 0 },
    new Uint8Array(16),
  );
  const macs = Array(12).fill(2);

  test.each([
    ['Ethernet', LINK_TYPES.ETHERNET, [...macs, 0x08, 0x00]],
    ['Ethernet with one VLAN tag', LINK_TYPES.ETHERNET, [...macs, 0x81, 0x00, 0, 5, 0x08, 0x00]],
    ['Ethernet with two VLAN tags', LINK_TYPES.ETHERNET, [...macs, 0x88, 0xa8, 0, 5, 0x81, 0x00, 0, 6, 0x08, 0x00]],
    ['Linux cooked', LINK_TYPES.LINUX_SLL, [...Array(14).fill(0), 0x08, 0x00]],
    ['Linux cooked 2', LINK_TYPES.LINUX_SLL2, [0x08, 0x00, ...Array(18).fill(0)]],
    ['BSD loopback, little-endian', LINK_TYPES.NULL, [2, 0, 0, 0]],
    ['BSD loopback, big-endian', LINK_TYPES.NULL, [0, 0, 0, 2]],
    ['OpenBSD loopback', LINK_TYPES.LOOP, [0, 0, 0, 2]],
    ['raw IP', LINK_TYPES.RAW, []],
    ['raw IP of BSD', LINK_TYPES.RAW_BSD, []],
    ['raw IP of OpenBSD', LINK_TYPES.RAW_OPENBSD, []],
    ['raw IPv4', LINK_TYPES.IPV4, []],
  ])('is found behind %s, and link padding is left out', (_, linkType, header) => {
    const frame = Uint8Array.from([...header, ...packet, 0, 0, 0]);
    const { datagrams, skipped } = roceOf(readCapture(writePcap([{ timestampNs: 0n, bytes: frame }], { linkType })));
    expect(skipped).toEqual([]);
    expect(datagrams.map((one) => [[...one.ip], one.payload.length])).toEqual([[[...packet], 16]]);
  });

  test.each([
    ['SHORT_FRAME', LINK_TYPES.ETHERNET, macs],
    ['SHORT_FRAME', LINK_TYPES.NULL, [2, 0, 0]],
    ['SHORT_FRAME', LINK_TYPES.LINUX_SLL2, Array(19).fill(8)],
    ['NOT_IP', LINK_TYPES.ETHERNET, [...macs, 0x08, 0x06, 0, 0]],
    ['NOT_IP', LINK_TYPES.ETHERNET, [...macs, ...Array(40_000).fill([0x81, 0x00, 0, 0]).flat()]],
    ['ROCE_V1', LINK_TYPES.ETHERNET, [...macs, 0x89, 0x15, 0, 0]],
    ['UNKNOWN_LINK_TYPE', 147, [...packet]],
  ])('is missed as %s', (reason, linkType, bytes) => {
    expect(ipOfFrame(linkType, Uint8Array.from(bytes))).toMatchObject({ ok: false, reason });
  });

  test('that the capture cut is told from one that lies about its length', () => {
    const cut = Uint8Array.from(packet.subarray(0, 30));
    const file = writePcap([
      { timestampNs: 0n, bytes: cut },
      { timestampNs: 0n, bytes: cut },
    ]);
    const whole = edited(file, 24 + 12, packet.length);
    expect(roceOf(readCapture(whole)).skipped.map(({ reason }) => reason)).toEqual(['CUT', 'IP_LENGTH']);
  });
});
