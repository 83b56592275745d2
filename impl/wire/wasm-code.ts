// Owns the binary form of the few WebAssembly instructions used here (WebAssembly Core 2.0, chapter 5).

/** Instructions, or any other part of a module, as bytes. */
export type Code = readonly number[];

const unsigned = (value: number): Code => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)]);

const signed = (value: number): Code =>
  value >= -64 && value < 64 ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];

const vector = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];

const section = (id: number, contents: Code): Code => [id, ...unsigned(contents.length), ...contents];

const simd = (opcode: number): Code => [0xfd, ...unsigned(opcode)];

const op =
  (...bytes: Code) =>
  (...operands: readonly Code[]): Code => [...operands.flat(), ...bytes];

/** Alignment is a hint, and none is given: packets begin anywhere. */
const memory =
  (...opcode: Code) =>
  (address: Code, offset = 0): Code => [...address, ...opcode, 0, ...unsigned(offset)];

export const I32 = 0x7f;
export const V128 = 0x7b;

export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)];
export const i32 = (value: number): Code => [0x41, ...signed(value)];

export const i32Load = memory(0x28);
export const i32Load8 = memory(0x2d);
export const i32Below = op(0x49);
export const i32Add = op(0x6a);
export const i32Sub = op(0x6b);
export const i32And = op(0x71);
export const i32Or = op(0x72);
export const i32Xor = op(0x73);
export const i32ShiftLeft = op(0x74);
export const i32ShiftRight = op(0x76);

export const v128Load = memory(...simd(0x00));
export const v128Store = (address: Code, value: Code, offset: number): Code => [
  ...address,
  ...value,
  ...simd(0x0b),
  0,
  ...unsigned(offset),
];
export const V128_ZERO: Code = [...simd(0x0c), ...Array.from({ length: 16 }, () => 0)];
export const v128And = op(...simd(0x4e));
export const v128Xor = op(...simd(0x51));
export const i8x16Splat = op(...simd(0x0f));
/** Of each byte of the second operand, the byte of the first with that number. */
export const i8x16Swizzle = op(...simd(0x0e));
export const i16x8ShiftRight = op(...simd(0x8d));
export const i32x4Lane = (lane: number, value: Code): Code => [...value, ...simd(0x1b), lane];
export const i32x4ReplaceLane0 = (vector128: Code, value: Code): Code => [...vector128, ...value, ...simd(0x1c), 0];

/** The sixteen bytes from `from` on of the thirty-two that are `low`, then `high`. */
export const bytesFrom = (from: number, low: Code, high: Code): Code => [
  ...low,
  ...high,
  ...simd(0x0d),
  ...Array.from({ length: 16 }, (_, i) => from + i),
];

export const block = (...body: readonly Code[]): Code => [0x02, 0x40, ...body.flat(), 0x0b];
export const loop = (...body: readonly Code[]): Code => [0x03, 0x40, ...body.flat(), 0x0b];
export const when = (condition: Code, ...body: readonly Code[]): Code => [
  ...condition,
  0x04,
  0x40,
  ...body.flat(),
  0x0b,
];
export const branch = (depth: number): Code => [0x0c, ...unsigned(depth)];
export const branchIf = (depth: number, condition: Code): Code => [...condition, 0x0d, ...unsigned(depth)];
/** To the depth whose number the index is, 0 to `depths` - 1, and that one for all above. */
export const branchTable = (depths: number, index: Code): Code => [
  ...index,
  0x0e,
  ...vector(Array.from({ length: depths - 1 }, (_, i) => unsigned(i))),
  ...unsigned(depths - 1),
];

/** A run of locals of one type. */
export type Locals = { readonly count: number; readonly type: typeof I32 | typeof V128 };

/**
 * A module with one exported function `name` of `parameters` 32-bit integers to one, over a memory it imports as
 * `env.memory` of at least one page.
 */
export const moduleOf = (name: string, parameters: number, locals: readonly Locals[], body: Code): Uint8Array => {
  const text = (word: string): Code => vector([...word].map((letter) => [letter.charCodeAt(0)]));
  const code = [...vector(locals.map(({ count, type }) => [...unsigned(count), type])), ...body, 0x0b];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector([[0x60, ...vector(Array.from({ length: parameters }, () => [I32])), 1, I32]])),
    ...section(2, vector([[...text('env'), ...text('memory'), 0x02, 0x00, 1]])),
    ...section(3, vector([[0]])),
    ...section(7, vector([[...text(name), 0x00, 0]])),
    ...section(10, vector([[...unsigned(code.length), ...code]])),
  ]);
};
