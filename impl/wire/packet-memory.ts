// Owns the memory that the CRC's WebAssembly code sees: what lies there is checked where it lies. Decision 0013.
import { FOLD_BYTES, foldModule, foldTables } from './crc-fold.ts';
import { MAX_PACKET_BYTES } from './limits.ts';

/** What of WebAssembly's JavaScript interface is used; absent where the program may make no code (`--jitless`). */
declare const WebAssembly:
  | undefined
  | {
      readonly Memory: new (size: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
      readonly Module: new (bytes: Uint8Array) => object;
      readonly Instance: new (
        module: object,
        imports: object,
      ) => { readonly exports: Readonly<Record<string, unknown>> };
    };

/** The CRC register after `length` bytes at `at` of the memory; `length` at least sixteen. Signed 32 bits. */
type Fold = (at: number, length: number, register: number) => number;

/** Of 64 KiB: room for the rings of some fifty sockets. It cannot grow without moving; what nobody writes costs nothing. */
const PAGES = 512;

const ALIGNMENT = 64;

const aligned = (bytes: number): number => (bytes + ALIGNMENT - 1) & -ALIGNMENT;

const SCRATCH_AT = aligned(FOLD_BYTES);

/**
 * Bytes that know where in the memory they lie; views cut from them know too. To ask any others for their buffer costs a call
 * out of compiled code, as much as the CRC of a few hundred bytes.
 */
class PlacedBytes extends Uint8Array<ArrayBuffer> {
  /** The buffer of the memory. */
  static home: ArrayBuffer | undefined;
  readonly place: number | undefined;

  constructor(buffer: ArrayBuffer, at: number, length: number) {
    super(buffer, at, length);
    this.place = this.buffer === PlacedBytes.home ? this.byteOffset : undefined; // a copy lies elsewhere
  }
}

class PacketMemory {
  readonly #buffer: ArrayBuffer;
  readonly #fold: Fold;
  /** For packets that lie elsewhere. */
  readonly #scratch: Uint8Array;
  readonly #released: Uint8Array[] = [];
  #used = aligned(SCRATCH_AT + MAX_PACKET_BYTES);

  constructor(buffer: ArrayBuffer, fold: Fold) {
    this.#buffer = buffer;
    PlacedBytes.home = buffer;
    this.#fold = fold;
    this.#scratch = new Uint8Array(buffer, SCRATCH_AT, MAX_PACKET_BYTES);
  }

  claim(bytes: number): Uint8Array | undefined {
    const again = this.#released.findLastIndex(({ length }) => length === bytes);
    if (again >= 0) return this.#released.splice(again, 1)[0]?.fill(0);
    const at = this.#used;
    if (at + bytes > this.#buffer.byteLength) return undefined;
    this.#used = aligned(at + bytes);
    return new PlacedBytes(this.#buffer, at, bytes);
  }

  release(bytes: Uint8Array): void {
    if (bytes.buffer === this.#buffer) this.#released.push(bytes);
  }

  /** Undefined if the bytes lie elsewhere and are too many to be copied here. */
  crc(bytes: Uint8Array, start: number, end: number, register: number): number | undefined {
    if (bytes instanceof PlacedBytes && bytes.place !== undefined) {
      return this.#fold(bytes.place + start, end - start, register);
    }
    if (bytes.length <= MAX_PACKET_BYTES) {
      this.#scratch.set(bytes); // a view of the part alone would cost more than what is copied needlessly
      return this.#fold(SCRATCH_AT + start, end - start, register);
    }
    if (end - start > MAX_PACKET_BYTES) return undefined;
    this.#scratch.set(bytes.subarray(start, end));
    return this.#fold(SCRATCH_AT, end - start, register);
  }
}

const isFold = (exported: unknown): exported is Fold => typeof exported === 'function';

const open = (): PacketMemory | undefined => {
  if (typeof WebAssembly === 'undefined') return undefined;
  try {
    const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES });
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(foldModule()), { env: { memory } });
    if (!isFold(exports.crc)) return undefined;
    foldTables(memory.buffer);
    return new PacketMemory(memory.buffer, exports.crc);
  } catch {
    return undefined; // no vectors in this processor, no address space: the table does it
  }
};

const opened = open();

/** Whether the WebAssembly code runs here. */
export const hasFold = opened !== undefined;

/**
 * `bytes` of zeros, for packets whose CRC is to be computed without a copy, as long as there is room; else anywhere.
 * They are the caller's until `releasePacketMemory`.
 */
export const claimPacketMemory = (bytes: number): Uint8Array => opened?.claim(bytes) ?? new Uint8Array(bytes);

/** Gives back what `claimPacketMemory` returned; no view of it may be used from here on. */
export const releasePacketMemory = (bytes: Uint8Array): void => opened?.release(bytes);

/**
 * The CRC register after `bytes[start, end)`, from the register before; at least sixteen bytes. Undefined where the code
 * does not run or the bytes are longer than a packet and lie elsewhere.
 */
export const crcByFold = (bytes: Uint8Array, start: number, end: number, register: number): number | undefined =>
  opened?.crc(bytes, start, end, register);
