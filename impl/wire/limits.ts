// Owns the longest packet there is. Chapter 10.
import { MAX_PAYLOAD } from './mtu.ts';
import { OPCODE_NAMES, opcodeInfo } from './opcode.ts';
import { payloadIsWellFormed } from './payload-rule.ts';

/** Bytes of the ICRC at the end of a packet. */
export const ICRC_BYTES = 4;

const longestHeaders = Math.max(
  ...OPCODE_NAMES.map(opcodeInfo).map(({ payload, headerBytes }) =>
    payloadIsWellFormed(payload, MAX_PAYLOAD) ? headerBytes : 0,
  ),
);

/** Bytes of the longest UDP payload: the longest headers that a payload may follow, 4096 bytes, ICRC. */
export const MAX_PACKET_BYTES = longestHeaders + MAX_PAYLOAD + ICRC_BYTES;
