// Owns the one packet record that an engine fills for each packet it sends. Chapter 10.
import { qpn } from '../wire/numbers.ts';
import { makePacket, type Packet } from '../wire/packet.ts';
import { psn } from '../wire/psn.ts';

/** A packet under construction. */
export type MutablePacket = { -readonly [K in keyof Packet]: Packet[K] };

/** A packet to be filled again and again; what an opcode does not use may hold leftovers, which are not sent. */
export const makeMutablePacket = (): MutablePacket => makePacket('CNP', qpn(0), psn(0));
