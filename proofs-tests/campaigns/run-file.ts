/** Runs as files: what a campaign writes, and what `godwit replay` takes through the implementation again. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BadInput } from '../cli/bad-input.ts';
import type { Finding } from './campaign.ts';
import { type Run, runSchema } from './run.ts';

/** Whether a parsed file is a run, and not a scenario of the model. */
export const isRun = (data: unknown): boolean =>
  typeof data === 'object' && data !== null && 'kind' in data && data.kind === 'run';

/** @param file names the source in errors. @throws BadInput */
export const parseRun = (file: string, data: unknown): Run => {
  const read = runSchema.safeParse(data);
  if (read.success) return read.data;
  const places = read.error.issues.map(({ path, message }) => `$.${path.join('.')}: ${message}`);
  throw new BadInput(file, places.join('\n  '));
};

/** Writes a finding into a folder; the path of the file. */
export const writeFinding = (folder: string, { run, seed, property, says }: Finding): string => {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${property.toLowerCase()}-seed-${seed}.json`);
  const file: Run = { ...run, says, violates: property, seed };
  writeFileSync(path, `${JSON.stringify(file, null, 2)}\n`);
  return path;
};
