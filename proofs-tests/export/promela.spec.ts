import { describe, expect, test } from 'vitest';
import { godwitWithout, tardisAsRead, tardisCode } from '../../model/protocols.ts';
import { Compiled } from '../checker/compiled.ts';
import { explore } from '../checker/explore.ts';
import { parseScenario, scenarioNamed } from '../scenario/load.ts';
import { exported } from './exported.ts';
import { promela } from './promela.ts';
import { readPan, runSpin, spinMissing } from './spin.ts';
import { type SideTables, type Tables, tablesOf } from './tables.ts';

const PROTOCOLS = { tardis: tardisAsRead({}), 'tardis-code': tardisCode, godwit: godwitWithout() };

const missing = spinMissing();
if (missing !== undefined) process.stderr.write(`Spin did not check the checker: ${missing}\n`);

const found = (tables: Tables) => {
  const { states, transitions, falls } = runSpin(promela('a test', tables), tables.states);
  return { states, transitions, falls };
};
const expected = ({ states, transitions, fallen }: Tables) => ({ states, transitions, falls: fallen });

const small = (fields: object) =>
  parseScenario(
    'small',
    JSON.stringify({ version: 1, says: 'A small world.', sides: { A: { route: [0, 2] } }, ...fields }),
  );

/** The tables with one cell of side A changed. */
const changed = (tables: Tables, change: (side: SideTables) => Partial<SideTables>): Tables => ({
  ...tables,
  sides: { ...tables.sides, A: { ...tables.sides.A, ...change(tables.sides.A) } },
});

describe.skipIf(missing !== undefined)(
  `Spin on the exported model${missing === undefined ? '' : `: ${missing}`}`,
  () => {
    test.each([
      ['tardis', 'one-end-migrates'],
      ['tardis', 'resume-is-duplicated'],
      ['tardis', 'control-messages-are-forged'],
      ['tardis-code', 'psns-wrap'],
      ['godwit', 'both-ends-migrate-at-once-under-loss-and-duplication'],
      ['godwit', 'the-coordinator-crashes-and-returns'],
      ['godwit', 'control-messages-are-forged'],
      ['godwit', 'an-atomic-is-in-progress'],
      ['godwit', 'a-read-is-in-progress'],
    ] as const)(
      'SAFE-1, SAFE-7, SAFE-9: %s in %s has the states, transitions and verdicts that Spin finds',
      (name, scenario) => {
        const tables = exported(PROTOCOLS[name], scenarioNamed(scenario));
        expect(found(tables)).toEqual(expected(tables));
      },
    );

    test.each(['tardis', 'godwit'] as const)(
      'paths that keep their order: %s has the states that Spin finds',
      (name) => {
        const scenario = small({ assumptions: { ordered: true }, faults: { lose: 1, duplicate: 1 } });
        const tables = exported(PROTOCOLS[name], scenario);
        expect(found(tables)).toEqual(expected(tables));
      },
    );

    test('a step that is left out shows in the number of states', () => {
      const tables = exported(PROTOCOLS.tardis, small({ faults: { lose: 1 } }));
      const fewer = changed(tables, ({ local }) => ({
        local: local.map((row) => row.map((steps) => steps?.slice(0, -1))),
      }));
      expect(found(fewer).states).toBeLessThan(tables.states);
    });

    test('a verdict that was lost shows in the properties that fall', () => {
      const tables = exported(PROTOCOLS.tardis, scenarioNamed('the-first-packet-meets-no-one'));
      const blind = { ...tables, verdicts: tables.verdicts.map((row) => row.map((bits) => bits && 0)) };
      expect(tables.fallen).toContain('SAFE-7');
      expect(found(blind)).toEqual({ ...expected(tables), falls: [] });
    });

    test('a combination that the tables lack ends the run', () => {
      const tables = exported(PROTOCOLS.tardis, small({}));
      const holed = changed(tables, ({ arrivals }) => ({ arrivals: arrivals.map((row) => row.map(() => undefined)) }));
      expect(() => found(holed)).toThrow('the tables have no arrival here');
    });
  },
);

test('an exploration that was cut short is not exported', () => {
  const scenario = small({});
  const compiled = new Compiled(PROTOCOLS.tardis, scenario);
  expect(() => tablesOf(compiled, scenario, explore(compiled, { maxStates: 10 }))).toThrow('and there are more');
});

const REPORT = `
falls: SAFE-7
falls: SAFE-1
State-vector 20 byte, depth reached 27, errors: 0
    22362 states, stored
 1.5e+06 transitions (= stored+matched)
pan: elapsed time 0.02 seconds
0m0.00s 0m0.01s
1m1.50s 0m0.25s
`;

test('a report of pan is read', () => {
  expect(readPan(REPORT)).toEqual({
    states: 22362,
    transitions: 1_499_999,
    falls: ['SAFE-1', 'SAFE-7'],
    seconds: 61.75,
  });
});

test('a report of a search that was cut short is refused', () => {
  expect(() => readPan(`error: max search depth too small\n${REPORT}`)).toThrow('pan did not finish');
  expect(() => readPan('pan: elapsed time 0.02 seconds')).toThrow('pan did not say');
});
