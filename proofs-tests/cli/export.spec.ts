import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { godwit } from '../terminal/built.ts';

test.each([
  ['promela', /^active proctype system\(\)/m],
  ['murphi', /^liveness "REC-1" settled\(\);$/m],
  ['tla', /^-+ MODULE TardisTheFirstPacketMeetsNoOne -+$/m],
  ['mermaid', /^stateDiagram-v2$/m],
  ['itf', /"format": "ITF"/],
])('export %s prints the text and nothing else', (format, pattern) => {
  const { status, stdout, stderr } = godwit('export', format, 'tardis', '--scenario', 'the-first-packet-meets-no-one');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(pattern);
});

test('export itf shows the violation that was asked for', () => {
  const ask = (property: string) =>
    godwit('export', 'itf', 'tardis', '--scenario', 'the-first-packet-meets-no-one', '--property', property);
  const { states, vars } = JSON.parse(ask('SAFE-7').stdout);
  expect(vars).toContain('mbt::actionTaken');
  expect(states.length).toBeGreaterThan(2);
  const { status, stdout, stderr } = ask('SAFE-6');
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(/--property: SAFE-6 does not fall in .*; those that do: .*SAFE-7/);
});

test('export itf of a scenario in which nothing falls is a random run, the same for the same seed', () => {
  const run = (seed: number) =>
    godwit('export', 'itf', '--scenario', 'the-first-packet-meets-no-one', '--seed', String(seed), '--steps', '20')
      .stdout;
  expect(JSON.parse(run(1)).states.length).toBeGreaterThan(5);
  expect(run(1)).toBe(run(1));
  expect(run(1)).not.toBe(run(2));
});

test('export --out writes files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'godwit-export-'));
  try {
    expect(godwit('export', 'tla', '--scenario', 'resume-is-lost', '--out', folder).status).toBe(0);
    expect(readdirSync(folder).sort()).toEqual(['GodwitResumeIsLost.cfg', 'GodwitResumeIsLost.tla']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.each([
  ['an unknown format', ['dot'], 'Allowed choices are promela, murphi, tla, mermaid, itf'],
  ['an unknown protocol', ['itf', 'nothing'], 'one of: tardis, tardis-code, godwit'],
  ['an unknown scenario', ['itf', 'godwit', '--scenario', 'nothing'], "'nothing' is unknown; one of: "],
])('export refuses %s', (_, args, message) => {
  const { status, stdout, stderr } = godwit('export', ...args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain(message);
});
