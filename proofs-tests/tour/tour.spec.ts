import { expect, test } from 'vitest';
import { godwit } from '../terminal/built.ts';
import { STEPS } from './steps.ts';

test('the main job ends with 0 and every expectation held', { timeout: 300_000 }, () => {
  const { status, stdout } = godwit('tour', '--json');
  const { holds, steps } = JSON.parse(stdout);
  expect(steps.filter(({ held }: { held: boolean }) => !held)).toEqual([]);
  expect(steps.map(({ name }: { name: string }) => name)).toEqual(STEPS.map(({ name }) => name));
  expect({ status, holds }).toEqual({ status: 0, holds: true });
});
