// The captures of Linux rdma_rxe that come with the project.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../source/tree.ts';

const FOLDER = join(REPOSITORY, 'proofs-tests/fixtures/captures');

/** A capture file of the project. */
export type CaptureFixture = { readonly name: string; readonly path: string };

/** Every capture of `proofs-tests/fixtures/captures`, by name. */
export const captureFixtures = (): readonly CaptureFixture[] =>
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.pcap'))
    .sort()
    .map((name) => ({ name, path: join(FOLDER, name) }));
