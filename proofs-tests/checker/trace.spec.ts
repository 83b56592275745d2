import { describe, expect, test } from 'vitest';
import { SAFETY } from '../../model/properties.ts';
import { tardisAsRead } from '../../model/protocols.ts';
import type { Action } from '../../model/system.ts';
import { scenarioNamed } from '../scenario/load.ts';
import { Compiled, type EdgeKind } from './compiled.ts';
import { Edges, edgeName, kindOf, placeOf, ROW } from './edges.ts';
import { explore } from './explore.ts';
import { actionsAcross, actionsTo } from './trace.ts';

const BIT = 1 << SAFETY.indexOf('SAFE-9');
const OTHER = 1 << SAFETY.indexOf('SAFE-8');
const TWIN = 1_000;

/** Every edge has a twin beside it that leads to the same state and breaks something else. */
class Twins extends Compiled {
  /** Edges that were asked for, by number. */
  readonly asked: number[] = [];
  readonly #twinFirst: boolean;

  constructor(twinFirst: boolean) {
    super(tardisAsRead({}), scenarioNamed('the-first-packet-meets-no-one'));
    this.#twinFirst = twinFirst;
  }

  override edges(pair: number, n: number, into: Edges): void {
    const own = new Edges();
    super.edges(pair, n, own);
    for (let at = 0; at < own.end; at += ROW.width) {
      const [next = 0, network = 0, name = 0] = own.cells.subarray(at, at + ROW.width);
      const k = placeOf(name);
      const rows = [
        [OTHER, k],
        [BIT, k + TWIN],
      ] as const;
      for (const [broken, number] of this.#twinFirst ? rows.toReversed() : rows)
        into.push(next, network, edgeName(kindOf(name), number) | broken);
    }
  }

  override action(a: number, b: number, n: number, kind: EdgeKind, k: number): Action {
    this.asked.push(k);
    return super.action(a, b, n, kind, k % TWIN);
  }
}

describe.each([
  ['before', true],
  ['behind', false],
] as const)('of two edges between the same states, the one that breaks the property %s the other', (_, twinFirst) => {
  const compiled = new Twins(twinFirst);
  const exploration = explore(compiled, {});
  const deep = exploration.states.size - 1;
  const [from, to] = [exploration.states.parent(deep), deep];
  const isTwin = (k: number) => k >= TWIN;

  test('a counterexample ends with the one that breaks its property', () => {
    compiled.asked.length = 0;
    expect(actionsAcross(compiled, exploration, { from, to }, BIT).length).toBeGreaterThan(2);
    expect(compiled.asked.map(isTwin).at(-1)).toBe(true);
    compiled.asked.length = 0;
    actionsAcross(compiled, exploration, { from, to }, OTHER);
    expect(compiled.asked.map(isTwin).at(-1)).toBe(false);
  });

  test('on the way there the first will do', () => {
    compiled.asked.length = 0;
    actionsTo(compiled, exploration, deep);
    expect(new Set(compiled.asked.map(isTwin))).toEqual(new Set([twinFirst]));
  });
});
