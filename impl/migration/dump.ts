// Owns the way of a whole context into an image. Chapter 60.
import type { MemoryRegion } from '../memory/region.ts';
import type { Instant } from '../qp/instant.ts';
import type { Context } from '../verbs/context.ts';
import type { Cq } from '../verbs/cq.ts';
import { captureQp } from '../verbs/migrate-qp.ts';
import type { Mr } from '../verbs/mr.ts';
import type { Mw } from '../verbs/mw.ts';
import type { Qp } from '../verbs/qp.ts';
import { fail, ok, type Result } from '../verbs/result.ts';
import type { Srq } from '../verbs/srq.ts';
import { EMPTY } from '../wire/packet.ts';
import type { Image, ImageObjects } from './image.ts';

type ObjectImage<K extends keyof ImageObjects> = ImageObjects[K] extends readonly (infer T)[] ? T : never;

const captureCq = ({ handle, queue, channel, unacked }: Cq): ObjectImage<'cqs'> => ({
  handle,
  cqe: queue.capacity,
  channel: channel?.handle,
  unacked,
  arming: queue.arming,
  overrun: queue.overrun,
  //= IMG-16
  completions: queue.list(),
});

const captureSrq = ({ handle, pd, queue }: Srq): ObjectImage<'srqs'> => ({
  handle,
  pd: pd.handle,
  maxWr: queue.queue.capacity,
  maxSge: queue.queue.maxSge,
  limit: queue.limit,
  receives: queue.queue.list(),
});

//= IMG-17
/** How much of a region is still there; a buffer that can grow may have more than was registered. */
const presentBytes = ({ bytes, length }: MemoryRegion): number => Math.min(bytes.length, length);

const captureMr = ({ handle, pd, addr, length, region, lkey }: Mr): ObjectImage<'mrs'> => ({
  handle,
  pd: pd.handle,
  addr,
  length,
  access: region.access,
  key: lkey,
  present: presentBytes(region),
});

/** The memory of a region as it is: a view, or nothing where nothing is left (a buffer that was given away has no views). */
const memoryOf = ({ region }: Mr): Uint8Array => {
  const present = presentBytes(region);
  return present === 0 ? EMPTY : region.bytes.subarray(0, present);
};

const captureMw = ({ handle, pd, window, rkey }: Mw): ObjectImage<'mws'> => {
  const { type, rkey: key, binding } = window;
  if (binding === undefined) return { handle, pd: pd.handle, type, key, rkey, binding };
  const { region, addr, length, access, qpn } = binding;
  return { handle, pd: pd.handle, type, key, rkey, binding: { mr: region.handle, addr, length, access, qpn } };
};

//= IMG-14
const captureQpImage = (qp: Qp, since: Instant): ObjectImage<'qps'> => ({
  handle: qp.handle,
  qpn: qp.qpNum,
  pd: qp.pd.handle,
  sendCq: qp.sendCq.handle,
  recvCq: qp.recvCq.handle,
  srq: qp.srq?.handle,
  cap: qp.engine.cap,
  sqSigAll: qp.engine.sqSigAll,
  pkey: qp.engine.pkey,
  data: captureQp(qp, since),
});

//= IMG-10, IMG-11, IMG-12, IMG-13, IMG-15, MIG-10
/**
 * The image of a context, every QP of which is STOPPED, with `blob`, whatever else the application wants to find again.
 * The memory in it is the registered memory itself, not a copy. EBUSY: a QP is not STOPPED.
 */
export const dump = (context: Context, blob: Uint8Array = new Uint8Array(0)): Result<Image> => {
  const qps: ObjectImage<'qps'>[] = [];
  for (const qp of context.qps.list()) {
    const { migration } = qp.engine;
    if (migration.phase !== 'STOPPED') return fail('EBUSY', `QP ${qp.qpNum} is not STOPPED`);
    qps.push(captureQpImage(qp, migration.since));
  }
  const mrs = context.mrs.list();
  const objects: ImageObjects = {
    pds: context.pds.list().map(({ handle }) => ({ handle })),
    channels: context.channels.list().map(({ handle, events }) => ({ handle, events: events.map((cq) => cq.handle) })),
    cqs: context.cqs.list().map(captureCq),
    srqs: context.srqs.list().map(captureSrq),
    mrs: mrs.map(captureMr),
    mws: context.mws.list().map(captureMw),
    ahs: context.ahs.list().map(({ handle, pd, attr }) => ({ handle, pd: pd.handle, attr })),
    qps,
    events: context.asyncEvents,
    blob,
  };
  return ok({ objects, memory: mrs.map(memoryOf) });
};
