// The examples that run on two machines, as two processes that know of each other only what TCP tells them.
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { REPOSITORY } from '../source/tree.ts';

type Ran = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

/** Starts an example; `started` resolves with its first output, `serving` when it has met its peer, `ended` when it has ended. */
const start = (name: string, args: readonly string[]) => {
  const child = spawn(process.execPath, [join(REPOSITORY, `dist/impl/examples/${name}.js`), ...args]);
  const text = { stdout: '', stderr: '' };
  const ended = new Promise<Ran>((resolve) => {
    child.once('close', (status) => resolve({ status, ...text }));
  });
  const started = new Promise<void>((resolve) => {
    child.stdout.once('data', () => resolve());
    child.once('close', () => resolve());
  });
  const serving = new Promise<void>((resolve) => {
    child.stdout.on('data', (bytes: Buffer) => {
      text.stdout += bytes.toString();
      if (text.stdout.includes('serving')) resolve();
    });
  });
  child.stderr.on('data', (bytes: Buffer) => {
    text.stderr += bytes.toString();
  });
  return { started, serving, ended, kill: () => child.kill('SIGKILL') };
};

/** Ports and addresses that runs beside this one do not use. */
let runs = 0;
const place = () => {
  runs++;
  const network = `127.${180 + (process.pid & 31)}.${(process.pid >> 5) & 255}`;
  return {
    port: `${20_000 + ((process.pid * 16 + runs) % 10_000)}`,
    first: `${network}.${2 * runs}`,
    second: `${network}.${2 * runs + 1}`,
  };
};

/** Both machines run the program; the second connects to the first. */
const both = async (
  name: string,
  serverFlags: readonly string[],
  clientFlags = serverFlags,
): Promise<readonly Ran[]> => {
  const { port, first, second } = place();
  const server = start(name, ['--serve', '--port', port, ...serverFlags]);
  await server.started;
  const client = start(name, ['--connect', first, '--address', second, '--port', port, ...clientFlags]);
  return Promise.all([server.ended, client.ended]);
};

test('VRB-61: ping-pong between two machines: who connects prints the distribution', async () => {
  const [server, client] = await both('ping-pong', ['--iters', '50', '--warmup', '5']);
  expect(server).toMatchObject({ status: 0, stderr: '' });
  expect(client).toMatchObject({ status: 0, stderr: '' });
  expect(server?.stdout).toMatch(/^waiting on TCP port \d+\nserving 127\S+ at 127\S+\n$/);
  expect(client?.stdout).toContain('50 round trips of 64 bytes');
});

test.each(['send', 'write', 'read'])('VRB-61: bandwidth of %s between two machines', async (op) => {
  const flags = ['--op', op, '--from', '512', '--to', '2048', '--iters', '40', '--depth', '16'];
  const [server, client] = await both('bandwidth', flags);
  expect([server?.status, client?.status, server?.stderr, client?.stderr]).toEqual([0, 0, '', '']);
  expect(client?.stdout).toContain('MTU 1024');
  expect(client?.stdout.match(/^ +\d+ +40 /gm)?.map(Number.parseFloat)).toEqual([512, 1024, 2048]);
  expect(client?.stdout).toContain('the bytes at both ends are the same');
});

test('VRB-1: machines whose flags differ both say so and end with 1', async () => {
  for (const end of await both('ping-pong', ['--size', '64'], ['--size', '65'])) {
    expect(end.status).toBe(1);
    expect(end.stderr).toMatch(/not the same program and flags: .*--size 65.* and .*--size 64/);
  }
});

test('VRB-1: a machine that nobody waits at is a message and exit code 1', async () => {
  const { port, first } = place();
  const { status, stderr } = await start('ping-pong', ['--connect', first, '--port', port]).ended;
  expect({ status, stderr }).toEqual({ status: 1, stderr: `connect ECONNREFUSED ${first}:${port}\n` });
});

test.each([
  ['ping-pong', ['--wait'], 'serves'],
  ['ping-pong', [], 'connects'],
  ['bandwidth', [], 'serves'],
] as const)('RC-31, VRB-1: %s %j whose peer that %s is killed says so and ends with 1', async (name, flags, victim) => {
  const { port, first, second } = place();
  const forever = ['--port', port, '--iters', '10000000', ...flags];
  const server = start(name, ['--serve', ...forever]);
  await server.started;
  const client = start(name, ['--connect', first, '--address', second, ...forever]);
  await server.serving;
  const [gone, left] = victim === 'serves' ? [server, client] : [client, server];
  gone.kill();
  const { status, stderr } = await left.ended;
  expect({ status, stderr }).toEqual({ status: 1, stderr: 'the other machine has ended\n' });
});

test('VRB-1: a machine whose UDP port is in use says so, and both end with 1', async () => {
  const { port, first, second } = place();
  const holder = createSocket('udp4');
  await new Promise<void>((resolve) => holder.bind(4791, second, resolve));
  const server = start('ping-pong', ['--serve', '--port', port]);
  await server.started;
  const client = start('ping-pong', ['--connect', first, '--address', second, '--port', port]);
  const [there, here] = await Promise.all([server.ended, client.ended]);
  holder.close();
  expect(here).toMatchObject({ status: 1, stderr: `bind for ${second} port 4791: EADDRINUSE\n` });
  expect(there).toMatchObject({ status: 1, stderr: 'the other machine has ended\n' });
});
