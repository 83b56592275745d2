// Runs tcpdump on the loopback interface, where it is installed and permitted.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Capture } from './capture.ts';
import { readCapture } from './read.ts';

/** Why tcpdump cannot capture here; undefined if it can. */
export const tcpdumpObstacle = (): string | undefined => {
  const { error, status, stderr } = spawnSync('tcpdump', ['-i', 'lo', '-c', '0', '-w', '/dev/null', 'udp', 'port', '4791'], {
    encoding: 'utf8',
    timeout: 2000,
  });
  if (error !== undefined && 'code' in error && error.code === 'ENOENT') return 'tcpdump is not installed';
  if (error !== undefined) return undefined; // it was still capturing when its time was over
  return status === 0 ? undefined : (stderr.trim().split('\n').at(-1) ?? 'tcpdump fails');
};
