import { fc, test } from '@fast-check/vitest';
import { afterEach, describe, expect, test as plain, vi } from 'vitest';
import { godwitWithout, tardisAsRead } from '../../model/protocols.ts';
import { parseScenario } from '../scenario/load.ts';
import { Blocks, KNOWN, MOST_KEYS } from './blocks.ts';
import { Compiled } from './compiled.ts';
import { Edges, ROW } from './edges.ts';
import { type Exploration, explore } from './explore.ts';
import { MOST_SIDES, Pairs } from './pairs.ts';
import { OutOfRoom, statesIn } from './room.ts';
import { Rows } from './rows.ts';
import { Sequences } from './sequences.ts';
import { StateSet } from './state-set.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

/** From now on no array has more words. */
const memoryEndsAt = (words: number): void => {
  const Scarce = class extends Int32Array {
    constructor(length: number) {
      if (length > words) throw new RangeError('Array buffer allocation failed');
      super(length);
    }
  };
  vi.stubGlobal('Int32Array', Scarce);
};

const side = fc.oneof(fc.nat(5), fc.nat(MOST_SIDES - 1));
const network = fc.oneof(fc.nat(5), fc.nat(2000), fc.constant(1 << 13));
const states = fc.array(fc.tuple(side, side, network), { minLength: 1, maxLength: 400 });

describe('states', () => {
  test.prop([states, fc.integer({ min: 1, max: 64 })])('a state keeps its index, however many come', (found, batch) => {
    const pairs = new Pairs();
    const set = new StateSet(pairs, 'numbers', 4);
    const known = new Map<string, number>();
    for (let k = 0; k < found.length; k += batch) {
      const edges = new Edges();
      for (const [a, b, n] of found.slice(k, k + batch)) edges.push(pairs.id(a, b), n, 0);
      set.addAll(edges);
      for (const [a, b, n] of found.slice(k, k + batch)) {
        const key = `${a},${b},${n}`;
        if (!known.has(key)) known.set(key, known.size);
        const index = set.add(pairs.id(a, b), n, -1);
        expect([index, set.a(index), set.b(index), set.network(index)]).toEqual([known.get(key), a, b, n]);
      }
    }
    expect(set.size).toBe(known.size);
  });

  plain.each(['numbers', 'keys'] as const)('%s: states whose pairs have one key are told apart', (keep) => {
    const set = new StateSet(new Pairs(), keep, 4);
    const numbers = [0, 1, 65_534, 65_535, 65_536, 131_069, 131_070, 196_605];
    const edges = new Edges();
    for (const pair of numbers) for (const network of [0, 1]) edges.push(pair, network, 0);
    set.addAll(edges);
    expect(set.size).toBe(2 * numbers.length);
    set.addAll(edges);
    expect(set.size).toBe(2 * numbers.length);
  });

  plain('a network that no state had is not taken for known', () => {
    const set = new StateSet(new Pairs(), 'keys', 4);
    set.add(5, 0, -1);
    const edges = new Edges();
    for (let network = 1; network < 100; network += 1) edges.push(5, network, 0);
    set.addAll(edges);
    expect(set.size).toBe(100);
  });

  plain('when memory ends in the middle of a batch, none of it was added', () => {
    const set = new StateSet(new Pairs(), 'numbers', 4);
    set.add(0, 0, -1);
    const edges = new Edges(4096);
    for (let k = 0; k < 4096; k += 1) edges.push(k, 0, 0);
    // The states themselves fit, what finds them does not.
    memoryEndsAt(2 * 4097);
    expect(() => set.addAll(edges)).toThrow(OutOfRoom);
    expect(set.size).toBe(1);
  });
});

test.prop([fc.array(fc.tuple(fc.nat(4), fc.oneof(fc.nat(9), fc.nat(MOST_KEYS - 1))))])(
  'a key keeps the number that came with it, in its block and no other',
  (asked) => {
    const blocks = new Blocks(1, 'numbers');
    for (let k = 0; k < 5; k += 1) blocks.open();
    const known = new Map<string, number>();
    for (const [value, [block, key]] of asked.filter(([, key]) => key !== 0).entries()) {
      const name = `${block} ${key}`;
      known.set(name, known.get(name) ?? value);
      expect(blocks.add(block, key, value)).toBe(known.get(name));
    }
  },
);

test.prop([fc.array(fc.tuple(fc.nat(4), fc.nat(30)))])('without numbers a key is new once in each block', (asked) => {
  const blocks = new Blocks(1, 'keys');
  for (let k = 0; k < 5; k += 1) blocks.open();
  const known = new Set<string>();
  for (const [value, [block, key]] of asked.entries()) {
    const name = `${block} ${key}`;
    expect(blocks.add(block, key + 1, value)).toBe(known.has(name) ? KNOWN : value);
    known.add(name);
  }
});

test.prop([fc.array(fc.tuple(side, side), { minLength: 1000, maxLength: 2000 })], { numRuns: 20 })(
  'equal pairs have equal numbers, from 0 without a gap, and a number keeps its pair',
  (asked) => {
    const pairs = new Pairs();
    const known = new Map<string, number>();
    for (const [a, b] of asked) {
      const name = `${a} ${b}`;
      known.set(name, known.get(name) ?? known.size);
      const id = pairs.id(a, b);
      expect([id, pairs.a(id), pairs.b(id)]).toEqual([known.get(name), a, b]);
    }
    expect(pairs.size).toBe(known.size);
  },
);

test.prop([fc.array(fc.array(fc.nat(4), { maxLength: 5 }))])(
  'equal sequences have equal numbers, from 0 without a gap',
  (asked) => {
    const sequences = new Sequences();
    const known = new Map<string, number>();
    for (const one of asked) {
      const name = one.join();
      known.set(name, known.get(name) ?? known.size);
      expect(sequences.id(Int32Array.from([...one, 9]), one.length)).toBe(known.get(name));
    }
    expect(sequences.size).toBe(known.size);
  },
);

test.prop([fc.array(fc.tuple(fc.nat(300), fc.nat(100)), { maxLength: 200 })])(
  'a cell is computed once, and only when asked for',
  (cells) => {
    const rows = new Rows();
    const asked = new Set<string>();
    let computed = 0;
    for (const [row, column] of cells) {
      const key = `${row},${column}`;
      expect(rows.known(row, column)).toBe(asked.has(key) ? 1000 * row + column : undefined);
      expect(
        rows.at(row, column, (r, c) => {
          computed += 1;
          return 1000 * r + c;
        }),
      ).toBe(1000 * row + column);
      asked.add(key);
    }
    expect(computed).toBe(asked.size);
  },
);

const world = (faults: object) =>
  parseScenario('small', JSON.stringify({ version: 1, says: 'x', sides: { A: { route: [0, 2] } }, faults }));
const small = world({ lose: 1 });

/** Breadth first with a map and a list: what `explore` does in batches and typed arrays. */
const plainly = (compiled: Compiled) => {
  const queue = [{ state: compiled.intern(compiled.system.initial), parent: -1, depth: 0 }];
  const index = new Map([[queue[0]?.state.join(), 0]]);
  const edges: number[] = [];
  for (const [from, { state, depth }] of queue.entries())
    compiled.expand(...state, {
      edge: (a, b, n) => {
        const key = [a, b, n].join();
        if (!index.has(key)) {
          index.set(key, queue.length);
          queue.push({ state: [a, b, n], parent: from, depth: depth + 1 });
        }
        edges.push(index.get(key) ?? -1);
      },
    });
  return { parents: queue.map(({ parent }) => parent), edges, depth: Math.max(...queue.map(({ depth }) => depth)) };
};

/** Every edge to a state that was seen before breaks a property. */
class NoReturn extends Compiled {
  readonly #seen = new Set<string>();

  override get breaks(): number {
    return 1;
  }

  override edges(pair: number, n: number, into: Edges): void {
    const before = into.end;
    super.edges(pair, n, into);
    const { cells, end } = into;
    for (let at = before; at < end; at += ROW.width) {
      const target = [cells[at + ROW.pair], cells[at + ROW.network]].join();
      if (this.#seen.has(target)) cells[at + ROW.name] = (cells[at + ROW.name] ?? 0) | 1;
      this.#seen.add(target);
    }
  }
}

describe('search', () => {
  plain.each([
    ['tardis', tardisAsRead({})],
    ['godwit', godwitWithout()],
  ])('%s: the same states, edges, predecessors and depth as a search with a map', (_, protocol) => {
    const wanted = plainly(new Compiled(protocol, small));
    const found = explore(new Compiled(protocol, small), {});
    const { size } = found.states;
    expect(Array.from({ length: size }, (__, k) => found.states.parent(k))).toEqual(wanted.parents);
    expect([...found.edges]).toEqual(wanted.edges);
    expect([found.depth, found.complete, found.end, found.expanded]).toEqual([wanted.depth, true, 'complete', size]);
  });

  plain('network by network: the same states at the same depths, each with its own edges', () => {
    const compiled = new Compiled(godwitWithout(), small);
    const [wanted, found] = [explore(compiled, {}), explore(compiled, { sortFrom: 1 })];
    const nameOf = ({ states }: Exploration, s: number) => `${states.a(s)} ${states.b(s)} ${states.network(s)}`;
    const told = (one: Exploration) => {
      const depths: number[] = [];
      const { states, edges, edgeStart, settled } = one;
      const rows = Array.from({ length: states.size }, (_, s) => {
        depths.push(s === 0 ? 0 : (depths[states.parent(s)] ?? Number.NaN) + 1);
        const targets = [...edges.subarray(edgeStart[s], edgeStart[s + 1])].map((to) => nameOf(one, to));
        return [nameOf(one, s), { depth: depths[s], targets, settled: settled[s] }] as const;
      });
      return new Map(rows);
    };
    expect(told(found)).toEqual(told(wanted));
    expect([found.transitions, found.depth, found.complete]).toEqual([wanted.transitions, wanted.depth, true]);
    expect([...found.edges]).not.toEqual([...wanted.edges]);
  });

  plain('a search that ends within a sorted level says that nothing of the level is expanded', () => {
    const compiled = new Compiled(godwitWithout(), world({ lose: 1, duplicate: 1 }));
    const whole = explore(compiled, { sortFrom: 1 });
    const found = explore(compiled, { sortFrom: 1, maxStates: Math.floor(whole.states.size / 2) });
    expect(found.end).toBe('states');
    expect(found.expanded).toBeGreaterThan(0);
    for (let s = found.expanded; s < found.states.size; s += 1) expect(found.edgeStart[s]).toBe(found.edges.length);
    expect([...found.edges]).toEqual([...whole.edges.subarray(0, found.edges.length)]);
    expect(found.edgeStart.length).toBe(found.states.size + 1);
  });

  plain('a search that keeps no edges finds the same states and verdicts', () => {
    const graph = explore(new Compiled(tardisAsRead({}), small), {});
    const states = explore(new Compiled(tardisAsRead({}), small), { keep: 'states' });
    expect([states.states.size, states.transitions, [...states.falls]]).toEqual([
      graph.states.size,
      graph.transitions,
      [...graph.falls],
    ]);
    expect([states.edges.length, states.edgeStart.length]).toEqual([0, 0]);
  });

  plain('without edges, too, an edge that breaks something is told with the state it leads to', () => {
    const [graph, states] = (['graph', 'states'] as const).map((keep) =>
      explore(new NoReturn(godwitWithout(), small), { keep }),
    );
    const fall = graph?.falls.get('SAFE-1');
    expect(states?.falls.get('SAFE-1')).toEqual(fall);
    expect(graph?.states.parent(fall?.to ?? 0)).not.toBe(fall?.from);
  });

  plain('a search that met its bound says what was not looked at', () => {
    const found = explore(new Compiled(tardisAsRead({}), small), { maxStates: 100 });
    expect([found.complete, found.end]).toEqual([false, 'states']);
    expect(found.expanded).toBeLessThan(found.states.size);
  });

  plain('memory that ends ends the search, and what was found stands', () => {
    const compiled = new Compiled(tardisAsRead({}), world({ lose: 1, duplicate: 1 }));
    const whole = explore(compiled, {});
    memoryEndsAt(1 << 16);
    const found = explore(compiled, {});
    expect([found.complete, found.end]).toEqual([false, 'memory']);
    expect(found.expanded).toBeGreaterThan(0);
    expect(found.expanded).toBeLessThan(whole.states.size);
    for (let k = 0; k < found.states.size; k += 1) expect(found.states.parent(k)).toBe(whole.states.parent(k));
  });

  plain('an array that no machine holds is no room', () => {
    expect(() => new StateSet(new Pairs(), 'keys', 2 ** 33)).toThrow(OutOfRoom);
    expect(statesIn(1e9, 'graph')).toBeLessThan(statesIn(1e9, 'states'));
    expect(statesIn(1e15, 'states')).toBe(2 ** 29);
  });
});
