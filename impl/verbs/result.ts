// Owns the first kind of error: a consumer's mistake. Chapter 40.

/** errno names that the verbs give, as libibverbs would. */
export type Errno = 'EINVAL' | 'ENOMEM' | 'EBUSY' | 'EPERM' | 'EEXIST' | 'EAGAIN' | 'ENODEV';

//= VRB-1
/** What was wrong with a call; nothing has been changed by it. */
export class VerbsError extends Error {
  readonly errno: Errno;
  /** Of a list of work requests, the index of the one that was refused (`bad_wr`); undefined for everything else. */
  readonly badWr: number | undefined;

  constructor(errno: Errno, message: string, badWr?: number) {
    super(`${errno}: ${message}`);
    this.name = 'VerbsError';
    this.errno = errno;
    this.badWr = badWr;
  }
}

export type Failure = { readonly ok: false; readonly error: VerbsError };
export type Result<T> = { readonly ok: true; readonly value: T } | Failure;

export const ok = <T>(value: T): Result<T> => ({ ok: true, value });
export const fail = (errno: Errno, message: string): Failure => ({
  ok: false,
  error: new VerbsError(errno, message),
});

/** Success without a value. */
export const DONE: Result<void> = { ok: true, value: undefined };

/** The value of a result; throws its error. For programs that have no better answer to a mistake than to end. */
export const unwrap = <T>(result: Result<T>): T => {
  if (!result.ok) throw result.error;
  return result.value;
};
