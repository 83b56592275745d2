// Asks tshark what it sees in a capture. Wireshark's dissector knows nothing of ours: an oracle.
import { execFileSync } from 'node:child_process';

const run = (args: readonly string[]): string =>
  execFileSync('tshark', args, { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'pipe'] });

/** The first line of `tshark --version`; undefined where it is not installed. */
export const tsharkVersion = (): string | undefined => {
  try {
    return run(['--version']).split('\n')[0];
  } catch {
    return undefined;
  }
};

/**
 * Protocols that tshark guesses from the payload of InfiniBand packets and that make a short SEND of anything look
 * malformed, and the one guess that can only be named by itself.
 */
const GUESSED = [
  'smc',
  'smb_direct',
  'rpcordma',
  'nvme-rdma',
  'lnet',
  'iser',
  'infiniband.eoib',
  'infiniband_sdp',
  'fcoib',
];
const GUESS = 'eth_over_ib';

/** One record per frame: the first value of each of `fields`, empty where the frame has no such field. */
export const tsharkFields = <const Name extends string>(
  file: string,
  fields: readonly Name[],
): readonly Readonly<Record<Name, string>>[] => {
  const known = new Set(
    run(['-G', 'protocols'])
      .split('\n')
      .map((line) => line.split('\t')[2]),
  );
  const quiet = GUESSED.filter((name) => known.has(name)).flatMap((name) => ['--disable-protocol', name]);
  const wanted = fields.flatMap((name) => ['-e', name]);
  const args = [
    '-r',
    file,
    ...quiet,
    '--disable-heuristic',
    GUESS,
    '-T',
    'fields',
    '-E',
    'separator=/t',
    '-E',
    'occurrence=f',
    ...wanted,
  ];
  return run(args)
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const values = line.split('\t');
      const record: Partial<Record<Name, string>> = {};
      for (const [i, name] of fields.entries()) record[name] = values[i] ?? '';
      return record as Record<Name, string>;
    });
};
