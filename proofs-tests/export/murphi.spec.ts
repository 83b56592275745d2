import { describe, expect, test } from 'vitest';
import { protocolOf } from '../checker/named-protocol.ts';
import { scenarioNamed } from '../scenario/load.ts';
import type { ProtocolName } from '../scenario/schema.ts';
import { exportedWithClaim } from './exported.ts';
import { murphi } from './murphi.ts';
import { type RumurFound, readRumur, rumurMissing, runRumur } from './rumur.ts';
import type { SideTables } from './tables.ts';

const missing = rumurMissing();
if (missing !== undefined) process.stderr.write(`Rumur did not check the checker: ${missing}\n`);

type Subject = ReturnType<typeof exportedWithClaim>;

const subject = (name: ProtocolName, scenario: string): Subject =>
  exportedWithClaim(protocolOf({ name }), scenarioNamed(scenario));

const found = ({ tables, claim }: Subject): RumurFound => runRumur(murphi('a test', tables, claim));
const expected = ({ tables: { states, transitions }, claim: { falls } }: Subject): RumurFound => ({
  states,
  transitions,
  falls,
  contradicts: [],
});

/** The tables with something of side A changed. */
const changed = ({ tables, claim }: Subject, change: (side: SideTables) => Partial<SideTables>): Subject => ({
  tables: { ...tables, sides: { ...tables.sides, A: { ...tables.sides.A, ...change(tables.sides.A) } } },
  claim,
});

describe.skipIf(missing !== undefined)(
  `Rumur on the exported model${missing === undefined ? '' : `: ${missing}`}`,
  () => {
    test.each([
      ['tardis', 'both-ends-migrate-at-once'],
      ['tardis', 'the-first-packet-meets-no-one'],
      ['tardis-code', 'the-last-ack-is-lost-before-the-stop'],
      ['godwit', 'the-target-dies-after-activation'],
      ['godwit', 'the-migration-is-aborted-and-the-application-has-two-connections'],
      ['godwit', 'an-atomic-is-in-progress'],
    ] as const)(
      'REC-1, THM-1: %s in %s has the states, transitions and verdicts that Rumur finds',
      (name, scenario) => {
        const one = subject(name, scenario);
        expect(found(one)).toEqual(expected(one));
      },
    );

    const holding = () => subject('godwit', 'the-first-packet-meets-no-one');
    const falling = () => subject('tardis', 'the-first-packet-meets-no-one');

    test('a step that is left out shows in the number of states', () => {
      const one = holding();
      const fewer = changed(one, ({ local }) => ({
        local: local.map((row) => row.map((steps) => steps?.slice(0, -1))),
      }));
      expect(found(fewer).states).toBeLessThan(one.tables.states);
    });

    test.each(['SAFE-7', 'THM-1'] as const)('%s is found to fall where it is said to hold', (id) => {
      const { tables, claim } = falling();
      const denied = { tables, claim: { ...claim, falls: claim.falls.filter((other) => other !== id) } };
      expect(found(denied).contradicts).toEqual([`${id} is violated`]);
    });

    test('a property is found to hold where it is said to fall', () => {
      const { tables, claim } = holding();
      expect(found({ tables, claim: { ...claim, falls: ['SAFE-6'] } }).contradicts).toEqual(['SAFE-6 does not fall']);
    });

    test('REC-1: an end that is never calm keeps the rest from recovering', () => {
      const restless = changed(holding(), ({ factsAt }) => ({
        factsAt: factsAt.map((facts) => ({ ...facts, calm: false })),
      }));
      expect(found(restless).falls).toEqual(['REC-1']);
    });

    test('THM-1: a service in which nobody has posted anything is another service', () => {
      const { tables, claim } = holding();
      const { A, B } = claim.contract;
      const idle = { ...claim, contract: { A, B: { ...B, posted: 0 } } };
      expect(found({ tables, claim: idle }).contradicts).toEqual(['THM-1 is violated']);
    });

    test('a combination that the tables do not have ends the run', () => {
      const holed = changed(holding(), ({ arrivals }) => ({
        arrivals: arrivals.map((row) => row.map(() => undefined)),
      }));
      expect(found(holed).contradicts).toEqual(['the tables have no arrival here is violated']);
    });
  },
);

const REPORT = `<cover_result message="SAFE-7" count="6"/>
<cover_result message="SAFE-1" count="0"/>
<error includes_trace="true">
<message>liveness property &quot;REC-1&quot; violated</message>
</error>
<summary states="154" rules_fired="337" errors="1" duration_seconds="0"/>`;

test('a report of a verifier is read', () => {
  expect(readRumur(REPORT)).toEqual({
    states: 154,
    transitions: 337,
    falls: ['REC-1', 'SAFE-7'],
    contradicts: ['SAFE-1 does not fall'],
  });
  expect(() => readRumur('<rumur_run>')).toThrow('did not finish');
});
