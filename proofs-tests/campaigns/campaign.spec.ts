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

describe('runs in which anything befalls anyone', () => {
  const { finding, tally, states } = campaign({ seed: 4, runs: 400, wild: true, refineEvery: 1 });

  test('SAFE-1, SAFE-2, SAFE-3, SAFE-4, SAFE-5, SAFE-8, SAFE-9, LIVE-1: fall only where the model falls; every step is one of it', () => {
    expect(shown(finding)).toBeUndefined();
    expect(tally).toMatchObject({ runs: 400, refined: 400 });
    expect(tally.steps).toBeGreaterThan(20_000);
    expect(Object.keys(tally.known)).toContain('LIVE-1 both-ends-migrate-at-once');
    expect([...states].sort()).toEqual(['ERR', 'INIT', 'PAUSED', 'RESET', 'RTR', 'RTS', 'SQD', 'SQE', 'STOPPED']);
  });

  test.each([
    'connected anew',
    'completed with RETRY_EXC_ERR',
    'completed with RNR_RETRY_EXC_ERR',
    'completed with LOC_PROT_ERR',
    'completed with REM_ACCESS_ERR',
    'completed with WR_FLUSH_ERR',
    'modify to SQD in RTS',
    'modify to RTS in SQD',
    'modify to RTS in SQD refused',
    'modify to ERR in RTS',
    'modify to RESET in RTS',
    'modify to INIT in RTS refused',
    'forged RESUME from elsewhere',
    'forged NAK_STOPPED from the peer',
    'forged REQUEST from the peer',
    'migration back',
    'migration given up after the stop',
    'migration given up after the restore',
    'migration target dies before the resume',
    'migration target dies after the resume',
    'old host goes dark',
    'stranger gets an old QPN',
    'posted out of turn',
    'post refused',
    'event SQ_DRAINED',
    'message of UC received',
    'message of UD received',
    'modify of UC or UD to SQD',
  ])('there is: %s', (what) => {
    expect(tally.happened[what]).toBeGreaterThan(0);
  });
});

test('a campaign of the same seed finds the same', () => {
  for (const wild of [false, true]) {
    const options = { seed: 3, runs: 25, shape: ONE_MOVE, wild, refineEvery: 5 };
    expect(campaign(options)).toEqual(campaign(options));
  }
});
