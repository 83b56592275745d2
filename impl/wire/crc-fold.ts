// Owns CRC-32 in WebAssembly with 128-bit vectors: long packets at several bytes a cycle. Decision 0013.
import { afterZeros, SLICE_TABLE, SLICES } from './crc-tables.ts';
import {
  block,
  branch,
  branchIf,
  branchTable,
  bytesFrom,
  type Code,
  get,
  I32,
  i8x16Splat,
  i8x16Swizzle,
  i16x8ShiftRight,
  i32,
  i32Add,
  i32And,
  i32Below,
  i32Load,
  i32Load8,
  i32Or,
  i32ShiftLeft,
  i32ShiftRight,
  i32Sub,
  i32Xor,
  i32x4Lane,
  i32x4ReplaceLane0,
  loop,
  moduleOf,
  set,
  V128,
  V128_ZERO,
  v128And,
  v128Load,
  v128Store,
  v128Xor,
  when,
} from './wasm-code.ts';

/** Bytes of a vector. */
const BLOCK = 16;

/**
 * A byte does the same to the register as its copies this many bytes later, all together: the sum of x^(-8d) over these is
 * 1 modulo the polynomial. So a block can be struck out by adding it to later ones. Of the sets of seven up to 128
 * the one with most multiples of 16, which need no shifting. Far ones first: what was struck out last is waited for last.
 */
export const DISTANCES = [120, 112, 107, 102, 86, 40, 32] as const;

/** Blocks until the last copy: those at the end, which cannot be struck out. */
const WINDOW = Math.ceil(Math.max(...DISTANCES) / BLOCK);

const NIBBLES = 2;
const REGISTER_BYTES = 4;

/** Bytes of the tables for one block of the window. */
const BLOCK_TABLES = NIBBLES * REGISTER_BYTES * BLOCK;

const SLICES_AT = 0;
const SLICE = 256 * 4;
const TABLES_AT = SLICES_AT + SLICES * SLICE;
/** The first block of a message, with zeros behind: what its slot and the others hold at the start. */
const FIRST_AT = TABLES_AT + WINDOW * BLOCK_TABLES;

/** Bytes at the start of the memory that belong to the code. */
export const FOLD_BYTES = FIRST_AT + WINDOW * BLOCK;

/** What the code reads, laid out as it expects it. */
export const foldTables = (memory: ArrayBuffer): void => {
  new Int32Array(memory, SLICES_AT, SLICE_TABLE.length).set(SLICE_TABLE);
  const bytes = new DataView(memory);
  for (let after = 0; after < WINDOW; after++) {
    for (let nibble = 0; nibble < NIBBLES; nibble++) {
      for (let value = 0; value < 16; value++) {
        const register = afterZeros(SLICE_TABLE[value << (4 * nibble)] ?? 0, after * BLOCK);
        for (let byte = 0; byte < REGISTER_BYTES; byte++) {
          bytes.setUint8(tableAt(after, nibble, byte) + value, register >>> (8 * byte));
        }
      }
    }
  }
};

const tableAt = (after: number, nibble: number, byte: number): number =>
  TABLES_AT + after * BLOCK_TABLES + (nibble * REGISTER_BYTES + byte) * BLOCK;

// Parameters and locals.
const AT = 0;
const LENGTH = 1;
const CRC = 2;
const BLOCKS = 3;
const SLOT = 4;
const END = 5;
const VALUE = 6;
const LOW = 7;
const HIGH = 8;
const MASK = 9;
const SUM = 10; // REGISTER_BYTES of them
const KEPT = SUM + REGISTER_BYTES; // WINDOW of them: the last blocks struck out, each in the slot of its number

const SLOTS = Array.from({ length: WINDOW }, (_, slot) => slot);

const xorAll = (terms: readonly Code[]): Code => terms.reduce((sum, term) => v128Xor(sum, term));

const step = (local: number, by: number): Code => set(local, i32Add(get(local), i32(by)));

/** What the block in `slot` receives from the blocks so many before it, if they were struck out and are kept. */
const received = (slot: number, isKept: (before: number) => boolean): readonly Code[] =>
  DISTANCES.flatMap((distance) => {
    const kept = (before: number): Code =>
      isKept(before) ? get(KEPT + ((slot - before + 2 * WINDOW) % WINDOW)) : V128_ZERO;
    const near = Math.floor(distance / BLOCK);
    const shift = distance % BLOCK;
    if (shift === 0) return isKept(near) ? [kept(near)] : [];
    return isKept(near) || isKept(near + 1) ? [bytesFrom(BLOCK - shift, kept(near + 1), kept(near))] : [];
  });

/** Adds to the four sums what the block does to the register, by nibbles: byte j of a sum is about byte j of the block. */
const reduce = (value: Code, table: (nibble: number, byte: number) => Code): Code => [
  ...set(VALUE, value),
  ...set(LOW, v128And(get(VALUE), get(MASK))),
  ...set(HIGH, v128And(i16x8ShiftRight(get(VALUE), i32(4)), get(MASK))),
  ...Array.from({ length: REGISTER_BYTES }, (_, byte) =>
    set(
      SUM + byte,
      xorAll([get(SUM + byte), i8x16Swizzle(table(0, byte), get(LOW)), i8x16Swizzle(table(1, byte), get(HIGH))]),
    ),
  ).flat(),
];

const sliceEntry = (after: number, byte: Code): Code => i32Load(i32ShiftLeft(byte, i32(2)), SLICES_AT + after * SLICE);

const byteOf = (word: Code, byte: number): Code =>
  i32And(byte === 0 ? word : i32ShiftRight(word, i32(8 * byte)), i32(0xff));

/** The bytes before the first whole block, each on its own or four at a time. */
const head: Code = [
  ...set(END, i32Add(get(AT), i32And(get(LENGTH), i32(BLOCK - 1)))),
  ...loop(
    when(
      i32Below(i32Add(get(AT), i32(3)), get(END)),
      set(CRC, i32Xor(get(CRC), i32Load(get(AT)))),
      set(
        CRC,
        i32Xor(
          i32Xor(sliceEntry(3, byteOf(get(CRC), 0)), sliceEntry(2, byteOf(get(CRC), 1))),
          i32Xor(sliceEntry(1, byteOf(get(CRC), 2)), sliceEntry(0, byteOf(get(CRC), 3))),
        ),
      ),
      step(AT, 4),
      branch(1),
    ),
  ),
  ...loop(
    when(
      i32Below(get(AT), get(END)),
      set(
        CRC,
        i32Xor(i32ShiftRight(get(CRC), i32(8)), sliceEntry(0, i32And(i32Xor(get(CRC), i32Load8(get(AT))), i32(0xff)))),
      ),
      step(AT, 1),
      branch(1),
    ),
  ),
];

const firstBlock = v128Xor(v128Load(get(AT)), i32x4ReplaceLane0(V128_ZERO, get(CRC)));

/** At most a window of blocks: nothing can be struck out. */
const fewBlocks: Code = [
  ...set(VALUE, firstBlock),
  ...set(SLOT, i32ShiftLeft(get(BLOCKS), i32(7))),
  ...loop(
    reduce(get(VALUE), (nibble, byte) => v128Load(get(SLOT), tableAt(0, nibble, byte) - BLOCK_TABLES)),
    step(AT, BLOCK),
    step(SLOT, -BLOCK_TABLES),
    when(get(SLOT), set(VALUE, v128Load(get(AT))), branch(1)),
  ),
];

/**
 * Strikes out all blocks but the last WINDOW, then looks these up. Slots take turns; where to begin is chosen so that the
 * last block struck out has the last slot.
 */
const strikeOut: Code = [
  ...v128Store(i32(0), firstBlock, FIRST_AT),
  ...set(SLOT, i32And(i32Sub(i32(WINDOW + 1), get(BLOCKS)), i32(WINDOW - 1))),
  // The first block has the slot before: it receives nothing, and is there already.
  ...SLOTS.flatMap((slot) =>
    set(
      KEPT + slot,
      v128Load(i32ShiftLeft(i32And(i32Sub(i32(slot), i32Sub(get(SLOT), i32(1))), i32(WINDOW - 1)), i32(4)), FIRST_AT),
    ),
  ),
  ...set(END, i32Add(get(AT), i32ShiftLeft(i32Sub(get(BLOCKS), i32(WINDOW)), i32(4)))),
  ...set(AT, i32Add(get(AT), i32ShiftLeft(i32Sub(i32(1), get(SLOT)), i32(4)))),
  ...loop(
    when(
      i32Below(i32Add(get(AT), i32ShiftLeft(get(SLOT), i32(4))), get(END)),
      SLOTS.reduce<Code>(
        (before, slot) => [
          ...block(before),
          ...set(KEPT + slot, xorAll([v128Load(get(AT), slot * BLOCK), ...received(slot, () => true)])),
        ],
        branchTable(WINDOW, get(SLOT)),
      ),
      step(AT, WINDOW * BLOCK),
      set(SLOT, i32(0)),
      branch(1),
    ),
  ),
  ...SLOTS.flatMap((slot) =>
    reduce(xorAll([v128Load(get(AT), slot * BLOCK), ...received(slot, (before) => before > slot)]), (nibble, byte) =>
      v128Load(i32(0), tableAt(WINDOW - 1 - slot, nibble, byte)),
    ),
  ),
];

/**
 * Byte j of sum k belongs at place j + k of a message of nineteen bytes, whose remainder is the register: fifteen bytes by
 * table, the last four as they are.
 */
const finish: Code = [
  ...set(
    VALUE,
    xorAll(Array.from({ length: REGISTER_BYTES }, (_, k) => bytesFrom(BLOCK - k, V128_ZERO, get(SUM + k)))),
  ),
  ...set(
    HIGH,
    xorAll(Array.from({ length: REGISTER_BYTES - 1 }, (_, k) => bytesFrom(BLOCK - 1 - k, get(SUM + k + 1), V128_ZERO))),
  ),
  ...Array.from({ length: BLOCK - 1 }, (_, byte) =>
    sliceEntry(BLOCK - 2 - byte, byteOf(i32x4Lane(byte >> 2, get(VALUE)), byte & 3)),
  ).reduce((sum, term) => i32Xor(sum, term)),
  ...i32Or(i32ShiftRight(i32x4Lane(3, get(VALUE)), i32(24)), i32ShiftLeft(i32x4Lane(0, get(HIGH)), i32(8))),
  ...i32Xor(),
];

/** A module whose `crc(at, length, register)` is the register after the bytes; `length` at least a block. */
export const foldModule = (): Uint8Array =>
  moduleOf(
    'crc',
    3,
    [
      { count: 3, type: I32 },
      { count: 4 + REGISTER_BYTES + WINDOW, type: V128 },
    ],
    [
      ...set(MASK, i8x16Splat(i32(0x0f))),
      ...head,
      ...set(BLOCKS, i32ShiftRight(get(LENGTH), i32(4))),
      ...block(
        branchIf(0, i32Below(get(BLOCKS), i32(WINDOW + 1))),
        strikeOut,
        set(BLOCKS, i32(0)), // nothing is left for `fewBlocks`
      ),
      ...when(get(BLOCKS), fewBlocks),
      ...finish,
    ],
  );
