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
import { fail, ok, type Result, VerbsError } from '../verbs/result.ts';
import { createSrq } from '../verbs/srq.ts';
import { destroyContext } from './destroy.ts';
import type { Image, ImageObjects } from './image.ts';

//= IMG-28
/** What this device lacks for a QP of the image; undefined if nothing. */
const shortcoming = (nic: Nic, { qps }: ImageObjects): string | undefined => {
  const { limits, pkeys } = nic;
  for (const [i, { qpn: number, pkey, data }] of qps.entries()) {
    const { pathMtu, pkeyIndex, maxRdAtomic, maxDestRdAtomic } = data.attributes;
    const at = `image.qps[${i}].data.attributes`;
    if (pathMtu > limits.maxMtu) return `${at}: QP ${number} has path MTU ${pathMtu}`;
    if (pkeys[pkeyIndex] !== pkey) return `${at}: QP ${number} has another P_Key at index ${pkeyIndex}`;
    const most = Math.max(maxRdAtomic, maxDestRdAtomic);
    if (most > limits.maxQpRdAtom) return `${at}: QP ${number} may have ${most} READs and atomics outstanding`;
  }
  return undefined;
};

type Kind = keyof ImageObjects;

//= IMG-8
/** What a verb has made of an object of the image; throws its refusal with the place. */
const made = <T>(kind: Kind, index: number, result: Result<T>): T => {
  if (result.ok) return result.value;
  const { errno, message } = result.error;
  throw new VerbsError(errno, `image.${kind}[${index}]: ${message.replace(`${errno}: `, '')}`);
};

/** An object that the image has been checked to hold. */
const named = <T>(object: T | undefined, what: string): T => {
  if (object === undefined) throw new VerbsError('EINVAL', `the image has no ${what}`);
  return object;
};

const restoreQueues = (context: Context, { channels, cqs }: ImageObjects): void => {
  for (const [i, { handle }] of channels.entries()) made('channels', i, createCompChannel(context, handle));
  for (const [i, { handle, cqe, channel: channelHandle, arming, overrun, completions }] of cqs.entries()) {
    const channel = channelHandle === undefined ? undefined : context.channels.get(channelHandle);
    const cq = made('cqs', i, createCq(context, { cqe, handle, ...(channel === undefined ? {} : { channel }) }));
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
    const bytes = named(memory[i], `memory for MR ${handle}`);
    made('mrs', i, regMr(pdOf(pd), bytes, access, { handle, addr, key, length })); //= IMG-17
  }
  for (const [i, { handle, pd, type, key, rkey, binding }] of objects.mws.entries()) {
    const mw = made('mws', i, allocMw(pdOf(pd), type, { handle, key }));
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
  for (const [i, { handle, pd, maxWr, maxSge, limit, receives }] of srqs.entries()) {
    const { queue } = made('srqs', i, createSrq(pdOf(pd), { maxWr, maxSge, handle }));
    for (const receive of receives) queue.queue.post(receive);
    queue.limit = limit;
  }
  for (const [i, { handle, pd, attr }] of ahs.entries()) made('ahs', i, createAh(pdOf(pd), attr, handle));
  for (const [i, image] of qps.entries()) {
    const { handle, qpn: qpNum, cap, sqSigAll, data } = image;
    const { type: qpType } = data;
    const sendCq = named(context.cqs.get(image.sendCq), `CQ ${image.sendCq}`);
    const recvCq = named(context.cqs.get(image.recvCq), `CQ ${image.recvCq}`);
    const srq = image.srq === undefined ? {} : { srq: named(context.srqs.get(image.srq), `SRQ ${image.srq}`) };
    const init = { qpType, sendCq, recvCq, cap, sqSigAll, handle, qpNum, ...srq };
    const qp = made('qps', i, createQp(pdOf(image.pd), init));
    rebuildQp(qp, data, now);
    const { ahAttr } = data.attributes;
    //= IMG-28
    if (ahAttr !== undefined && qp.engine.path === undefined) {
      made('qps', i, fail('EINVAL', `QP ${qpNum}: no way to ${ahAttr.dgid}`));
    }
  }
};

/** Makes every object, in an order in which each finds what it names. Throws VerbsError. */
const restoreObjects = (context: Context, image: Image, now: Instant): void => {
  const { objects } = image;
  for (const [i, { handle }] of objects.pds.entries()) made('pds', i, allocPd(context, handle));
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
