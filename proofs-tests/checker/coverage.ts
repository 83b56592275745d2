import type { Edge } from '../../model/part.ts';
import type { Protocol } from '../../model/protocol.ts';
import type { Scenario } from '../../model/scenario.ts';
import { Compiled } from './compiled.ts';
import { explore } from './explore.ts';
import { partsOf } from './machines.ts';
import { edgesOf, type Record, watched } from './probes.ts';
import { BOUNDS, explored, QP_TYPES } from './verbs-matrix.ts';

export type Count = { readonly hit: number; readonly total: number };

/** What explorations have seen of the machines of a protocol. */
export type Coverage = {
  readonly regions: {
    readonly [region: string]: { readonly states: Count; readonly edges: Count; readonly guards: Count };
  };
  /** Edges that no exploration took, with the rules they carry. */
  readonly never: readonly { readonly edge: string; readonly rules: readonly string[] }[];
  /** Guards that were always true, always false or never asked, where they stand. */
  readonly oneSided: readonly { readonly edge: string; readonly guard: string; readonly seen: string }[];
};

/** Every edge of a protocol's machines, the coordinator's included, by name; with a stock endpoint's where not capable. */
export const declaredEdges = (protocol: Protocol, capable = true): ReadonlyMap<string, Edge> =>
  new Map([
    ...partsOf(protocol, BOUNDS, [], capable).flatMap(({ regions }) => [...edgesOf(regions)]),
    ...edgesOf(protocol.coordinator.regions),
  ]);

const statesOf = (protocol: Protocol): ReadonlyMap<string, readonly string[]> =>
  new Map(
    [...partsOf(protocol, BOUNDS, [], true), protocol.coordinator].flatMap(({ regions }) =>
      Object.entries(regions).map(([name, { states }]) => [name, Object.keys(states)] as const),
    ),
  );

export const rulesOf = ({ rule, keeps = [] }: Edge): readonly string[] => [rule, ...keeps];

/** A protocol whose guards are watched. */
const watchedProtocol = (protocol: Protocol, record: Record): Protocol => ({
  ...protocol,
  coordinator: watched(protocol.coordinator, record),
  rewrite: (parts, bounds) => (protocol.rewrite?.(parts, bounds) ?? parts).map((part) => watched(part, record)),
});

/** What one exploration has seen: edges taken, states of QP regions, guards asked. */
export type Seen = {
  readonly taken: ReadonlySet<string>;
  readonly states: ReadonlySet<string>;
  readonly outcomes: Record;
};

/** Explores a scenario with open eyes. */
export const observe = (protocol: Protocol, scenario: Scenario, maxStates?: number): Seen => {
  const outcomes: Record = new Map();
  const compiled = new Compiled(watchedProtocol(protocol, outcomes), scenario);
  explore(compiled, { keep: 'states', ...(maxStates === undefined ? {} : { maxStates }) });
  const states = new Set<string>();
  for (const { copies } of [compiled.machines.A, compiled.machines.B])
    for (let local = 1; local <= copies.size; local += 1)
      for (const [region, state] of Object.entries(copies.state(local).value)) states.add(`${region}.${state}`);
  return { taken: compiled.taken, states, outcomes };
};

/** One QP of each type by itself, told everything a consumer can tell it. */
export const observeSolo = (protocol: Protocol): Seen => {
  const outcomes: Record = new Map();
  const solo = QP_TYPES.map((qpType) => explored(watchedProtocol(protocol, outcomes), qpType));
  return {
    taken: new Set(solo.flatMap(({ taken }) => [...taken])),
    states: new Set(solo.flatMap(({ states }) => [...states])),
    outcomes,
  };
};

/** Collects over explorations of one protocol; ask for `result` at the end. */
export class CoverageOf {
  readonly taken = new Set<string>();
  readonly #states = new Set<string>();
  readonly #record: Record = new Map();
  readonly #protocol: Protocol;

  constructor(protocol: Protocol) {
    this.#protocol = protocol;
  }

  add({ taken, states, outcomes }: Seen): void {
    for (const edge of taken) this.taken.add(edge);
    for (const state of states) this.#states.add(state);
    for (const [key, { asked, held }] of outcomes) {
      const sum = this.#record.get(key) ?? { asked: 0, held: 0 };
      this.#record.set(key, { asked: sum.asked + asked, held: sum.held + held });
    }
  }

  result(): Coverage {
    const edges = declaredEdges(this.#protocol);
    const states = new Set(this.#states);
    for (const [name, { target }] of edges)
      if (this.taken.has(name)) {
        const [region, from] = name.split('.');
        states.add(`${region}.${from}`);
        if (target) states.add(`${region}.${target}`);
      }
    const of = (region: string, names: readonly string[]) => names.filter((name) => name.startsWith(`${region}.`));
    const guards = [...edges].flatMap(([edge, { when = [] }]) => when.map((guard, place) => ({ edge, guard, place })));
    const seen = ({ edge, place }: { edge: string; place: number }) => {
      const { asked = 0, held = 0 } = this.#record.get(`${edge}:${place}`) ?? {};
      return { true: held > 0, false: asked > held };
    };
    const regions = [...statesOf(this.#protocol)].map(([region, names]) => {
      const own = of(region, [...edges.keys()]);
      const asked = guards.filter(({ edge }) => edge.startsWith(`${region}.`)).map(seen);
      const outcomes = asked.reduce((sum, both) => sum + Number(both.true) + Number(both.false), 0);
      const reached = names.filter((state) => states.has(`${region}.${state}`));
      return [
        region,
        {
          states: { hit: reached.length, total: names.length },
          edges: { hit: own.filter((edge) => this.taken.has(edge)).length, total: own.length },
          guards: { hit: outcomes, total: 2 * asked.length },
        },
      ] as const;
    });
    return {
      regions: Object.fromEntries(regions),
      never: [...edges].flatMap(([edge, is]) => (this.taken.has(edge) ? [] : [{ edge, rules: rulesOf(is) }])),
      oneSided: guards.flatMap(({ edge, guard, place }) => {
        const both = seen({ edge, place });
        if (both.true && both.false) return [];
        return [{ edge, guard, seen: both.true ? 'true only' : both.false ? 'false only' : 'never asked' }];
      }),
    };
  }
}
