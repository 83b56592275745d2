/** What a run may fall into is what the model of the published protocol falls into: nothing else is excused. */
import { expect, test } from 'vitest';
import { expectationsOf } from '../scenario/expectation.ts';
import { scenarioNamed } from '../scenario/load.ts';
import { judge } from './judge.ts';
import type { Run } from './run.ts';
import { HOLES, suppositionsOf } from './suppositions.ts';

test.each(HOLES)('$scenario falls so under tardis too', ({ scenario, falls }) => {
  const expected = expectationsOf(scenarioNamed(scenario).expected, 'tardis').flatMap((one) => one.falls ?? []);
  expect(expected).toEqual(expect.arrayContaining([...falls]));
});

const QUIET: Run = {
  version: 1,
  kind: 'run',
  mtu: 256,
  window: 4,
  timeout: 8,
  retryCnt: 7,
  rnrRetry: 7,
  rnrTimer: 5,
  depth: 4,
  receives: { early: 64, at: 0 },
  sends: { A: { firstPsn: 0, messages: [[{ bytes: 1 }, { bytes: 2 }]] }, B: { firstPsn: 0, messages: [[]] } },
  moves: [],
  faults: [],
};
const MOVE = { side: 'A', afterEvents: 1, blackout: 10_000, oldCopyGoes: 'at resume' } as const;

test('a run in which one end moves once is excused for nothing', () => {
  expect(suppositionsOf({ ...QUIET, moves: [MOVE] })).toEqual([]);
  expect(suppositionsOf({ ...QUIET, moves: [MOVE, { ...MOVE, side: 'B' }] })).toEqual([]);
});

test.each<readonly [string, Partial<Run>, string]>([
  ['both ends at once', { moves: [MOVE, { ...MOVE, side: 'B', during: true }] }, 'both-ends-migrate-at-once'],
  ['nobody comes back', { moves: [{ ...MOVE, fate: 'given up after the stop' }] }, 'the-migration-is-aborted'],
  [
    'the peer is told a lie',
    { deeds: [{ at: 0, side: 'A', connection: 0, does: 'forge', what: 'NAK_STOPPED', source: 'peer', psn: 0 }] },
    'control-messages-are-forged',
  ],
])('LIVE-1: %s, and the run ends as the model says', (_, circumstances, scenario) => {
  const { violations, known } = judge({ ...QUIET, ...circumstances }, { refine: true });
  expect(violations).toEqual([]);
  expect(known).toContainEqual(expect.objectContaining({ property: 'LIVE-1', scenario }));
});
