// Owns what an image says: every object of a context, the memory it registered, the application's blob. Chapter 60.
import { ahShape, channelShape, cqShape, eventShape, mrShape, mwShape, pdShape, srqShape } from './object-shapes.ts';
import { qpShape } from './qp-shape.ts';
import { record } from './record-shape.ts';
import { bytes, list, type ValueOf } from './shape.ts';

export const imageShape = record('image', {
  pds: list(pdShape),
  channels: list(channelShape),
  cqs: list(cqShape),
  srqs: list(srqShape),
  mrs: list(mrShape),
  mws: list(mwShape),
  ahs: list(ahShape),
  qps: list(qpShape),
  events: list(eventShape),
  blob: bytes,
});

/** The objects of an image, as plain data. */
export type ImageObjects = ValueOf<typeof imageShape>;

/** An image: its objects, and the memory of its regions in the order of `objects.mrs`. */
export type Image = { readonly objects: ImageObjects; readonly memory: readonly Uint8Array[] };
