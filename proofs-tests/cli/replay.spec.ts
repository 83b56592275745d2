import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { REPOSITORY } from '../source/tree.ts';
import { godwit } from '../terminal/built.ts';

const replayed = z.object({
  holds: z.boolean(),
  reading: z.record(z.string(), z.unknown()).optional(),
  violations: z.array(z.object({ property: z.string() })),
  expected: z.array(z.object({ property: z.string(), shown: z.boolean() })),
});

/** What `godwit check` writes of a scenario, by property. */
const written = (scenario: string): ReadonlyMap<string, string> => {
  const folder = mkdtempSync(join(tmpdir(), 'godwit-replay-'));
  godwit('check', 'tardis', '--scenario', scenario, '--out', folder);
  const files = readdirSync(folder).filter((name) => name.endsWith('.json') && !name.endsWith('.itf.json'));
  return new Map(
    ['SAFE-7', 'REC-1', 'THM-1'].flatMap((property) => {
      const file = files.find((name) => name.toUpperCase().includes(property));
      return file === undefined ? [] : [[property, join(folder, file)] as const];
    }),
  );
};

const replay = (...args: readonly string[]) => {
  const { status, stdout } = godwit('replay', ...args, '--json');
  return { status, ...replayed.parse(JSON.parse(stdout)) };
};

describe('a run of the-first-packet-meets-no-one', () => {
  const files = written('the-first-packet-meets-no-one');
  const file = (property: string) => files.get(property) ?? '';

  test('THM-1: is judged, and violated where the file says so', () => {
    const { status, violations } = replay(file('THM-1'));
    expect(status).toBe(1);
    expect(violations).toContainEqual(expect.objectContaining({ property: 'THM-1' }));
    expect(godwit('replay', file('THM-1')).stdout).toContain('THM-1 is violated after step');
  });

  test('what the scenario expects is said with what this run shows', () => {
    const { expected } = replay(file('THM-1'));
    expect(expected.map(({ property }) => property)).toEqual(['SAFE-7', 'REC-1', 'LIVE-1', 'THM-1']);
    expect(expected).toContainEqual({ property: 'THM-1', shown: true });
    expect(godwit('replay', file('THM-1')).stdout).toContain('Expected to fall in this scenario: SAFE-7, REC-1');
  });

  test('another reading of the text is taken', () => {
    const { reading } = replay(
      file('THM-1'),
      '--reading',
      'resumeRepeats=charged',
      '--reading',
      'pausedCompletes=false',
    );
    expect(reading).toEqual({ resumeRepeats: 'charged', pausedCompletes: false });
  });

  test.each([
    ['an unknown reading', 'resumeRepeat=never', "'resumeRepeat' is no reading; one of: resumeRepeats, answerPsn"],
    ['an unknown value', 'resumeRepeats=often', "'often' is no resumeRepeats; one of: never, charged, free"],
  ])('%s ends with 2 and says which there are', (_, value, message) => {
    const { status, stdout, stderr } = godwit('replay', file('THM-1'), '--reading', value);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
  });
});

test('LIVE-1: a run of the implementation says in which scenario the model falls too', () => {
  const file = join(REPOSITORY, 'proofs-tests', 'runs', 'a-consumer-modifies-its-qp-in-init.json');
  const { status, stdout } = godwit('replay', file);
  expect(status).toBe(1);
  expect(stdout).toContain('in the model (scenario the-migration-is-aborted)');
});

test('an unknown flag ends with 2 and says which there are', () => {
  const { status, stdout, stderr } = godwit('replay', 'x.json', '--readings', 'x');
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain('Options: --pcap <file>, --reading <name=value>, --json, -h, --help');
});
