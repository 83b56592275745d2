// The captures of Linux rdma_rxe that come with the project.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../source/tree.ts';
import { readCapture } from './read.ts';
import { type RoceDatagram, roceOf } from './roce.ts';

const FOLDER = join(REPOSITORY, 'proofs-tests/fixtures/captures');

/** A capture file of the project; the name is without its ending. */
export type CaptureFixture = { readonly name: string; readonly path: string };

/** Every capture of `proofs-tests/fixtures/captures`, by name. */
export const captureFixtures = (): readonly CaptureFixture[] =>
  readdirSync(FOLDER)
    .filter((file) => file.endsWith('.pcap'))
    .sort()
    .map((file) => ({ name: file.slice(0, -'.pcap'.length), path: join(FOLDER, file) }));

/** The RoCEv2 datagrams of one of them, by name. Throws where there is no such capture. */
export const captureDatagrams = (name: string): readonly RoceDatagram[] =>
  roceOf(readCapture(readFileSync(join(FOLDER, `${name}.pcap`)))).datagrams;
