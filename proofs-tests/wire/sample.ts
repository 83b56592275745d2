// A conversation no one would have: every opcode with every pad, sensible values, over IPv4 and IPv6. For oracles.
import fc from 'fast-check';
import { ip } from '../../impl/wire/address.ts';
import { encodePacket } from '../../impl/wire/encode.ts';
import { encodeNetwork, type Network } from '../../impl/wire/network.ts';
import { qpn } from '../../impl/wire/numbers.ts';
import { OPCODE_NAMES, opcodeInfo } from '../../impl/wire/opcode.ts';
import type { Packet } from '../../impl/wire/packet.ts';
import { path } from '../../impl/wire/path.ts';
import type { PayloadRule } from '../../impl/wire/payload-rule.ts';
import { anyPacketOf } from './arbitrary.ts';

export type Sample = {
  readonly packet: Packet;
  readonly network: Network;
  /** The IP packet. */
  readonly bytes: Uint8Array;
};

const V4 = path(ip('192.0.2.1'), ip('192.0.2.2'), 0xc123);
const V6 = path(ip('2001:db8::1'), ip('2001:db8::2'), 0xd234);

const PER_OPCODE = 16;

/** Lengths that give every pad: 5, 6, 7, …; first nothing, where that is allowed. */
const payloadOf = (rule: PayloadRule, i: number): Uint8Array => {
  const length = { NONE: 0, EIGHT: 8, SIXTEEN: 16, MTU: 5 + i, ONE_TO_MTU: 5 + i, UP_TO_MTU: i === 0 ? 0 : 5 + i }[
    rule
  ];
  return Uint8Array.from({ length }, (_, at) => at * 7 + i);
};

/** The same packets at every call. */
export const everyOpcode = (): readonly Sample[] =>
  OPCODE_NAMES.flatMap((name, n) =>
    fc.sample(anyPacketOf(name), { numRuns: PER_OPCODE, seed: 4791 + n }).map((random, i): Sample => {
      const payload = payloadOf(opcodeInfo(name).payload, i);
      // QPs 0 and 1 carry management datagrams, which have a form of their own.
      const packet = { ...random, destQp: qpn(Math.max(random.destQp, 2)), payload };
      const network = {
        path: i % 4 === 3 ? V6 : { ...V4, identification: i },
        trafficClass: 0x02,
        flowLabel: 0,
        hopLimit: 64,
        udpChecksum: 0,
      };
      return { packet, network, bytes: encodeNetwork(network, encodePacket(packet, network.path)) };
    }),
  );
