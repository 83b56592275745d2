// Owns time as the core sees it: an argument, never a clock.

/** Integer nanoseconds since the start of whoever drives the device. */
export type Instant = number;

/** A deadline that never comes. */
export const NEVER: Instant = Number.POSITIVE_INFINITY;

/** Nanoseconds from `now` to a deadline: 0 if it has passed, NEVER if it never comes. */
export const remaining = (deadline: Instant, now: Instant): number => (deadline > now ? deadline - now : 0);
