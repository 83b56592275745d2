/** One thing wrong between the specification and what cites it. `rule` is absent where no rule is concerned. */
export type Finding = {
  readonly kind:
    | 'no rules'
    | 'incomplete chapter'
    | 'malformed rule'
    | 'unknown prefix'
    | 'unknown evidence word'
    | 'not one keyword'
    | 'not one sentence'
    | 'keyword outside a rule'
    | 'duplicate id'
    | 'deviation without a rule'
    | 'malformed citation'
    | 'citation of an unknown rule'
    | 'citation of a retired rule'
    | 'no evidence'
    | 'only skipped tests'
    | 'never fired'
    | 'changed words'
    | 'stale snapshot';
  readonly rule?: string;
  /** File and, where it helps, line. */
  readonly place: string;
  readonly message: string;
};

export const render = ({ kind, rule, place, message }: Finding): string =>
  `${place}: ${rule === undefined ? '' : `${rule}: `}${kind}: ${message}`;
