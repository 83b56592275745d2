// Owns CRC-32 (polynomial 0x04c11db7 reflected) as a register that can be seeded anywhere. Chapter 10.
import { SLICE_TABLE, SLICES } from './crc-tables.ts';
import { crcByFold } from './packet-memory.ts';

/** From this many bytes on, the vector code beats the table, call included. proofs-tests/bench/wire.ts measures both. */
const FOLD_FROM = 64;

/**
 * The CRC register after `bytes[start, end)`, from the register before; signed 32 bits, not inverted at either end.
 * Reads nothing outside that could be told.
 */
export const crcRegister = (bytes: Uint8Array, start: number, end: number, register: number): number =>
  (end - start < FOLD_FROM ? undefined : crcByFold(bytes, start, end, register)) ??
  crcByTable(bytes, start, end, register);

/** What `byte` does to the register `after` bytes later. */
const slice = (after: number, byte: number): number => SLICE_TABLE[(after << 8) | byte] ?? 0;

/** As `crcRegister`, by table alone: sixteen bytes a step, then four. */
export const crcByTable = (bytes: Uint8Array, start: number, end: number, register: number): number => {
  const byte = (i: number): number => bytes[i] ?? 0;
  let crc = register;
  let i = start;
  for (; i + SLICES <= end; i += SLICES) {
    crc =
      slice(15, byte(i) ^ (crc & 0xff)) ^
      slice(14, byte(i + 1) ^ ((crc >>> 8) & 0xff)) ^
      slice(13, byte(i + 2) ^ ((crc >>> 16) & 0xff)) ^
      slice(12, byte(i + 3) ^ (crc >>> 24)) ^
      slice(11, byte(i + 4)) ^
      slice(10, byte(i + 5)) ^
      slice(9, byte(i + 6)) ^
      slice(8, byte(i + 7)) ^
      slice(7, byte(i + 8)) ^
      slice(6, byte(i + 9)) ^
      slice(5, byte(i + 10)) ^
      slice(4, byte(i + 11)) ^
      slice(3, byte(i + 12)) ^
      slice(2, byte(i + 13)) ^
      slice(1, byte(i + 14)) ^
      slice(0, byte(i + 15));
  }
  for (; i + 4 <= end; i += 4) {
    crc =
      slice(3, byte(i) ^ (crc & 0xff)) ^
      slice(2, byte(i + 1) ^ ((crc >>> 8) & 0xff)) ^
      slice(1, byte(i + 2) ^ ((crc >>> 16) & 0xff)) ^
      slice(0, byte(i + 3) ^ (crc >>> 24));
  }
  for (; i < end; i++) crc = slice(0, (crc ^ byte(i)) & 0xff) ^ (crc >>> 8);
  return crc;
};

/** The index of the table entry whose highest byte is this: every byte occurs once. */
const INDEX_OF = ((): Uint8Array => {
  const index = new Uint8Array(256);
  for (let byte = 0; byte < 256; byte++) index[slice(0, byte) >>> 24] = byte;
  return index;
})();

/** The register before `bytes[start, end)`, from the register after: the way back. */
export const crcBefore = (bytes: Uint8Array, start: number, end: number, register: number): number => {
  let crc = register;
  for (let i = end - 1; i >= start; i--) {
    const index = INDEX_OF[crc >>> 24] ?? 0;
    crc = ((crc ^ slice(0, index)) << 8) | (index ^ (bytes[i] ?? 0));
  }
  return crc;
};
