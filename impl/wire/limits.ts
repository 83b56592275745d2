// Owns the longest packet there is. Chapter 10.
import { MAX_PAYLOAD } from './mtu.ts';
import { OPCODE_NAMES, opcodeInfo } from './opcode.ts';

/** Bytes of the ICRC at the end of a packet. */
export const ICRC_BYTES = 4;

/** Bytes of the longest UDP payload: the longest headers, 4096 bytes, ICRC. */
export const MAX_PACKET_BYTES =
  Math.max(...OPCODE_NAMES.map((name) => opcodeInfo(name).headerBytes)) + MAX_PAYLOAD + ICRC_BYTES;
