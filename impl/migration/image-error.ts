// Why an image is refused: a fact about the file, never an exception.

/** The rule of spec/60-image.md that the bytes break, where they break it, and a sentence for the operator. */
export type ImageError = { readonly rule: `IMG-${number}`; readonly place: string; readonly message: string };

/** The outcome of reading an image; on refusal nothing has been applied anywhere. */
export type ImageResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: ImageError };

export const refused = (rule: ImageError['rule'], place: string, message: string): ImageResult<never> => ({
  ok: false,
  error: { rule, place, message },
});

/** One line: `IMG-4 at sha256: ...`. */
export const formatImageError = ({ rule, place, message }: ImageError): string => `${rule} at ${place}: ${message}`;
