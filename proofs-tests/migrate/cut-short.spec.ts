// A live migration that does not come to its end: a clear word, the right exit code, no process and no file left behind.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { built } from '../terminal/built.ts';

const directory = mkdtempSync(join(tmpdir(), 'godwit-cut-short-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A seed of this process's own, so that runs beside each other choose other addresses. */
const seed = process.pid;

const COMMAND = built('proofs-tests/cli/godwit.js');

const childrenOf = (pid: number | undefined): readonly number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);

const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}`);

/** A run in a temporary directory of its own; `meanwhile` is told of each process that it starts. */
const runIn = async (
  name: string,
  args: readonly string[],
  meanwhile: (children: readonly number[], command: ChildProcess) => void,
) => {
  const place = join(directory, name);
  mkdirSync(place);
  const command = spawn(process.execPath, [COMMAND, 'migrate', ...args, '--seed', `${seed + 9}`], {
    env: { ...process.env, TMPDIR: place },
  });
  let [stdout, stderr] = ['', ''];
  command.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  command.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  let seen: readonly number[] = [];
  const timer = setInterval(() => {
    // The image directory stands before the processes; the streams run when the third has had time to open.
    if (seen.length > 0 || childrenOf(command.pid).length < 3) return;
    seen = childrenOf(command.pid);
    setTimeout(() => meanwhile(seen, command), 300);
  }, 20);
  const [code, signal] = await once(command, 'close');
  clearInterval(timer);
  return {
    code,
    signal,
    stdout,
    stderr,
    left: readdirSync(place),
    alive: seen.filter(isAlive),
  };
};

describe.skipIf(process.platform !== 'linux')('a run that is cut short', () => {
  test.each([0, 1, 2])('process %i is killed: exit code 1, a reason, and nothing is left', async (which) => {
    const ended = await runIn(`kill-${which}`, ['--messages', '100000', '--json'], (children) => {
      process.kill(children[which] ?? 0, 'SIGKILL');
    });
    expect(ended).toMatchObject({ code: 1, stderr: '', left: [], alive: [] });
    expect(JSON.parse(ended.stdout)).toMatchObject({ intact: false, problems: [expect.stringMatching(/SIGKILL/)] });
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('%s ends the command, its processes and its files', async (signal) => {
    const ended = await runIn(signal, ['--messages', '100000'], (_, command) => command.kill(signal));
    expect(ended).toMatchObject({ signal, left: [], alive: [] });
  });

  test.each([0, 300, 800])(
    'a command that is killed leaves no process, %i ms after it has started three',
    async (ms) => {
      const command = spawn(process.execPath, [COMMAND, 'migrate', '--messages', '100000', '--seed', `${seed + 7}`], {
        env: { ...process.env, TMPDIR: directory },
        stdio: 'ignore',
      });
      await vi.waitFor(() => expect(childrenOf(command.pid).length).toBe(3), { timeout: 20_000, interval: 5 });
      const children = childrenOf(command.pid);
      await new Promise((resolve) => setTimeout(resolve, ms));
      command.kill('SIGKILL');
      await vi.waitFor(() => expect(children.filter(isAlive)).toEqual([]), { timeout: 20_000 });
    },
  );

  test('a directory for the image that is not there: exit code 1 and a reason', () => {
    const env = { ...process.env, TMPDIR: join(directory, 'none') };
    const { status, stdout, stderr } = spawnSync(process.execPath, [COMMAND, 'migrate', '--json'], {
      env,
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ intact: false, problems: [expect.stringMatching(/ENOENT/)] });
  });

  test('an image that the disk has no room for: exit code 1, a reason, and nothing is left', () => {
    const place = join(directory, 'full');
    mkdirSync(place);
    const shell = `ulimit -f 64; exec "${process.execPath}" "${COMMAND}" migrate --messages 200 --json --seed ${seed + 8}`;
    const { status, stdout } = spawnSync('bash', ['-c', shell], {
      env: { ...process.env, TMPDIR: place },
      encoding: 'utf8',
    });
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ intact: false, problems: [expect.stringMatching(/source: EFBIG/)] });
    expect(readdirSync(place)).toEqual([]);
  });
});
