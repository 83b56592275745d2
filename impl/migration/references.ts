// Owns the judgement whether the objects of an image fit together: numbers, references, capacities. Chapter 60.
import { ACCESS, REMOTE_CHANGES } from '../memory/access.ts';
import type { ImageObjects } from './image.ts';
import type { Place } from './place.ts';

type Handled = { readonly handle: number };
type Known = { readonly kind: string; readonly by: ReadonlyMap<number, object> };

/** Refuses what is in a list twice. */
const once = <T>(place: Place, name: string, list: readonly T[], numberOf: (each: T) => number): void => {
  const seen = new Set<number>();
  for (const [i, each] of list.entries()) {
    const number = numberOf(each);
    if (seen.has(number)) place.refuseAt(i, `${name} ${number} occurs twice`, 'IMG-7');
    seen.add(number);
  }
};

/** The objects of a list by handle. */
const handles = <T extends Handled>(place: Place, step: string, kind: string, list: readonly T[]) => {
  const by = new Map<number, T>();
  place.enter(step);
  for (const [i, each] of list.entries()) {
    const { handle } = each;
    if (by.has(handle)) place.refuseAt(i, `handle ${handle} occurs twice`, 'IMG-7');
    if (handle === 0) place.refuseAt(i, 'handle 0', 'IMG-23');
    by.set(handle, each);
  }
  place.leave();
  return { kind, by };
};

/** Refuses a reference to an object that is not there, or of another PD; an absent reference is none. */
const names = (place: Place, step: string, handle: number | undefined, { kind, by }: Known, pd?: number): void => {
  if (handle === undefined) return;
  const object = by.get(handle);
  if (object === undefined) place.refuseAt(step, `names ${kind} ${handle}, which is not in the image`, 'IMG-7');
  else if (pd !== undefined && (!('pd' in object) || object.pd !== pd))
    place.refuseAt(step, `names ${kind} ${handle} of another PD`, 'IMG-7');
};

/** Refuses queue contents that the queue itself does not hold. */
const fits = (place: Place, step: string, count: number, capacity: number): void => {
  if (count > capacity) place.refuseAt(step, `${count} entries, room for ${capacity}`, 'IMG-7');
};

/** All objects that others name. */
const knownIn = (place: Place, { pds, channels, cqs, srqs, mrs, mws, ahs, qps }: ImageObjects) => {
  handles(place, 'mws', 'MW', mws);
  handles(place, 'ahs', 'AH', ahs);
  handles(place, 'qps', 'QP', qps);
  place.at('qps', () => once(place, 'QPN', qps, ({ qpn }) => qpn));
  const keyIndex = ({ key }: { readonly key: number }): number => key >>> 8;
  place.at('keys', () => once(place, 'key index', [...mrs, ...mws], keyIndex));
  return {
    pds: handles(place, 'pds', 'PD', pds),
    channels: handles(place, 'channels', 'channel', channels),
    cqs: handles(place, 'cqs', 'CQ', cqs),
    srqs: handles(place, 'srqs', 'SRQ', srqs),
    mrs: handles(place, 'mrs', 'MR', mrs),
    qpns: { kind: 'QPN', by: new Map(qps.map((qp) => [qp.qpn, qp])) },
  };
};
type KnownObjects = ReturnType<typeof knownIn>;

const checkQueues = (place: Place, { channels, cqs, srqs }: ImageObjects, known: KnownObjects): void => {
  const waiting = new Map<number, number>();
  place.each('channels', channels, ({ handle, events }) => {
    place.each('events', events, (event) => {
      const cq = known.cqs.by.get(event);
      if (cq === undefined) place.refuse(`names CQ ${event}, which is not in the image`, 'IMG-7');
      if (cq.channel !== handle) place.refuse(`CQ ${event} has another channel`, 'IMG-7');
      waiting.set(event, (waiting.get(event) ?? 0) + 1);
    });
  });
  place.each('cqs', cqs, ({ handle, channel, completions, cqe, unacked, arming }) => {
    names(place, 'channel', channel, known.channels);
    fits(place, 'completions', completions.length, cqe);
    const events = waiting.get(handle) ?? 0;
    if (unacked < events) place.refuse(`${events} events wait, ${unacked} are not acknowledged`, 'IMG-7');
    if (channel === undefined && (unacked > 0 || arming !== 'NONE')) place.refuse('events without a channel', 'IMG-7');
  });
  place.each('srqs', srqs, ({ pd, receives, maxWr }) => {
    names(place, 'pd', pd, known.pds);
    fits(place, 'receives', receives.length, maxWr);
  });
};

type Window = ImageObjects['mws'][number];

/** Refuses a binding that no work request makes (VRB-51). */
const checkBinding = (place: Place, { pd, type, binding }: Window, known: KnownObjects): void => {
  if (binding === undefined) return;
  names(place, 'mr', binding.mr, known.mrs, pd);
  const { mr, addr, length, access, qpn } = binding;
  const region = known.mrs.by.get(mr);
  if (region === undefined) return;
  const inside = addr >= region.addr && addr + length <= region.addr + region.length;
  if (!inside) place.refuse(`reaches beyond MR ${mr}`, 'IMG-7');
  const changes = (access & REMOTE_CHANGES) !== 0 && (region.access & ACCESS.LOCAL_WRITE) === 0;
  if ((region.access & ACCESS.MW_BIND) === 0 || changes) place.refuse(`MR ${mr} does not allow it`, 'IMG-23');
  if ((type === 2) !== (qpn !== undefined)) place.refuse(`a type ${type} window and QPN ${qpn}`, 'IMG-23');
  names(place, 'qpn', qpn, known.qpns, pd);
};

const checkMemory = (place: Place, { mrs, mws, ahs }: ImageObjects, known: KnownObjects): void => {
  place.each('mrs', mrs, ({ pd, present, length }) => {
    names(place, 'pd', pd, known.pds);
    fits(place, 'present', present, length);
  });
  place.each('mws', mws, (mw) => {
    names(place, 'pd', mw.pd, known.pds);
    place.enter('binding');
    checkBinding(place, mw, known);
    place.leave();
  });
  place.each('ahs', ahs, ({ pd }) => names(place, 'pd', pd, known.pds));
};

const checkQps = (place: Place, { qps }: ImageObjects, known: KnownObjects): void =>
  place.each('qps', qps, ({ pd, sendCq, recvCq, srq, cap, data }) => {
    names(place, 'pd', pd, known.pds);
    names(place, 'sendCq', sendCq, known.cqs);
    names(place, 'recvCq', recvCq, known.cqs);
    names(place, 'srq', srq, known.srqs, pd);
    place.enter('data');
    fits(place, 'rq', data.rq.length, srq === undefined ? cap.maxRecvWr : 0);
    if (data.type === 'RC') {
      place.enter('responder');
      fits(place, 'resources', data.responder.resources.length, data.attributes.maxDestRdAtomic);
      place.leave();
    }
    place.enter('sq');
    fits(place, 'wqes', data.sq.wqes.length, cap.maxSendWr);
    place.leave();
    place.leave();
  });

const checkEvents = (place: Place, { events }: ImageObjects, known: KnownObjects): void =>
  place.each('events', events, (event) => {
    if ('qpNum' in event) names(place, 'about', event.qpNum, known.qpns);
    else if ('cq' in event) names(place, 'about', event.cq, known.cqs);
    else if ('srq' in event) names(place, 'about', event.srq, known.srqs);
    else if (event.port !== 1) place.refuse(`port ${event.port}`, 'IMG-23');
  });

//= IMG-7
/** Refuses objects that name what is not there, share a number, or hold more than they can. */
export const checkReferences = (place: Place, objects: ImageObjects): void => {
  const known = knownIn(place, objects);
  checkQueues(place, objects, known);
  checkMemory(place, objects, known);
  checkQps(place, objects, known);
  checkEvents(place, objects, known);
};
