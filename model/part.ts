/** One way to take an event: every guard holds (a leading `!` negates), then updates, sends and raises in order. */
export type Edge = {
  readonly target?: string;
  readonly when?: readonly string[];
  readonly do?: readonly string[];
  /** The rule this edge states. */
  readonly rule: string;
  /** Rules it keeps by what its guards exclude or its updates leave alone. */
  readonly keeps?: readonly string[];
};

/** A region of a machine as data: state, event, edges in order of priority. */
export type Region = {
  readonly initial: string;
  readonly states: { readonly [state: string]: { readonly [event: string]: readonly Edge[] } };
};

export type Args<Context, Event> = { readonly context: Context; readonly event: Event };

/** A predicate, or names of guards and states (`self.RUNNING`) of which any or all hold; `!` negates. */
export type Guard<Context, Event> =
  | ((args: Args<Context, Event>) => boolean)
  | { readonly any: readonly string[] }
  | { readonly all: readonly string[] };

/** What one file adds to a machine: regions as tables, and the pure functions their edges name. */
export type Part<Context, Event, Output> = {
  readonly regions: { readonly [name: string]: Region };
  readonly guards: { readonly [name: string]: Guard<Context, Event> };
  readonly updates: { readonly [name: string]: (args: Args<Context, Event>) => Partial<Context> };
  readonly sends: { readonly [name: string]: (args: Args<Context, Event>) => readonly Output[] };
};
