import { describe, expect, test } from 'vitest';
import { chance } from '../../impl/udp/chance.ts';
import type { System } from '../../model/system.ts';
import { verifyCaptureBytes } from '../capture/verify.ts';
import { check } from '../checker/check.ts';
import { Compiled } from '../checker/compiled.ts';
import { protocolOf } from '../checker/named-protocol.ts';
import { follow, type Happening } from '../checker/run.ts';
import { scenarioNamed } from '../scenario/load.ts';
import { onImplementation, pcapngOf, supposedOtherwise } from './on-implementation.ts';
import { implementationWords } from './words.ts';

const TARDIS = { name: 'tardis' } as const;

const systemOf = (name: string) => {
  const scenario = scenarioNamed(name);
  return { scenario, system: new Compiled(protocolOf(TARDIS), scenario).system };
};

/** A walk through the model, any possible step as likely as any other. */
const walk = (system: System, seed: number, steps: number): readonly Happening[] => {
  const next = chance(seed);
  const run: Happening[] = [];
  let before = system.initial;
  for (let k = 0; k < steps; k += 1) {
    const possible = system.actions(before).flatMap((action) => {
      const after = system.apply(before, action);
      return after === undefined ? [] : [{ action, before, after }];
    });
    const taken = possible[Math.floor(next() * possible.length)];
    if (taken === undefined) break;
    run.push(taken);
    before = taken.after;
  }
  return run;
};

describe('walks through the model, taken by the implementation', () => {
  test.each([
    'one-end-migrates',
    'one-end-migrates-under-loss-and-duplication',
    'both-ends-send-and-migrate-at-once',
    'a-second-migration-before-the-first-is-known',
    'a-write-is-in-progress',
    'receives-are-posted-late',
    'psns-wrap',
    'the-peer-is-in-rtr',
    'the-migrating-qp-is-moved-to-err',
    'both-old-hosts-go-dark',
  ])('REFINES: %s: the same states and packets after every step', (name) => {
    const { scenario, system } = systemOf(name);
    for (let seed = 1; seed <= 12; seed += 1) {
      const run = walk(system, seed, 40);
      const { taken, refused, differences } = onImplementation(system, scenario, run);
      expect({ seed, taken, refused, differences }).toEqual({
        seed,
        taken: run.length,
        refused: undefined,
        differences: [],
      });
    }
  });
});

const counterexample = (name: string, property: 'REC-1') => {
  const { scenario, system } = systemOf(name);
  const found = check(TARDIS, scenario).properties.find(({ id }) => id === property)?.counterexample;
  if (found === undefined) throw new Error(`${name} shows no violation of ${property}`);
  return { scenario, system, run: follow(system, found.steps) };
};

test('REC-1: the hole of both ends migrating at once is one of the implementation too, packet by packet', () => {
  const { scenario, system, run } = counterexample('both-ends-migrate-at-once', 'REC-1');
  const done = onImplementation(system, scenario, run);
  expect(done).toMatchObject({ taken: run.length, refused: undefined, differences: [] });
  expect(implementationWords(done, [])[0]).toContain(`all ${run.length} steps`);
  const { packets, findings } = verifyCaptureBytes('run.pcapng', pcapngOf(done));
  expect({ packets, findings }).toEqual({ packets: done.frames.length, findings: [] });
});

test('what the implementation does otherwise is said', () => {
  expect(
    supposedOtherwise(
      { nakStoppedChecked: false, answerPsn: 'expected - 1' },
      scenarioNamed('the-peer-lacks-the-extension'),
    ),
  ).toEqual(['nakStoppedChecked: false', 'B lacks the extension']);
  const { scenario, system } = systemOf('there-and-back-again');
  const refused = Array.from({ length: 20 }, (_, k) => onImplementation(system, scenario, walk(system, k, 40)).refused);
  expect(refused.map((one) => one?.says ?? '').join()).toContain('restore is refused: EEXIST');
});

test('a run of another scenario is not taken', () => {
  const { system } = systemOf('psns-wrap');
  const { scenario } = systemOf('one-end-migrates');
  const taken = Array.from({ length: 20 }, (_, k) => onImplementation(system, scenario, walk(system, k, 40)));
  expect(taken.some(({ refused, differences }) => refused !== undefined || differences.length > 0)).toBe(true);
});
