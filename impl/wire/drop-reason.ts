// Owns the reasons for which the decoder refuses bytes. Chapter 10.

/** Every reason for which a byte string is not a RoCEv2 packet, in the order of the checks. */
export const DROP_REASONS = [
  /** Shorter than BTH and ICRC. */
  'TOO_SHORT',
  /** The length is not a multiple of four. */
  'UNALIGNED_LENGTH',
  /** Longer than the longest headers and payload. */
  'TOO_LONG',
  /** The ICRC does not match. */
  'BAD_ICRC',
  /** The transport version is not 0. */
  'BAD_TVER',
  'UNKNOWN_OPCODE',
  /** Shorter than the headers of its opcode. */
  'TRUNCATED_HEADERS',
  /** The pad count is larger than what follows the headers. */
  'PAD_EXCEEDS_PAYLOAD',
  /** A pad byte is not zero. */
  'PAD_NOT_ZERO',
  /** Bytes after the headers of an opcode that has no payload. */
  'TRAILING_BYTES',
  /** Payload beyond 4096 bytes, or not the fixed length of a CNP. */
  'BAD_PAYLOAD_LENGTH',
] as const;

export type DropReason = (typeof DROP_REASONS)[number];
