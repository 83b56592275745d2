import { describe, expect, test } from 'vitest';
import { EDGES } from '../refine/coverage.ts';
import { campaign } from './campaign.ts';

const ONE_MOVE = { connections: 2, messages: 5, moves: { min: 1, max: 1 } };

const shown = (finding: ReturnType<typeof campaign>['finding']) =>
  finding &&
  `${finding.violations.map(({ property, says }) => `${property}: ${says}`).join('\n')}\n${JSON.stringify(finding.run)}`;

describe('runs at random: loss, duplication, delay, a move at any instant of either end', () => {
  test('SAFE-1, SAFE-2, SAFE-4, SAFE-5, SAFE-7, SAFE-8, LIVE-1: hold, and every step is one of the model', () => {
    const { finding, tally, edges } = campaign({ seed: 1, runs: 60, shape: ONE_MOVE, refineEvery: 1 });
    expect(shown(finding)).toBeUndefined();
    expect(tally).toMatchObject({ runs: 60, refined: 60, migrations: 60 });
    expect(tally.steps).toBeGreaterThan(3_000);
    expect(tally.lost).toBeGreaterThan(10);
    expect(tally.retransmitted).toBeGreaterThan(50);
    // What these runs cannot use: modify, errors, exhausted budgets. A floor, so that α cannot go blind.
    expect(edges.length).toBeGreaterThanOrEqual(24);
    expect(EDGES).toEqual(expect.arrayContaining([...edges]));
  });

  test('SAFE-1, SAFE-2, SAFE-7, LIVE-1: hold over one move after another, there and elsewhere', () => {
    const shape = { connections: 1, messages: 6, moves: { min: 2, max: 3 } };
    const { finding, tally } = campaign({ seed: 2, runs: 150, shape, refineEvery: 10 });
    expect(shown(finding)).toBeUndefined();
    expect(tally.migrations).toBeGreaterThan(300);
  });
});

test('a campaign of the same seed finds the same', () => {
  const options = { seed: 3, runs: 25, shape: ONE_MOVE, refineEvery: 5 };
  expect(campaign(options)).toEqual(campaign(options));
});
