// Owns the end of a context: every object goes, whatever its state. Chapter 60.
import type { Context } from '../verbs/context.ts';
import { deregMr } from '../verbs/mr.ts';
import { deallocMw } from '../verbs/mw.ts';
import { destroyQp } from '../verbs/qp.ts';

/** Frees every number and key of a context, as the end of its process does. */
export const destroyContext = (context: Context): void => {
  for (const qp of context.qps.list()) destroyQp(qp);
  for (const mw of context.mws.list()) deallocMw(mw);
  for (const mr of context.mrs.list()) deregMr(mr);
  for (const objects of [context.ahs, context.srqs, context.cqs, context.channels, context.pds]) {
    for (const { handle } of objects.list()) objects.delete(handle);
  }
};
