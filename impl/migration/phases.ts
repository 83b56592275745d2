// Owns the phases of a context in a migration: stopped, resumed, or thawed where it was. Chapter 50.
import type { Nic } from '../nic/nic.ts';
import type { Instant } from '../qp/instant.ts';
import * as rc from '../rc/migration.ts';
import type { Context } from '../verbs/context.ts';

/** Stops every QP of a context and its consumer with them; stopping twice changes nothing. */
export const stop = (context: Context, now: Instant): void => {
  context.stopped = true;
  for (const { engine } of context.qps.list()) rc.stop(engine, now);
};

/** Lets a restored context run: every QP tells its peer where it is now. */
export const resume = (nic: Nic, context: Context, now: Instant): void => {
  context.stopped = false;
  for (const { engine } of context.qps.list()) {
    rc.resume(engine, now);
    nic.touch(engine);
  }
};

/** Lets a stopped context run on where it is: the move has been given up. */
export const thaw = (nic: Nic, context: Context, now: Instant): void => {
  context.stopped = false;
  for (const { engine } of context.qps.list()) {
    rc.thaw(engine, now);
    nic.touch(engine);
  }
};
