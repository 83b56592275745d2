/** Runs the built command line as a user does. Tests start it; `npm test` builds it first. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { REPOSITORY } from '../source/tree.ts';

export type Ran = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

/** Where the build puts a file. */
export const built = (path: string): string => join(REPOSITORY, 'dist', path);

const PROGRAM = built('proofs-tests/cli/godwit.js');

export const godwit = (...args: readonly string[]): Ran => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return { status, stdout, stderr };
};
