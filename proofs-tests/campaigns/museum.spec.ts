/** Runs that once showed something: each still shows what it is kept for, and nothing else. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EDGES, NOT_TAKEN } from '../refine/coverage.ts';
import { REPOSITORY } from '../source/tree.ts';
import { campaign } from './campaign.ts';
import { judge } from './judge.ts';
import { isRun, parseRun, readJson, replayRun, runWords } from './run-file.ts';

const FOLDER = join(REPOSITORY, 'proofs-tests', 'runs');
const read = (name: string) => parseRun(name, readJson(join(FOLDER, name)));

test.each(readdirSync(FOLDER))('%s', (name) => {
  expect(isRun(readJson(join(FOLDER, name)))).toBe(true);
  const run = read(name);
  const { violations, known } = replayRun(run).judgement;
  expect(violations).toEqual([]);
  // What is kept because it shows a hole of the published protocol shows it still.
  if (run.violates !== undefined) expect(known.map(({ property }) => property)).toContain(run.violates);
});

test('REFINES: a peer that moves while it is not ready to receive, at any event', () => {
  const run = read('a-receiver-moves-while-it-is-not-ready.json');
  const [move] = run.moves;
  if (move === undefined) throw new Error('the run has a move');
  for (let afterEvents = 0; afterEvents < 24; afterEvents += 1) {
    const { violations } = judge({ ...run, moves: [{ ...move, afterEvents }] }, { refine: true });
    expect({ afterEvents, violations }).toEqual({ afterEvents, violations: [] });
  }
});

test('the same run sends the same at the same instants, whether or not it is watched', () => {
  const run = read('a-receiver-moves-while-it-is-not-ready.json');
  const hashes = [true, false, true].map((refine) => judge(run, { refine }).hash);
  expect(new Set(hashes).size).toBe(1);
  expect(judge({ ...run, faults: [] }, { refine: false }).hash).not.toBe(hashes[0]);
});

test('a file that records a violation which is gone says so', () => {
  const run = { ...read('a-receiver-moves-while-it-is-not-ready.json'), violates: 'SAFE-1' };
  expect(runWords(run, replayRun(run).judgement)).toContain('does not show it any more');
});

test('a file that is no run is refused with its places', () => {
  expect(() => parseRun('x.json', { kind: 'run', version: 1, mtu: 100 })).toThrow(/x\.json: .*\$\.mtu/s);
});

test('REFINES: every edge of the model that the implementation can take is taken, here or at random', () => {
  const { edges } = campaign({ seed: 4, runs: 400, wild: true, refineEvery: 1 });
  const taken = new Set(edges);
  for (const name of readdirSync(FOLDER))
    for (const edge of replayRun(read(name)).judgement.coverage.edges) taken.add(edge);
  expect(EDGES.filter((edge) => !taken.has(edge)).sort()).toEqual(Object.keys(NOT_TAKEN).sort());
});
