/** Runs the programs of another checker, in a folder of their own that is removed afterwards. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Why what needs these programs cannot run here; undefined where it can. Each with the flag that makes it say its version. */
export const missingOf = (programs: Readonly<Record<string, string>>): string | undefined => {
  const missing = Object.entries(programs).filter(([program, flag]) => spawnSync(program, [flag]).status !== 0);
  return missing.length === 0 ? undefined : `not installed: ${missing.map(([program]) => program).join(', ')}`;
};

/** A folder with a model in it. */
export type Workshop = {
  /**
   * Runs a program there; what it printed.
   * @throws if it ends with a code that is not one of `good`
   */
  readonly run: (program: string, args: readonly string[], good?: readonly number[]) => string;
};

const workshop = (folder: string): Workshop => ({
  run: (program, args, good = [0]) => {
    const { status, stdout, stderr, error } = spawnSync(program, [...args], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    if (status === null || !good.includes(status))
      throw new Error(`${program} ${args[0] ?? ''}: ${error?.message ?? `${stdout}${stderr}`.slice(-2000)}`);
    return stdout;
  },
});

/** Passes on a folder that holds the model under the name `file`. */
export const withWorkshop = <T>(file: string, model: string, use: (workshop: Workshop) => T): T => {
  const folder = mkdtempSync(join(tmpdir(), 'godwit-check-'));
  try {
    writeFileSync(join(folder, file), model);
    return use(workshop(folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
