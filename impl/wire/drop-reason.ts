// Owns the reasons for which the decoder refuses bytes. Chapter 10.

/** Every reason for which a UDP payload is not a RoCEv2 packet, in the order of the checks. */
export const DROP_REASONS = [
  /** Shorter than BTH and ICRC. */
  'TOO_SHORT',
  /** Longer than a WRITE Only with immediate of 4096 bytes. */
  'TOO_LONG',
  /** The length is not a multiple of four. */
  'UNALIGNED_LENGTH',
  /** The ICRC does not match: bytes damaged, or sent by another path. */
  'BAD_ICRC',
  /** The transport version is not 0. */
  'BAD_TVER',
  /** No service of godwit assigns the opcode. */
  'UNKNOWN_OPCODE',
  /** Shorter than the headers of its opcode. */
  'TRUNCATED_HEADERS',
  /** More pad than bytes after the headers. */
  'PAD_EXCEEDS_PAYLOAD',
  /** A pad byte is not zero. */
  'PAD_NOT_ZERO',
  /** Bytes after the headers of an opcode that has no payload. */
  'TRAILING_BYTES',
  /** More than 4096 bytes of payload, or a CNP without its 16. */
  'BAD_PAYLOAD_LENGTH',
] as const;

export type DropReason = (typeof DROP_REASONS)[number];
