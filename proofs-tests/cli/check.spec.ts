import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROTOCOL_NAMES } from '../scenario/schema.ts';
import { godwit } from '../terminal/built.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'godwit-check-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const HOLE = 'the-first-packet-meets-no-one';

describe('check', () => {
  test('everything holds: 0, and the verdict in the table', () => {
    const { status, stdout } = godwit('check', '--scenario', HOLE);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^the-first-packet-meets-no-one \(H4\) +\d+ +\d+ +holds +as expected$/m);
    expect(stdout).toContain('godwit: 1 exploration, ');
  });

  test('a hole: 1, the sequence, and that it was expected', () => {
    const { status, stdout } = godwit('check', 'tardis', '--scenario', HOLE);
    expect(status).toBe(1);
    expect(stdout).toContain('SEND psn 0 "message 0", no QP there');
    expect(stdout).toContain('QP B is in ERR at P');
    expect(stdout).toMatch(/SAFE-7 \d+.*as expected/);
  });

  test('a hole that the scenario expects: 0 with --expect', () => {
    expect(godwit('check', 'tardis', '--scenario', HOLE, '--expect').status).toBe(0);
  });

  test('a verdict that the scenario does not expect: 1 with --expect', () => {
    const file = join(folder, 'unexpected.json');
    const sides = { A: { route: [0, 2] } };
    writeFileSync(file, JSON.stringify({ version: 1, says: 'x', sides, expected: { godwit: { falls: ['SAFE-6'] } } }));
    const { status, stdout } = godwit('check', '--scenario', file, '--expect');
    expect(status).toBe(1);
    expect(stdout).toContain('EXPECTED SAFE-6');
    expect(stdout).toContain('1 NOT AS EXPECTED');
  });

  test('a search that stops early never says that anything holds', () => {
    const args = ['check', '--scenario', 'one-end-migrates', '--max-states', '1000'];
    const { status, stdout } = godwit(...args, '--json');
    const { holds, scenarios } = JSON.parse(stdout);
    expect({ status, holds }).toEqual({ status: 1, holds: null });
    expect(scenarios[0]).toMatchObject({ complete: false, holds: null, asExpected: false });
    for (const property of scenarios[0].properties) expect(property.holds).toBeNull();
    expect(godwit(...args).stdout).toContain('stopped at its bound');
  });

  test('JSON has what the design asks for', () => {
    const { status, stdout } = godwit('check', 'tardis', '--scenario', HOLE, '--json');
    const document = JSON.parse(stdout);
    expect(status).toBe(1);
    expect(document).toMatchObject({ protocol: 'tardis', holds: false });
    const [scenario] = document.scenarios;
    expect(scenario).toMatchObject({
      name: HOLE,
      complete: true,
      states: expect.any(Number),
      seconds: expect.any(Number),
    });
    expect(scenario).toMatchObject({ transitions: expect.any(Number), depth: expect.any(Number) });
    const fallen = scenario.properties.find(({ id }: { id: string }) => id === 'SAFE-7');
    expect(fallen).toMatchObject({ holds: false, steps: fallen.trace.length });
  });

  test('several threads say what one says, in the order of the scenarios', () => {
    const names = ['one-end-migrates', HOLE, 'a-stock-peer-hears-a-resume'].flatMap((name) => ['--scenario', name]);
    const [one, two] = ['1', '2'].map((workers) => {
      const { status, stdout } = godwit('check', 'tardis', ...names, '--workers', workers, '--json');
      const { scenarios } = JSON.parse(stdout) as { scenarios: readonly { name: string; seconds: number }[] };
      return { status, scenarios: scenarios.map(({ seconds, ...rest }) => rest) };
    });
    expect(two).toEqual(one);
    expect(new Set(two?.scenarios.map(({ name }) => `--scenario ${name}`)).size).toBe(3);
  });

  test('an ingredient left out is said, and what falls then is no expectation', () => {
    const { status, stdout } = godwit('check', '--scenario', 'there-and-back-again', '--without', 'epochs', '--json');
    const document = JSON.parse(stdout);
    expect({ status, without: document.without, holds: document.holds }).toEqual({
      status: 1,
      without: ['epochs'],
      holds: false,
    });
    expect(document.scenarios[0].asExpected).toBeUndefined();
  });

  test.each([
    ['an unknown protocol', ['check', 'drain'], PROTOCOL_NAMES.join(', ')],
    ['an unknown scenario', ['check', '--scenario', 'nothing'], 'both-ends-migrate-at-once'],
    ['a scenario file that is not there', ['check', '--scenario', 'nothing.json'], 'nothing.json: ENOENT'],
    ['an unknown ingredient', ['check', '--without', 'sugar'], 'epochs, '],
    [
      'an ingredient of a protocol that has none',
      ['check', 'tardis', '--without', 'epochs'],
      'tardis has no ingredients',
    ],
    ['a bound that is none', ['check', '--max-states', '0'], 'is not an integer from 1'],
  ])('%s: 2 and what would be valid', (_, args, message) => {
    const { status, stdout, stderr } = godwit(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
  });
});

describe('replay', () => {
  const file = () => join(folder, `${HOLE}.tardis.SAFE-7.json`);
  beforeAll(() => {
    expect(godwit('check', 'tardis', '--scenario', HOLE, '--out', folder).status).toBe(1);
  });

  test('what --out writes is replayed and found again', () => {
    expect(readdirSync(folder)).toEqual(
      expect.arrayContaining(['md', 'itf.json', 'json'].map((ending) => `${HOLE}.tardis.SAFE-7.${ending}`)),
    );
    const { status, stdout } = godwit('replay', file());
    expect(status).toBe(1);
    expect(stdout).toMatch(/SAFE-7 is violated after step \d+: /);
    const { holds, events, violations } = JSON.parse(godwit('replay', file(), '--json').stdout);
    expect(holds).toBe(false);
    expect(violations).toContainEqual({ property: 'SAFE-7', step: events.length });
  });

  test('a run that violates nothing ends with 0, and says that the record is out of date', () => {
    const shortened = join(folder, 'shortened.json');
    const run = JSON.parse(readFileSync(file(), 'utf8'));
    writeFileSync(shortened, JSON.stringify({ ...run, steps: run.steps.slice(0, 2) }));
    const { status, stdout } = godwit('replay', shortened);
    expect(status).toBe(0);
    expect(stdout).toContain('No property is violated.');
    expect(stdout).toContain('The file records a violation of SAFE-7: this run does not show it any more.');
  });

  test('a step that is not possible: 2, its number, and what is possible there', () => {
    const broken = join(folder, 'broken.json');
    const run = JSON.parse(readFileSync(file(), 'utf8'));
    writeFileSync(broken, JSON.stringify({ ...run, steps: [run.steps[0], run.steps[0]] }));
    const { status, stdout, stderr } = godwit('replay', broken);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('$.steps[1]: step 2, coordinator of A: stop, is not possible there. Possible:\n');
    expect(stderr).toContain('\n  coordinator of A: dump\n');
  });

  test.each([
    ['no protocol', { protocol: undefined }, '$.protocol: a run needs the protocol'],
    ['no steps', { steps: undefined }, '$.steps: a run has steps'],
    ['a reading of another protocol', { protocol: 'godwit', reading: {} }, '$.reading: only tardis'],
    ['an unknown ingredient', { protocol: 'godwit', without: ['sugar'] }, "$.without: 'sugar' is unknown"],
  ])('%s: 2', (_, change, message) => {
    const changed = join(folder, 'changed.json');
    writeFileSync(changed, JSON.stringify({ ...JSON.parse(readFileSync(file(), 'utf8')), ...change }));
    const { status, stderr } = godwit('replay', changed);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });
});
