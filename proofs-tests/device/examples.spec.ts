// The example programs as a user starts them, in small: processes over UDP, their verdict on the last line.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { REPOSITORY } from '../source/tree.ts';

type Ran = { readonly status: number; readonly stdout: string; readonly stderr: string };

const example = (name: string, ...args: readonly string[]): Promise<Ran> =>
  new Promise((resolve) => {
    const program = join(REPOSITORY, `dist/impl/examples/${name}.js`);
    const child = execFile(process.execPath, [program, ...args], (_error, stdout, stderr) =>
      resolve({ status: child.exitCode ?? -1, stdout, stderr }),
    );
  });

const succeeds = async (name: string, ...args: readonly string[]): Promise<string> => {
  const { status, stdout, stderr } = await example(name, ...args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
};

test.each([
  ['polling', []],
  ['awaiting', ['--wait']],
] as const)('VRB-26: ping-pong, %s, prints the distribution of its round trips', async (how, flags) => {
  const text = await succeeds('ping-pong', '--iters', '50', '--warmup', '5', ...flags);
  expect(text).toContain(`50 round trips of 64 bytes, ${how}; half, in us:`);
  for (const line of ['min', 'p50', 'p99', 'max', 'round trips/s']) expect(text).toContain(line);
});

test.each(['send', 'write', 'read'])(
  'VRB-61: bandwidth of %s is a row for each size, with the same bytes at both ends',
  async (op) => {
    const text = await succeeds(
      'bandwidth',
      '--op',
      op,
      '--from',
      '512',
      '--to',
      '8192',
      '--iters',
      '40',
      '--depth',
      '16',
    );
    expect(text.match(/^ +\d+ +40 /gm)?.map(Number.parseFloat)).toEqual([512, 1024, 2048, 4096, 8192]);
    expect(text).toContain('the bytes at both ends are the same');
  },
);

test('RC-50: clients of the key-value store lose no write, and the server takes no completion', async () => {
  const text = await succeeds('key-value', '--clients', '3', '--keys', '3', '--ops', '60', '--writes', '60');
  expect(text).toContain('every value read was one that somebody wrote, and no write is missing');
  expect(text).toContain("the server's program took 0 completions and posted nothing");
});

test('VRB-61: an all-reduce gives every rank the sum', async () => {
  const text = await succeeds('all-reduce', '--ranks', '3', '--elements', '10001', '--rounds', '2');
  expect(text).toContain('2 all-reduces of 10001 float32 (40004 bytes) over 3 ranks, all verified');
});

test('VRB-1: asked for help, an example tells its flags and ends with 0', async () => {
  const text = await succeeds('bandwidth', '--help');
  for (const flag of ['--op send|write|read', '--depth N', '--serve', '--help']) expect(text).toContain(flag);
});

test.each([
  ['ping-pong', ['--size', 'x'], '--size x: a whole number from 4 to 1048576'],
  ['bandwidth', ['--op', 'copy'], '--op copy: one of send, write, read'],
  ['key-value', ['--clients', '0'], '--clients 0: a whole number from 1 to 32'],
  ['all-reduce', ['--fast'], "Unknown option '--fast'"],
  ['bandwidth', ['--from', '128', '--to', '64'], '--from 128: above --to 64'],
  ['ping-pong', ['--serve', '--connect', 'host'], '--serve and --connect: a machine is one of the two'],
  ['ping-pong', ['--connect', 'host', '--address', 'name'], '--address name: not an IP address'],
  ['bandwidth', ['--address', '10.0.0.1'], '--address without --connect'],
])('VRB-1: %s with a bad flag ends with 2 and a message', async (name, args, message) => {
  const { status, stdout, stderr } = await example(name, ...args);
  expect(stderr).toContain(message);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
});
