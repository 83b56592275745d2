// Owns the fifth kind of error: our own bug.

/** Thrown when the code contradicts a rule; never for a consumer's mistake, a bad packet or a failed completion. */
export class InvariantError extends Error {
  readonly rule: string;

  constructor(rule: string, detail: string) {
    super(`${rule} broken: ${detail}`);
    this.name = 'InvariantError';
    this.rule = rule;
  }
}

/** Throws InvariantError unless `condition` holds. `rule` is the rule that the code would break. */
export function invariant(condition: boolean, rule: string, detail = 'must not happen'): asserts condition {
  if (!condition) throw new InvariantError(rule, detail);
}
