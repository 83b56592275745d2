import { describe, expect, test } from 'vitest';
import { godwitWithout, tardisAsRead, tardisCode } from '../../model/protocols.ts';
import { Compiled, SETTLED } from '../checker/compiled.ts';
import { explore } from '../checker/explore.ts';
import { fairGraph } from '../checker/fairness.ts';
import { stuck } from '../checker/liveness.ts';
import { scenarioNamed } from '../scenario/load.ts';
import { exported } from './exported.ts';
import { promela } from './promela.ts';
import { fallsLive, readLive, spinMissing } from './spin.ts';
import { OPTIONAL, type PacketRow, type SideTables, type Step, type Tables } from './tables.ts';

const PROTOCOLS = { tardis: tardisAsRead({}), 'tardis-code': tardisCode, godwit: godwitWithout() };

const missing = spinMissing();

const tablesOf = (name: keyof typeof PROTOCOLS, scenario: string): Tables =>
  exported(PROTOCOLS[name], scenarioNamed(scenario));

const side = (fields: Pick<SideTables, 'local' | 'due' | 'arrivals' | 'facts'>): SideTables => ({
  start: 0,
  record: [0, 0],
  moving: [false, false],
  factsAt: [],
  forgeries: [[], []],
  ...fields,
});
const sends = (next: number, burst: number): Step => ({ next, burst, broken: 0, need: 0 });
const towardsB = (psn: number): PacketRow => ({
  envelope: { from: 0, to: 1, side: 'B', packet: { type: 'rx.ack', psn } },
  side: 'B',
  place: psn,
  room: 1,
});

/** A sends packet 1 once and then packet 0 for ever; packet 1 settles B, packet 0 does nothing. */
const overtaken: Tables = {
  sides: {
    A: side({
      local: [[[sends(1, 2)]], [[sends(1, 1)]]],
      due: [[[0]], [[1]]],
      arrivals: [
        [undefined, undefined],
        [undefined, undefined],
      ],
      facts: [0, 0],
    }),
    B: side({
      local: [[[]], [[]]],
      due: [[[]], [[]]],
      arrivals: [
        ['unchanged', sends(1, 0)],
        ['unchanged', 'unchanged'],
      ],
      facts: [0, 1],
    }),
  },
  records: 1,
  fairActions: 2,
  packets: [towardsB(0), towardsB(1)],
  bursts: [[], [0], [1]],
  verdicts: [[0, SETTLED]],
  capacity: 2,
  lose: 0,
  duplicate: 0,
  forge: 0,
  states: 0,
  transitions: 0,
  fallen: [],
};

describe.skipIf(missing !== undefined)(`Spin judges liveness${missing === undefined ? '' : `: ${missing}`}`, () => {
  test.each([
    ['tardis', 'the-first-packet-meets-no-one', true],
    ['tardis', 'both-ends-migrate-at-once', true],
    ['tardis', 'resume-is-lost', false],
    ['tardis-code', 'the-last-ack-is-lost-before-the-stop', true],
    ['godwit', 'the-migration-is-aborted-and-the-application-has-two-connections', false],
    ['godwit', 'both-ends-migrate-at-once', false],
    ['godwit', 'the-coordinator-crashes-and-returns', false],
    ['godwit', 'the-target-dies-after-activation', false],
  ] as const)('LIVE-1: %s in %s falls: %s', (name, scenario, falls) => {
    const compiled = new Compiled(PROTOCOLS[name], scenarioNamed(scenario));
    const found = stuck(fairGraph(compiled, explore(compiled, {})));
    expect(found !== undefined).toBe(falls);
    expect(fallsLive(promela('a test', tablesOf(name, scenario)))).toBe(falls);
  });

  const tables = tablesOf('godwit', 'resume-is-lost');
  const lazy = ({ due, ...side }: SideTables): SideTables => ({
    ...side,
    due: due.map((row) => row.map((list) => list?.map(() => OPTIONAL))),
  });

  test('LIVE-1: where no timer and no coordinator has to act a run may stop anywhere', () => {
    const { A, B } = tables.sides;
    const idle = { ...tables, fairActions: 0, sides: { A: lazy(A), B: lazy(B) } };
    expect(fallsLive(promela('a test', idle))).toBe(true);
  });

  test('LIVE-1: a packet that can arrive again and again arrives, whatever else may go round', () => {
    const text = promela('a test', overtaken);
    expect(fallsLive(text)).toBe(false);
    const weak = text.replace('#define ACTIONS (FAIR_LOCAL + PACKETS)', '#define ACTIONS FAIR_LOCAL');
    expect(weak).not.toBe(text);
    expect(fallsLive(weak)).toBe(true);
  });
});

test('a report of a search for cycles is read', () => {
  expect(readLive('pan:1: acceptance cycle (at depth 24)\nState-vector 36 byte, depth reached 61, errors: 1')).toBe(
    true,
  );
  expect(readLive('State-vector 36 byte, depth reached 35, errors: 0')).toBe(false);
  expect(() => readLive('error: max search depth too small\nState-vector 36 byte, errors: 0')).toThrow(
    'did not finish',
  );
});
