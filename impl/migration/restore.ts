// Owns the way of an image back into a context: all of it or nothing. Chapter 60.
import type { Nic } from '../nic/nic.ts';
import type { Instant } from '../qp/instant.ts';
import { createAh } from '../verbs/ah.ts';
import { createCompChannel } from '../verbs/comp-channel.ts';
import type { Context } from '../verbs/context.ts';
import { createCq } from '../verbs/cq.ts';
import { rebuildQp } from '../verbs/migrate-qp.ts';
import { regMr } from '../verbs/mr.ts';
import { allocMw } from '../verbs/mw.ts';
import { allocPd, type Pd } from '../verbs/pd.ts';
import { createQp } from '../verbs/qp.ts';
import { fail, ok, type Result, unwrap, VerbsError } from '../verbs/result.ts';
import { createSrq } from '../verbs/srq.ts';
import { destroyContext } from './destroy.ts';
import type { Image, ImageObjects } from './image.ts';

/** What this device lacks for a QP of the image; undefined if nothing. */
const shortcoming = (nic: Nic, { qps }: ImageObjects): string | undefined => {
  for (const { qpn: number, pkey, data } of qps) {
    const { attributes } = data;
    if (attributes.pathMtu > nic.limits.maxMtu) return `QP ${number} has path MTU ${attributes.pathMtu}`;
    if (nic.pkeys[attributes.pkeyIndex] !== pkey)
      return `QP ${number} has another P_Key at index ${attributes.pkeyIndex}`;
  }
  return undefined;
};

/** An object that the image has been checked to hold. */
const named = <T>(object: T | undefined, what: string): T => {
  if (object === undefined) throw new VerbsError('EINVAL', `the image has no ${what}`);
  return object;
};

const restoreQueues = (context: Context, { channels, cqs }: ImageObjects): void => {
  for (const { handle } of channels) unwrap(createCompChannel(context, handle));
  for (const { handle, cqe, channel: channelHandle, arming, overrun, completions } of cqs) {
    const channel = channelHandle === undefined ? undefined : context.channels.get(channelHandle);
    const cq = unwrap(createCq(context, { cqe, handle, ...(channel === undefined ? {} : { channel }) }));
    cq.queue.restore(completions, arming, overrun);
  }
  for (const { handle, events } of channels) {
    const channel = context.channels.get(handle);
    for (const cq of events.map((each) => context.cqs.get(each))) if (cq !== undefined) channel?.push(cq);
  }
  for (const { handle, unacked } of cqs) {
    const cq = context.cqs.get(handle);
    if (cq !== undefined) cq.unacked = unacked;
  }
};

const restoreMemory = (context: Context, pdOf: (handle: number) => Pd, { objects, memory }: Image): void => {
  for (const [i, { handle, pd, addr, length, access, key }] of objects.mrs.entries()) {
    unwrap(regMr(pdOf(pd), named(memory[i], `memory for MR ${handle}`), access, { handle, addr, key, length })); //= IMG-17
  }
  for (const { handle, pd, type, key, rkey, binding } of objects.mws) {
    const mw = unwrap(allocMw(pdOf(pd), type, { handle, key }));
    const { window } = mw;
    mw.rkey = rkey;
    if (binding === undefined) continue;
    const { mr, addr, length, access, qpn: bound } = binding;
    const { region } = named(context.mrs.get(mr), `MR ${mr}`);
    region.windows++;
    window.binding = { region, addr, length, access, qpn: bound };
  }
};

const restoreQps = (
  context: Context,
  pdOf: (handle: number) => Pd,
  { srqs, ahs, qps }: ImageObjects,
  now: Instant,
): void => {
  for (const { handle, pd, maxWr, maxSge, limit, receives } of srqs) {
    const { queue } = unwrap(createSrq(pdOf(pd), { maxWr, maxSge, handle }));
    for (const receive of receives) queue.queue.post(receive);
    queue.limit = limit;
  }
  for (const { handle, pd, attr } of ahs) unwrap(createAh(pdOf(pd), attr, handle));
  for (const image of qps) {
    const { handle, qpn: qpNum, cap, sqSigAll, data } = image;
    const { type: qpType } = data;
    const sendCq = named(context.cqs.get(image.sendCq), `CQ ${image.sendCq}`);
    const recvCq = named(context.cqs.get(image.recvCq), `CQ ${image.recvCq}`);
    const srq = image.srq === undefined ? {} : { srq: named(context.srqs.get(image.srq), `SRQ ${image.srq}`) };
    const qp = unwrap(createQp(pdOf(image.pd), { qpType, sendCq, recvCq, cap, sqSigAll, handle, qpNum, ...srq }));
    rebuildQp(qp, data, now);
    const { ahAttr } = data.attributes;
    if (ahAttr !== undefined && qp.engine.path === undefined) {
      throw new VerbsError('EINVAL', `QP ${qpNum}: no way to ${ahAttr.dgid}`);
    }
  }
};

/** Makes every object, in an order in which each finds what it names. Throws VerbsError. */
const restoreObjects = (context: Context, image: Image, now: Instant): void => {
  const { objects } = image;
  for (const { handle } of objects.pds) unwrap(allocPd(context, handle));
  const pdOf = (handle: number): Pd => named(context.pds.get(handle), `PD ${handle}`);
  restoreQueues(context, objects);
  restoreMemory(context, pdOf, image);
  restoreQps(context, pdOf, objects, now);
  for (const event of objects.events) context.raise(event);
};

//= IMG-8, IMG-20, IMG-22, MIG-11
/**
 * A context made of an image, born stopped: every object has its old number, key and handle, and the registered memory
 * is the image's own, not a copy. EEXIST: a number or key is in use; EINVAL, ENOMEM: the device cannot hold an object;
 * then nothing has been created.
 */
export const restore = (nic: Nic, image: Image, now: Instant): Result<Context> => {
  const lacking = shortcoming(nic, image.objects);
  if (lacking !== undefined) return fail('EINVAL', lacking);
  const context = nic.open();
  context.stopped = true;
  try {
    restoreObjects(context, image, now);
  } catch (error) {
    //= IMG-21, MIG-12
    destroyContext(context);
    if (error instanceof VerbsError) return { ok: false, error };
    throw error;
  }
  return ok(context);
};
