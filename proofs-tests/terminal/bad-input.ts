/**
 * Input that cannot be used: exit code 2. The message says where, what was found, and what would have been accepted.
 */
export class BadInput extends Error {
  /** A flag, a file, or file and line. */
  readonly place: string;
  /** The rule of `spec/` that refuses it, where one does. */
  readonly rule: string | undefined;

  constructor(place: string, message: string, rule?: string) {
    super(`${place}: ${message}${rule === undefined ? '' : ` (${rule})`}`);
    this.name = 'BadInput';
    this.place = place;
    this.rule = rule;
  }
}

/** For a name that is none of the known ones: lists them, in their own order. */
export const unknownName = (place: string, name: string, known: readonly string[]): BadInput =>
  new BadInput(place, `'${name}' is unknown; one of: ${known.join(', ')}`);
