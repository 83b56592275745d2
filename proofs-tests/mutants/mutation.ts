import type { Edge } from '../../model/part.ts';

/** One mechanical change to one edge. `place` counts from 0 among the edge's guards or actions. */
export type Change =
  | { readonly kind: 'drop edge' }
  | { readonly kind: 'retarget'; readonly target: string }
  | { readonly kind: 'drop guard' | 'negate guard' | 'drop action' | 'swap actions'; readonly place: number }
  | { readonly kind: 'off by one'; readonly place: number; readonly field: string; readonly by: 1 | -1 };

export type Mutation = {
  /** Edge and change in words; names the mutation in the table of equivalents. */
  readonly id: string;
  readonly edge: string;
  /** The rule that the edge states. */
  readonly rule: string;
  readonly change: Change;
};

/** Fields of results and packets that are counted: indices of PSNs and incarnations. */
export const COUNTED = ['una', 'nxt', 'sent', 'expected', 'epoch', 'peerEpoch', 'psn', 'answers'] as const;

const words = ({ when = [], do: actions = [] }: Edge, change: Change): string => {
  switch (change.kind) {
    case 'drop edge':
      return 'drop edge';
    case 'retarget':
      return `go to ${change.target}`;
    case 'drop guard':
    case 'negate guard':
      return `${change.kind} ${when[change.place]}`;
    case 'drop action':
      return `drop action ${actions[change.place]}`;
    case 'swap actions':
      return `swap ${actions[change.place]} and ${actions[change.place + 1]}`;
    case 'off by one':
      return `${change.field} ${change.by > 0 ? '+' : '-'} 1 in ${actions[change.place]}`;
    default:
      return change satisfies never;
  }
};

/** What is known of a protocol's machines beyond their edges. */
export type Surroundings = {
  /** States by region. */
  readonly states: ReadonlyMap<string, readonly string[]>;
  /** Counted fields that an action's results or packets were seen to have. */
  readonly fields: ReadonlyMap<string, ReadonlySet<string>>;
};

const changesOf = (name: string, edge: Edge, { states, fields }: Surroundings): readonly Change[] => {
  const { target, when = [], do: actions = [] } = edge;
  const [region = '', from] = name.split('.');
  const guards = when.flatMap((_, place): readonly Change[] => [
    { kind: 'drop guard', place },
    { kind: 'negate guard', place },
  ]);
  const drops = actions.map((_, place): Change => ({ kind: 'drop action', place }));
  const swaps = actions.slice(1).map((_, place): Change => ({ kind: 'swap actions', place }));
  const offsets = actions.flatMap((action, place) =>
    COUNTED.filter((field) => fields.get(action)?.has(field)).flatMap((field): readonly Change[] => [
      { kind: 'off by one', place, field, by: 1 },
      { kind: 'off by one', place, field, by: -1 },
    ]),
  );
  const others = (states.get(region) ?? []).filter((state) => state !== (target ?? from));
  const retargets = target === undefined ? [] : others.map((state): Change => ({ kind: 'retarget', target: state }));
  return [{ kind: 'drop edge' }, ...guards, ...retargets, ...drops, ...swaps, ...offsets];
};

/** Every mutation of these edges, in their order. */
export const mutationsOf = (edges: ReadonlyMap<string, Edge>, surroundings: Surroundings): readonly Mutation[] =>
  [...edges].flatMap(([name, edge]) =>
    changesOf(name, edge, surroundings).map((change) => ({
      id: `${name}: ${words(edge, change)}`,
      edge: name,
      rule: edge.rule,
      change,
    })),
  );
