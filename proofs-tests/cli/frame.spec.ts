import { Command } from 'commander';
import { afterEach, expect, test, vi } from 'vitest';
import { BadInput } from '../terminal/bad-input.ts';
import { decimal, integer, oneOf } from './option-values.ts';
import { run } from './run.ts';

const stderr = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
const exitCode = process.exitCode;
afterEach(() => {
  stderr.mockClear();
  process.exitCode = exitCode;
});

const outcome = async (action: () => void, ...args: readonly string[]) => {
  const command = new Command('act').option('--runs <n>', 'how often', integer(1, 9)).action(action);
  await run(new Command('godwit').addCommand(command), ['act', ...args]);
  const result = { status: process.exitCode, said: stderr.mock.calls.map(([text]) => text).join('') };
  return result;
};

test('a command that says nothing ends with 0', async () => {
  expect(await outcome(() => {})).toEqual({ status: exitCode, said: '' });
});

test('bad input ends with 2 and names place and rule', async () => {
  const refuse = () => {
    throw new BadInput('a.json:3', 'not a scenario', 'MIG-1');
  };
  expect(await outcome(refuse)).toEqual({ status: 2, said: 'godwit: a.json:3: not a scenario (MIG-1)\n' });
});

test('a bad value names the flag and what is valid', async () => {
  const { status, said } = await outcome(() => {}, '--runs', '10');
  expect(status).toBe(2);
  expect(said).toContain('--runs <n>');
  expect(said).toContain("'10' is not an integer from 1 to 9");
});

test('a mistake of ours ends with 1 and its stack', async () => {
  const fail = () => {
    throw new Error('invariant MIG-2');
  };
  const { status, said } = await outcome(fail);
  expect(status).toBe(1);
  expect(said).toMatch(/invariant MIG-2\n\s+at /);
});

test.each([
  [integer(0, 9), '9', 9],
  [decimal(0, 100), '2.5', 2.5],
  [oneOf('a', 'b'), 'b', 'b'],
])('a value in range is read', (read, text, value) => {
  expect(read(text)).toBe(value);
});

test.each([
  [integer(0, 9), '9.5'],
  [integer(0, 9), '0x1'],
  [integer(0, 9), ''],
  [decimal(0, 100), '1e9'],
  [decimal(0, 100), '101'],
  [oneOf('a', 'b'), 'c'],
])('a value out of range is refused', (read, text) => {
  expect(() => read(text)).toThrow(/is not/);
});
