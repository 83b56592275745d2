import { fc, test } from '@fast-check/vitest';
import { afterEach, describe, expect, test as plain, vi } from 'vitest';
import { godwitWithout, tardisAsRead } from '../../model/protocols.ts';
import { parseScenario } from '../scenario/load.ts';
import { Compiled } from './compiled.ts';
import { Edges } from './edges.ts';
import { explore } from './explore.ts';
import { OutOfRoom, statesIn } from './room.ts';
import { Rows } from './rows.ts';
import { MOST_NETWORKS, MOST_SIDES, StateSet } from './state-set.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

const side = fc.oneof(fc.nat(5), fc.nat(MOST_SIDES - 1));
const network = fc.oneof(fc.nat(5), fc.nat(MOST_NETWORKS - 1));
const states = fc.array(fc.tuple(side, side, network), { minLength: 1, maxLength: 400 });

describe('states', () => {
  test.prop([states, fc.integer({ min: 1, max: 64 })])('a state keeps its index, however many come', (found, batch) => {
    const set = new StateSet(4);
    const known = new Map<string, number>();
    for (let k = 0; k < found.length; k += batch) {
      const edges = new Edges();
      for (const [a, b, n] of found.slice(k, k + batch)) edges.push(a, b, n, 0, 0, 0);
      set.addAll(edges);
      for (const [a, b, n] of found.slice(k, k + batch)) {
        const key = `${a},${b},${n}`;
        if (!known.has(key)) known.set(key, known.size);
        const index = set.add(a, b, n, -1);
        expect([index, set.a(index), set.b(index), set.network(index)]).toEqual([known.get(key), a, b, n]);
      }
    }
    expect(set.size).toBe(known.size);
  });

  plain('states whose slots keep the same bits of their hashes are told apart', () => {
    const set = new StateSet(4);
    for (let k = 1; k < 4096; k += 1) {
      set.add(k, 0, 0, -1);
      set.add(0, 0, k << 12, -1);
    }
    expect(set.size).toBe(2 * 4095);
  });
});

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

  plain('a search that met its bound says what was not looked at', () => {
    const found = explore(new Compiled(tardisAsRead({}), small), { maxStates: 100 });
    expect([found.complete, found.end]).toEqual([false, 'states']);
    expect(found.expanded).toBeLessThan(found.states.size);
  });

  plain('memory that ends ends the search, and what was found stands', () => {
    const compiled = new Compiled(tardisAsRead({}), world({ lose: 1, duplicate: 1 }));
    const whole = explore(compiled, {});
    const Real = Int32Array;
    const Scarce = class extends Real {
      constructor(length: number) {
        if (length > 1 << 14) throw new RangeError('Array buffer allocation failed');
        super(length);
      }
    };
    vi.stubGlobal('Int32Array', Scarce);
    const found = explore(compiled, {});
    expect([found.complete, found.end]).toEqual([false, 'memory']);
    expect(found.expanded).toBeGreaterThan(0);
    expect(found.expanded).toBeLessThan(whole.states.size);
    for (let k = 0; k < found.states.size; k += 1) expect(found.states.parent(k)).toBe(whole.states.parent(k));
  });

  plain('an array that no machine holds is no room', () => {
    expect(() => new StateSet(2 ** 33)).toThrow(OutOfRoom);
    expect(statesIn(1e9, 'graph')).toBeLessThan(statesIn(1e9, 'states'));
    expect(statesIn(1e15, 'states')).toBe(2 ** 29);
  });
});
