// Owns the way of an image into a file and back: shapes, CBOR, envelope. Chapter 60.
import { seal, type Unsealed, unseal } from './envelope.ts';
import { type Image, type ImageObjects, imageShape } from './image.ts';
import { type ImageResult, refused } from './image-error.ts';
import { checkObjects } from './object-checks.ts';
import { checkReferences } from './references.ts';
import { decode, encode, refusals } from './shape.ts';
import { checkStates } from './state-checks.ts';

/** The metadata of an image: everything but the memory. */
export const metadataOf = ({ objects }: Image): Uint8Array => encode(imageShape, objects);

/** The pieces of the file in order; the memory is not copied, so it must not change before they are written. */
export const writeImage = (image: Image): readonly Uint8Array[] => seal(metadataOf(image), image.memory);

/** Cuts the memory of an image into its regions: views, not copies. */
const cutMemory = (objects: ImageObjects, memory: Uint8Array): ImageResult<Image> => {
  let at = 0;
  const regions = objects.mrs.map(({ present }) => {
    at += present;
    return memory.subarray(at - present, at);
  });
  if (at === memory.length) return { ok: true, value: { objects, memory: regions } };
  //= IMG-7
  return refused('IMG-7', 'image.mrs', `regions of ${at} bytes, ${memory.length} bytes of memory`);
};

/** Refuses objects that no device can have had. */
const checkAll = (objects: ImageObjects): ImageResult<ImageObjects> =>
  refusals('image', (place) => {
    checkReferences(place, objects);
    checkObjects(place, objects);
    checkStates(place, objects);
    return objects;
  });

//= IMG-8
/** Reads what an envelope held, or says which rule it breaks and where. The memory is a view of that given. */
export const openImage = ({ meta, memory }: Unsealed): ImageResult<Image> => {
  const objects = decode(imageShape, meta, 'image');
  if (!objects.ok) return objects;
  const checked = checkAll(objects.value);
  return checked.ok ? cutMemory(checked.value, memory) : checked;
};

/** Reads an image, or says which rule it breaks and where. The memory is a view of `bytes`. */
export const readImage = (bytes: Uint8Array): ImageResult<Image> => {
  const opened = unseal(bytes);
  return opened.ok ? openImage(opened.value) : opened;
};
