// The envelope of an image file: magic, version, lengths, SHA-256; then metadata, then memory. spec/60-image.md.
import { createHash } from 'node:crypto';
import { type ImageResult, refused } from './image-error.ts';

/** `GODWIT`, a carriage return and a line feed: a transfer that rewrites line ends breaks it at once. */
export const MAGIC = Uint8Array.of(0x47, 0x4f, 0x44, 0x57, 0x49, 0x54, 0x0d, 0x0a);

/** The image format's own version. A reader knows exactly one. */
export const IMAGE_VERSION = 3;

/** Where the fields of the envelope begin. Source: table image-envelope. */
export const ENVELOPE = { magic: 0, version: 8, metaLength: 12, memoryLength: 16, sha256: 24 } as const;

/** Bytes of the envelope before the metadata. */
export const ENVELOPE_SIZE = 56;

const digest = (front: Uint8Array, parts: readonly Uint8Array[]): Uint8Array => {
  const hash = createHash('sha256').update(front);
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/**
 * The pieces of an image file in order, to be written one after the other; the memory is not copied.
 * The hash covers every byte of the file but its own 32.
 */
export const seal = (meta: Uint8Array, memory: readonly Uint8Array[]): readonly Uint8Array[] => {
  const envelope = new Uint8Array(ENVELOPE_SIZE);
  const view = new DataView(envelope.buffer);
  //= IMG-1
  envelope.set(MAGIC);
  view.setUint32(ENVELOPE.version, IMAGE_VERSION);
  view.setUint32(ENVELOPE.metaLength, meta.length);
  view.setBigUint64(ENVELOPE.memoryLength, BigInt(memory.reduce((sum, part) => sum + part.length, 0)));
  //= IMG-4
  envelope.set(digest(envelope.subarray(0, ENVELOPE.sha256), [meta, ...memory]), ENVELOPE.sha256);
  return [envelope, meta, ...memory];
};

/** What an envelope holds. */
export type Unsealed = { readonly meta: Uint8Array; readonly memory: Uint8Array };

/** Checks magic, version, lengths and hash, in this order; the results are views of `bytes`. */
export const unseal = (bytes: Uint8Array): ImageResult<Unsealed> => {
  //= IMG-1
  if (!MAGIC.every((byte, i) => bytes[i] === byte)) return refused('IMG-1', 'byte 0', 'this is not a godwit image');
  //= IMG-3
  if (bytes.length < ENVELOPE_SIZE) {
    return refused('IMG-3', `byte ${bytes.length}`, `the file ends inside its ${ENVELOPE_SIZE}-byte envelope`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint32(ENVELOPE.version);
  //= IMG-2
  if (version !== IMAGE_VERSION) {
    return refused('IMG-2', 'version', `image version ${version}; this program reads version ${IMAGE_VERSION} only`);
  }
  const memoryAt = ENVELOPE_SIZE + view.getUint32(ENVELOPE.metaLength);
  const end = BigInt(memoryAt) + view.getBigUint64(ENVELOPE.memoryLength);
  //= IMG-3
  if (end > bytes.length)
    return refused('IMG-3', `byte ${bytes.length}`, `the file is truncated: ${end} bytes expected`);
  if (end < bytes.length)
    return refused('IMG-3', `byte ${end}`, `${BigInt(bytes.length) - end} bytes follow the image`);
  const sha = digest(bytes.subarray(0, ENVELOPE.sha256), [bytes.subarray(ENVELOPE_SIZE)]);
  //= IMG-4
  if (!sha.every((byte, i) => bytes[ENVELOPE.sha256 + i] === byte)) {
    return refused('IMG-4', 'sha256', 'the contents do not match the SHA-256 in the envelope: the file was altered');
  }
  return { ok: true, value: { meta: bytes.subarray(ENVELOPE_SIZE, memoryAt), memory: bytes.subarray(memoryAt) } };
};
