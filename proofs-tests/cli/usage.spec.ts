import { expect, test } from 'vitest';
import { godwit } from '../terminal/built.ts';

test('help goes to standard output and ends with 0', () => {
  const { status, stdout, stderr } = godwit('--help');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain('Usage: godwit [options] [command]');
});

test.each([
  ['no command', [], 'Usage: godwit'],
  ['an unknown command', ['migrat'], "unknown command 'migrat'"],
  ['an unknown flag', ['bench', '--fast'], "unknown option '--fast'"],
  ['an unknown benchmark', ['bench', 'nothing'], 'Allowed choices are'],
  ['an argument too many', ['bench', 'udp', 'wire'], 'too many arguments'],
])('%s ends with 2, a message, and nothing on standard output', (_, args, message) => {
  const { status, stdout, stderr } = godwit(...args);
  expect(stderr).toContain(message);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
});

test('an unknown command is answered with the known ones', () => {
  expect(godwit('nothing').stderr).toMatch(/Commands: .*bench/);
});
