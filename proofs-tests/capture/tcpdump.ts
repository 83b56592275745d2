// Runs tcpdump on the loopback interface, where it is installed and permitted: what crossed the wire, not what we say.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Capture } from './capture.ts';
import { readCapture } from './read.ts';

/** Why tcpdump cannot capture here; undefined if it can. */
export const tcpdumpObstacle = (): string | undefined => {
  const { error, status, stderr } = spawnSync('tcpdump', ['-i', 'lo', '-L'], { encoding: 'utf8' });
  if (error !== undefined) return 'tcpdump is not installed';
  return status === 0 ? undefined : `tcpdump may not capture: ${stderr.trim().split('\n').at(-1)}`;
};

/** Kernel buffer, KiB: enough for the packets of a test when tcpdump does not get its turn. */
const BUFFER_KIB = 32 * 1024;

/** Milliseconds for which the interface's last packets are waited for. */
const SETTLE_MS = 300;

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, SETTLE_MS));

/** Captures UDP port 4791 of the loopback interface while `during` runs. */
export const captureLoopback = async <T>(
  during: () => Promise<T>,
): Promise<{ readonly result: T; readonly capture: Capture }> => {
  const directory = mkdtempSync(join(tmpdir(), 'godwit-tcpdump-'));
  const file = join(directory, 'lo.pcap');
  const args = ['-i', 'lo', '-n', '-s', '0', '-B', `${BUFFER_KIB}`, '-w', file, 'udp', 'port', '4791'];
  const tcpdump = spawn('tcpdump', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise<void>((resolve) => tcpdump.once('close', () => resolve()));
  try {
    await new Promise<void>((resolve, reject) => {
      tcpdump.once('error', reject);
      tcpdump.once('close', () => reject(new Error('tcpdump ended at once')));
      tcpdump.stderr.on('data', (text: Buffer) => {
        if (text.includes('listening on')) resolve();
      });
    });
    await settle(); // tcpdump says that it listens before it does
    const result = await during();
    await settle();
    tcpdump.kill('SIGINT');
    await ended;
    return { result, capture: readCapture(readFileSync(file)) };
  } finally {
    tcpdump.kill('SIGKILL');
    await ended;
    rmSync(directory, { recursive: true, force: true });
  }
};
