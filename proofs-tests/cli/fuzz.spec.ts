import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { godwit } from '../terminal/built.ts';

const part = z.object({ hit: z.number(), total: z.number() });
const reportSchema = z.object({
  runs: z.number(),
  migrations: z.number(),
  packets: z.number(),
  lost: z.number(),
  retransmitted: z.number(),
  seconds: z.number(),
  refined: z.number(),
  violations: z.array(z.object({ property: z.string(), seed: z.number(), scenario: z.object({ kind: z.string() }) })),
  coverage: z.object({ states: part, edges: part }),
  happened: z.record(z.string(), z.number()),
  known: z.record(z.string(), z.number()),
});

test('a campaign that finds nothing ends with 0, and says what it did', () => {
  const { status, stdout, stderr } = godwit('fuzz', '--runs', '40', '--workers', '1', '--seed', '5', '--json');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const report = reportSchema.parse(JSON.parse(stdout));
  expect(report).toMatchObject({ runs: 40, refined: 22, violations: [] });
  expect(report.migrations).toBeGreaterThan(5);
  expect(report.lost).toBeGreaterThan(0);
  expect(report.coverage.edges.hit).toBeGreaterThan(30);
  expect(report.happened).toMatchObject({ SEND: expect.any(Number), 'packet lost': report.lost });
});

test('the same seed tells the same, to the byte, however many work on it', () => {
  const args = ['fuzz', '--runs', '300', '--seed', '9', '--json'];
  const [one, two] = ['1', '2'].map((workers) => {
    const report: unknown = JSON.parse(godwit(...args, '--workers', workers).stdout);
    return JSON.stringify({ ...z.record(z.string(), z.unknown()).parse(report), seconds: 0, workers: 0 });
  });
  expect(one).toBe(two);
});

test('what was generated is said, and what fell as it falls in the model', () => {
  const { stdout } = godwit('fuzz', '--runs', '200', '--workers', '1', '--seed', '5');
  for (const what of [
    /^work +[\d,]+ ATOMIC/m,
    /packet late/,
    /migration back/,
    /to SQD/,
    /^forged/m,
    /WR_FLUSH_ERR/,
    /LIVE-1 both-ends/,
  ])
    expect(stdout).toMatch(what);
});

test('what is found is made small, reported, written, and run again from its file: exit code 1', () => {
  const folder = mkdtempSync(join(tmpdir(), 'godwit-fuzz-'));
  const { status, stdout } = godwit('fuzz', '--runs', '16', '--workers', '1', '--canary', '--out', folder);
  expect(status).toBe(1);
  expect(stdout).toContain('CANARY is violated');
  const [file = ''] = readdirSync(folder);
  expect(file).toMatch(/^canary-seed-\d+\.json$/);
  const again = godwit('replay', join(folder, file));
  // The canary finds fault with a run that is right: the file says so when it is judged by others.
  expect(again.status).toBe(0);
  expect(again.stdout).toContain('records a violation of CANARY: this run does not show it any more');
});

test.each([
  ['an unknown protocol', ['--protocol', 'tardiss'], 'is not one of tardis'],
  ['no number of runs', ['--runs', 'many'], 'is not an integer'],
  ['no runs', ['--runs', '0'], 'is not an integer from 1'],
  ['a negative time', ['--seconds', '-1'], 'is not a number'],
])('%s ends with 2', (_, args, message) => {
  const { status, stdout, stderr } = godwit('fuzz', ...args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain(message);
});
