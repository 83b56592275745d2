// Owns the layout of the key-value table in the server's memory, which clients read and write from afar.
//
// A slot: version (8, little-endian: even free, odd locked), key (8), length (4), checksum (4), value. The version is what
// compare-and-swap locks; the checksum covers version, key and value, so that a torn read shows.

export const VALUE_BYTES = 104;
export const SLOT_BYTES = 24 + VALUE_BYTES;
/** A key that no entry has: the slot is empty. */
export const NO_KEY = 0n;

export type Slot = { readonly version: bigint; readonly key: bigint; readonly value: Uint8Array };

/** FNV-1a over everything but the checksum itself. */
const checksum = (bytes: Uint8Array): number => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) {
    if (i >= 20 && i < 24) continue;
    hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x01000193);
  }
  return hash >>> 0;
};

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, SLOT_BYTES);

/** Writes a slot as it will be when unlocked under `version`. Precondition: the value fits. */
export const encodeSlot = (bytes: Uint8Array, { version, key, value }: Slot): void => {
  const view = viewOf(bytes);
  bytes.fill(0);
  view.setBigUint64(0, version, true);
  view.setBigUint64(8, key, true);
  view.setUint32(16, value.length, true);
  bytes.set(value, 24);
  view.setUint32(20, checksum(bytes), true);
};

/** The slot in `bytes`; undefined if it is locked or was read while it changed. */
export const decodeSlot = (bytes: Uint8Array): Slot | undefined => {
  const view = viewOf(bytes);
  const version = view.getBigUint64(0, true);
  const key = view.getBigUint64(8, true);
  if (version % 2n === 1n) return undefined;
  if (version === 0n && key === NO_KEY) return { version, key, value: bytes.slice(24, 24) };
  if (view.getUint32(20, true) !== checksum(bytes)) return undefined;
  return { version, key, value: bytes.slice(24, 24 + view.getUint32(16, true)) };
};

/** The slot at which the search for a key begins. */
export const homeOf = (key: bigint, slots: number): number =>
  Number(((key * 0x9e3779b97f4a7c15n) % (1n << 64n)) % BigInt(slots));
