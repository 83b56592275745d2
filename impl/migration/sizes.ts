// Owns the sizes of an image's objects, for comparison with what others need. Chapter 60.
import type { ImageObjects } from './image.ts';
import { cqShape, mrShape, mwShape, pdShape, srqShape } from './object-shapes.ts';
import { type QpImage, qpShape } from './qp-shape.ts';
import { encode, type Shape } from './shape.ts';
import { recvWqeShape, sendWqeShape, wcShape } from './work-shapes.ts';

/** How many objects of a kind an image holds, and the bytes of the largest of them. */
export type ObjectSize = { readonly count: number; readonly bytes: number };

const sizeOf = <T>(shape: Shape<T>, objects: readonly T[]): ObjectSize => ({
  count: objects.length,
  bytes: objects.reduce((most, object) => Math.max(most, encode(shape, object).length), 0),
});

/** A QP or CQ without its queue entries, which others leave in process memory and do not count. */
const bareQp = (qp: QpImage): QpImage => ({
  ...qp,
  data: { ...qp.data, sq: { ...qp.data.sq, wqes: [] }, rq: [], held: null },
});

/** Sizes as encoded, by kind; a kind that does not occur is left out. Registered memory is not in them. */
export const objectSizes = ({ pds, mrs, mws, cqs, srqs, qps }: ImageObjects): Readonly<Record<string, ObjectSize>> =>
  Object.fromEntries(
    Object.entries({
      pd: sizeOf(pdShape, pds),
      mr: sizeOf(mrShape, mrs),
      mw: sizeOf(mwShape, mws),
      cq: sizeOf(
        cqShape,
        cqs.map((cq) => ({ ...cq, completions: [] })),
      ),
      srq: sizeOf(
        srqShape,
        srqs.map((srq) => ({ ...srq, receives: [] })),
      ),
      qp: sizeOf(qpShape, qps.map(bareQp)),
      'send WQE': sizeOf(
        sendWqeShape,
        qps.flatMap(({ data }) => data.sq.wqes),
      ),
      'receive WQE': sizeOf(recvWqeShape, [
        ...qps.flatMap(({ data }) => data.rq),
        ...srqs.flatMap((srq) => srq.receives),
      ]),
      completion: sizeOf(
        wcShape,
        cqs.flatMap(({ completions }) => completions),
      ),
    }).filter(([, { count }]) => count > 0),
  );
