// Owns access flags of regions, windows and QPs. Bits as in `ibv_access_flags`. Chapter 40.

export const ACCESS = {
  LOCAL_WRITE: 1,
  REMOTE_WRITE: 2,
  REMOTE_READ: 4,
  REMOTE_ATOMIC: 8,
  MW_BIND: 16,
  FLUSH_GLOBAL: 256,
  FLUSH_PERSISTENT: 512,
} as const;

/** Every bit that means something. */
export const ALL_ACCESS = Object.values(ACCESS).reduce((all, bit) => all | bit, 0);

/** Bits by which a peer could change memory: they need LOCAL_WRITE beside them. */
export const REMOTE_CHANGES = ACCESS.REMOTE_WRITE | ACCESS.REMOTE_ATOMIC;
