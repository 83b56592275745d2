import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { built } from '../terminal/built.ts';

/** Far more states than a small heap can hold in words. */
const WIDE = {
  version: 1,
  says: 'Both ends migrate, and everything may happen to packets.',
  sides: {
    A: { route: [0, 2, 4], work: ['SEND', 'SEND'] },
    B: { route: [1, 3], work: ['SEND', 'SEND'] },
  },
  capacity: 7,
  assumptions: { timers: 'any' },
  faults: { lose: 2, duplicate: 2, abort: true, crash: true },
};

const PROGRAM = `
  const { check } = await import(${JSON.stringify(built('proofs-tests/checker/check.js'))});
  const { scenarioFileSchema } = await import(${JSON.stringify(built('proofs-tests/scenario/schema.js'))});
  const { states, complete, ended, properties } = check({ name: 'godwit' }, scenarioFileSchema.parse(${JSON.stringify(WIDE)}));
  console.log(JSON.stringify({ some: states > 10_000, complete, ended, holds: properties.map(({ holds }) => holds) }));
`;

test('objects that fill the heap end the search, and nothing is said to hold', () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--max-old-space-size=48', '--input-type=module', '--eval', PROGRAM],
    { encoding: 'utf8' },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const { holds, ...found } = JSON.parse(stdout);
  expect(found).toEqual({ some: true, complete: false, ended: 'memory' });
  expect(new Set(holds)).toEqual(new Set([null]));
});
