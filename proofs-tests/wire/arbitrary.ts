// Arbitrary paths and packets: every opcode, every field over its whole range.
import fc from 'fast-check';
import { type IpAddress, ipFromBytes } from '../../impl/wire/address.ts';
import { MAX_PAYLOAD } from '../../impl/wire/mtu.ts';
import { msn, pkey, qkey, qpn, rkey } from '../../impl/wire/numbers.ts';
import { OPCODE_NAMES, type OpcodeName, opcodeInfo } from '../../impl/wire/opcode.ts';
import { makePacket, type Packet } from '../../impl/wire/packet.ts';
import type { Path } from '../../impl/wire/path.ts';
import { psn } from '../../impl/wire/psn.ts';
import { syndrome } from '../../impl/wire/syndrome.ts';
import { type Va, va } from '../../impl/wire/va.ts';

/** An unsigned integer of so many bits, corners included. */
export const bits = (width: number): fc.Arbitrary<number> => fc.nat({ max: 2 ** width - 1 });

/** Any bytes of every length up to `maxLength`; fast-check's own preference for a dozen would hide the rest. */
export const anyUpTo = (maxLength: number, minLength = 0): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength, maxLength, size: 'max' });

const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

/** Any virtual address: as a process has them, from the whole range, and where a number ends to be exact. */
export const anyVa: fc.Arbitrary<Va> = fc
  .oneof(
    fc.bigInt({ min: 0n, max: 2n ** 53n }),
    uint64,
    fc.bigInt({ min: -3n, max: 3n }).map((off) => 2n ** 53n + off),
    fc.bigInt({ min: -3n, max: 3n }).map((off) => BigInt.asUintN(64, off)),
  )
  .map(va);

const address = (length: 4 | 16): fc.Arbitrary<IpAddress> =>
  fc.uint8Array({ minLength: length, maxLength: length }).map(ipFromBytes);

/** Any IPv4 or IPv6 path. */
export const anyPath: fc.Arbitrary<Path> = fc.constantFrom<4 | 16>(4, 16).chain((length) =>
  fc.record({
    source: address(length),
    destination: address(length),
    sourcePort: bits(16),
    identification: bits(16),
    dontFragment: fc.boolean(),
  }),
);

/** Any opcode. */
export const anyOpcode: fc.Arbitrary<OpcodeName> = fc.constantFrom(...OPCODE_NAMES);

const payloadOf = (opcode: OpcodeName): fc.Arbitrary<Uint8Array> => {
  const rule = opcodeInfo(opcode).payload;
  if (rule === 'NONE') return fc.constant(new Uint8Array(0));
  if (rule === 'SIXTEEN') return fc.uint8Array({ minLength: 16, maxLength: 16 });
  const short = anyUpTo(70);
  const long = fc.integer({ min: 0, max: MAX_PAYLOAD }).map((length) => new Uint8Array(length).fill(0xa5));
  return fc.oneof({ weight: 4, arbitrary: short }, { weight: 1, arbitrary: long });
};

/** Any packet the encoder takes; fields of headers the opcode lacks hold what `makePacket` puts there. */
export const anyPacketOf = (opcode: OpcodeName): fc.Arbitrary<Packet> => {
  const { RETH, AETH, DETH, AtomicETH, AtomicAckETH, ImmDt, IETH, FETH } = opcodeInfo(opcode).offsets;
  const all = {
    solicitedEvent: fc.boolean(),
    migReq: fc.boolean(),
    pkey: bits(16).map(pkey),
    fecn: fc.boolean(),
    becn: fc.boolean(),
    ackReq: fc.boolean(),
    payload: payloadOf(opcode),
    ...(RETH + AtomicETH > 0 && { va: anyVa, rkey: bits(32).map(rkey) }),
    ...(RETH > 0 && { dmaLength: bits(32) }),
    ...(AETH > 0 && { syndrome: bits(8).map(syndrome), msn: bits(24).map(msn) }),
    ...(DETH > 0 && { qkey: bits(32).map(qkey), srcQp: bits(24).map(qpn) }),
    ...(AtomicETH > 0 && { swapAdd: uint64, compare: uint64 }),
    ...(AtomicAckETH > 0 && { original: uint64 }),
    ...(ImmDt > 0 && { imm: bits(32) }),
    ...(IETH > 0 && { invalidateRkey: bits(32).map(rkey) }),
    ...(FETH > 0 && { placementType: bits(4), selectivity: bits(2) }),
  };
  return fc
    .tuple(bits(24).map(qpn), bits(24).map(psn), fc.record(all))
    .map(([destQp, number, fields]) => makePacket(opcode, destQp, number, fields));
};

/** Any packet of any opcode. */
export const anyPacket: fc.Arbitrary<Packet> = anyOpcode.chain(anyPacketOf);
