// Owns the tables of CRC-32 (polynomial 0x04c11db7 reflected): what bytes do to the register. Chapter 10.

/** Bytes for which there is a slice. */
export const SLICES = 16;

/** Slice k, entry b, at k * 256 + b: what byte b does to the register k bytes later. */
export const SLICE_TABLE = ((): Int32Array => {
  const table = new Int32Array(SLICES * 256);
  for (let byte = 0; byte < 256; byte++) {
    let register = byte;
    for (let bit = 0; bit < 8; bit++) register = register & 1 ? (register >>> 1) ^ 0xedb88320 : register >>> 1;
    table[byte] = register;
  }
  for (let i = 256; i < table.length; i++) {
    const before = table[i - 256] ?? 0;
    table[i] = (before >>> 8) ^ (table[before & 0xff] ?? 0);
  }
  return table;
})();

/** The register after `zeros` bytes of zero. */
export const afterZeros = (register: number, zeros: number): number => {
  let crc = register;
  for (let i = 0; i < zeros; i++) crc = (crc >>> 8) ^ (SLICE_TABLE[crc & 0xff] ?? 0);
  return crc;
};
