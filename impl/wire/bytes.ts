// Owns big-endian numbers in a byte array: what the fast codec reads and writes. Chapter 10.

/** 64 bits on their way between bytes and a bigint. */
const scratch = new DataView(new ArrayBuffer(8));

const { set } = Uint8Array.prototype;

/** Puts all of `from` into `out` at `at`. A method that is named at a typed array is looked up anew at each call: not so here. */
export const copyBytes = (from: Uint8Array, out: Uint8Array, at: number): void => set.call(out, from, at);

/** One byte. */
export const u8 = (bytes: Uint8Array, at: number): number => bytes[at] ?? 0;

/** 16 bits; `T` may be a brand of that width, as in the readers below. */
export const u16 = <T extends number = number>(bytes: Uint8Array, at: number): T =>
  ((u8(bytes, at) << 8) | u8(bytes, at + 1)) as T;

export const u24 = <T extends number = number>(bytes: Uint8Array, at: number): T =>
  ((u8(bytes, at) << 16) | (u8(bytes, at + 1) << 8) | u8(bytes, at + 2)) as T;

export const u32 = <T extends number = number>(bytes: Uint8Array, at: number): T =>
  (((u8(bytes, at) << 24) | u24(bytes, at + 1)) >>> 0) as T;

/** Little-endian: the ICRC's order. Signed. */
export const i32Little = (bytes: Uint8Array, at: number): number =>
  u8(bytes, at) | (u8(bytes, at + 1) << 8) | (u8(bytes, at + 2) << 16) | (u8(bytes, at + 3) << 24);

export const u64 = (bytes: Uint8Array, at: number): bigint => {
  scratch.setUint32(0, u32(bytes, at));
  scratch.setUint32(4, u32(bytes, at + 4));
  return scratch.getBigUint64(0);
};

/** An unsigned integer of 64 bits as a number, rounded above 2^53: as `Number` does it, which leaves compiled code for that. */
export const numberOf = (value: bigint): number => {
  scratch.setBigUint64(0, value);
  return scratch.getUint32(0) * 2 ** 32 + scratch.getUint32(4);
};

/** Little-endian: the order of words in memory. */
export const u64Little = (bytes: Uint8Array, at: number): bigint => {
  scratch.setInt32(0, i32Little(bytes, at), true);
  scratch.setInt32(4, i32Little(bytes, at + 4), true);
  return scratch.getBigUint64(0, true);
};

export const putU16 = (bytes: Uint8Array, at: number, value: number): void => {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
};

export const putU24 = (bytes: Uint8Array, at: number, value: number): void => {
  bytes[at] = value >>> 16;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value;
};

export const putU32 = (bytes: Uint8Array, at: number, value: number): void => {
  bytes[at] = value >>> 24;
  putU24(bytes, at + 1, value);
};

/** Little-endian: the ICRC's order. */
export const putI32Little = (bytes: Uint8Array, at: number, value: number): void => {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
};

/** Little-endian: the order of words in memory. Writes the low 64 bits. */
export const putU64Little = (bytes: Uint8Array, at: number, value: bigint): void => {
  scratch.setBigUint64(0, value, true);
  putI32Little(bytes, at, scratch.getInt32(0, true));
  putI32Little(bytes, at + 4, scratch.getInt32(4, true));
};

/** Throws RangeError unless `value` is an unsigned integer of 64 bits. */
export const putU64 = (bytes: Uint8Array, at: number, value: bigint): void => {
  if (BigInt.asUintN(64, value) !== value) throw new RangeError(`${value} is not an unsigned 64-bit integer`);
  scratch.setBigUint64(0, value);
  putU32(bytes, at, scratch.getUint32(0));
  putU32(bytes, at + 4, scratch.getUint32(4));
};
