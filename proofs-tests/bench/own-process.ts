// Owns benchmarks in processes of their own: code that was compiled for one stream of packets is slower for another.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { BenchRow } from './row.ts';

const rows = z.array(
  z.object({
    name: z.string(),
    value: z.number(),
    unit: z.string(),
    interval: z.exactOptional(z.tuple([z.number(), z.number()])),
    baseline: z.exactOptional(z.string()),
    ratio: z.exactOptional(z.number()),
  }),
);

/** The rows of `godwit bench NAME`, run by this very program. */
export const benchInOwnProcess = async (name: string): Promise<readonly BenchRow[]> => {
  const command = process.argv[1];
  if (command === undefined) throw new Error('the program does not know its own file');
  const { stdout } = await promisify(execFile)(process.execPath, [command, 'bench', name, '--json']);
  return rows.parse(JSON.parse(stdout));
};
