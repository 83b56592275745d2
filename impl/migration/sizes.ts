// Owns the sizes of an image's objects, for comparison with what others need. Chapter 60.
import type { ImageObjects } from './image.ts';
import { encodeMetadata } from './metadata.ts';
import { cqShape, mrShape, mwShape, pdShape, srqShape } from './object-shapes.ts';
import { qpShape } from './qp-shape.ts';
import type { Shape } from './shape.ts';

/** How many objects of a kind an image holds, and the bytes of the largest of them. */
export type ObjectSize = { readonly count: number; readonly bytes: number };

const sizeOf = <T>(shape: Shape<T>, objects: readonly T[]): ObjectSize => ({
  count: objects.length,
  bytes: objects.reduce((most, object) => Math.max(most, encodeMetadata(shape.encode(object)).length), 0),
});

/** Sizes as encoded, by kind; a kind that does not occur is left out. Registered memory is not in them. */
export const objectSizes = ({ pds, mrs, mws, cqs, srqs, qps }: ImageObjects): Readonly<Record<string, ObjectSize>> =>
  Object.fromEntries(
    Object.entries({
      pd: sizeOf(pdShape, pds),
      mr: sizeOf(mrShape, mrs),
      mw: sizeOf(mwShape, mws),
      cq: sizeOf(cqShape, cqs),
      srq: sizeOf(srqShape, srqs),
      qp: sizeOf(qpShape, qps),
    }).filter(([, { count }]) => count > 0),
  );
