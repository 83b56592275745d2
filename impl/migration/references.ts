// Owns the judgement whether the objects of an image fit together. Chapter 60.
import type { RcData } from '../rc/capture.ts';
import type { ImageObjects } from './image.ts';
import { type ImageResult, refused } from './image-error.ts';
import type { QpImage } from './qp-shape.ts';

type Finding = { readonly place: string; readonly message: string };

const repeated = (place: string, name: string, values: readonly number[]): readonly Finding[] => {
  const seen = new Set<number>();
  const findings: Finding[] = [];
  for (const [i, value] of values.entries()) {
    if (seen.has(value)) findings.push({ place: `${place}[${i}]`, message: `${name} ${value} occurs twice` });
    seen.add(value);
  }
  return findings;
};

type Handles = { readonly place: string; readonly known: ReadonlySet<number> };

const handlesOf = (place: string, objects: readonly { readonly handle: number }[]): Handles => ({
  place,
  known: new Set(objects.map(({ handle }) => handle)),
});

/** A reference to an object that is not there; an absent reference is none. */
const dangling = (place: string, handle: number | undefined, { known, place: kind }: Handles): readonly Finding[] =>
  handle === undefined || known.has(handle)
    ? []
    : [{ place, message: `names ${kind} ${handle}, which is not in the image` }];

/** Queue contents that the queue itself does not hold. */
const overfull = (place: string, count: number, capacity: number): readonly Finding[] =>
  count <= capacity ? [] : [{ place, message: `${count} entries, room for ${capacity}` }];

type Range = { readonly addr: number; readonly length: number };

/** A window that opens more than the region it is bound to has. */
const outside = (
  place: string,
  binding: (Range & { readonly mr: number }) | undefined,
  mrs: readonly (Range & { readonly handle: number })[],
): readonly Finding[] => {
  const region = mrs.find(({ handle }) => handle === binding?.mr);
  if (binding === undefined || region === undefined) return [];
  const fits = binding.addr >= region.addr && binding.addr + binding.length <= region.addr + region.length;
  return fits ? [] : [{ place, message: `reaches beyond MR ${binding.mr}` }];
};

const ascending = (place: string, indexes: readonly number[]): readonly Finding[] =>
  indexes.every((index, i) => index >= (indexes[i - 1] ?? 0))
    ? []
    : [{ place, message: `${indexes.join(', ')} do not ascend` }];

const rcFindings = (at: string, { sq, requester, responder, attributes }: RcData): readonly Finding[] => [
  ...ascending(`${at}.data.requester.cursor`, [sq.tail, requester.cursor, sq.begun]),
  ...overfull(`${at}.data.responder.resources`, responder.resources.length, attributes.maxDestRdAtomic),
];

const qpFindings = (
  at: string,
  { pd, sendCq, recvCq, srq, cap, data }: QpImage,
  pds: Handles,
  cqs: Handles,
  srqs: Handles,
): readonly Finding[] => [
  ...dangling(`${at}.pd`, pd, pds),
  ...dangling(`${at}.sendCq`, sendCq, cqs),
  ...dangling(`${at}.recvCq`, recvCq, cqs),
  ...dangling(`${at}.srq`, srq, srqs),
  ...overfull(`${at}.data.sq.wqes`, data.sq.wqes.length, cap.maxSendWr),
  ...overfull(`${at}.data.rq`, data.rq.length, srq === undefined ? cap.maxRecvWr : 0),
  ...ascending(`${at}.data.sq`, [data.sq.tail, data.sq.begun, data.sq.head]),
  ...(data.type === 'RC' ? rcFindings(at, data) : []),
  ...(data.sq.head - data.sq.tail === data.sq.wqes.length
    ? []
    : [
        {
          place: `${at}.data.sq.wqes`,
          message: `${data.sq.wqes.length} entries from ${data.sq.tail} to ${data.sq.head}`,
        },
      ]),
];

const findings = ({ pds, channels, cqs, srqs, mrs, mws, ahs, qps }: ImageObjects): readonly Finding[] => {
  const known = {
    pds: handlesOf('PD', pds),
    channels: handlesOf('channel', channels),
    cqs: handlesOf('CQ', cqs),
    srqs: handlesOf('SRQ', srqs),
    mrs: handlesOf('MR', mrs),
  };
  const lists = { pds, channels, cqs, srqs, mrs, mws, ahs, qps };
  return [
    ...Object.entries(lists).flatMap(([place, list]) =>
      repeated(
        place,
        'handle',
        list.map(({ handle }) => handle),
      ),
    ),
    ...repeated(
      'qps',
      'QPN',
      qps.map(({ qpn }) => qpn),
    ),
    ...repeated(
      'keys',
      'key index',
      [...mrs, ...mws].map(({ key }) => key >>> 8),
    ),
    ...channels.flatMap(({ events }, i) => events.flatMap((cq) => dangling(`channels[${i}].events`, cq, known.cqs))),
    ...cqs.flatMap((cq, i) => [
      ...dangling(`cqs[${i}].channel`, cq.channel, known.channels),
      ...overfull(`cqs[${i}].completions`, cq.completions.length, cq.cqe),
    ]),
    ...srqs.flatMap((srq, i) => [
      ...dangling(`srqs[${i}].pd`, srq.pd, known.pds),
      ...overfull(`srqs[${i}].receives`, srq.receives.length, srq.maxWr),
    ]),
    ...mrs.flatMap(({ pd, present, length }, i) => [
      ...dangling(`mrs[${i}].pd`, pd, known.pds),
      ...overfull(`mrs[${i}].present`, present, length),
    ]),
    ...mws.flatMap(({ pd, binding }, i) => [
      ...dangling(`mws[${i}].pd`, pd, known.pds),
      ...dangling(`mws[${i}].binding.mr`, binding?.mr, known.mrs),
      ...outside(`mws[${i}].binding`, binding, mrs),
    ]),
    ...ahs.flatMap(({ pd }, i) => dangling(`ahs[${i}].pd`, pd, known.pds)),
    ...qps.flatMap((qp, i) => qpFindings(`qps[${i}]`, qp, known.pds, known.cqs, known.srqs)),
  ];
};

//= IMG-7
/** Refuses objects that name what is not there, share a number, or hold more than they can. */
export const checkReferences = (objects: ImageObjects): ImageResult<ImageObjects> => {
  const [first] = findings(objects);
  return first === undefined ? { ok: true, value: objects } : refused('IMG-7', first.place, first.message);
};
