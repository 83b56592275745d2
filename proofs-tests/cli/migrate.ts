// Owns the command `godwit migrate`.
import { Command } from 'commander';
import ora from 'ora';
import { type MigrateNews, migrate } from '../migrate/migrate.ts';
import { type MigrateOptions, migrateOptions, WORKLOADS } from '../migrate/options.ts';
import { renderReport } from '../migrate/render.ts';

/** A run shorter than this shows no progress. */
const QUIET_MS = 2000;

const DESCRIPTION = `Live migration with three real processes, real UDP and a real image file.

Source, peer and target run at three loopback addresses. A stream of numbered, hashed messages goes both ways over
every queue pair; a third of the way through, the source is stopped, dumped to a file, restored at the target and
killed. Exit code 0: every message arrived once, in order, unharmed. 1: not. 2: bad usage.`;

const NUMBERS = ['qps', 'loss', 'messages', 'seed'];

/** Options as given are text; what is no number becomes NaN, which the schema refuses by the option's name. */
const numbersOf = (given: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      NUMBERS.includes(name) && typeof value === 'string' ? Number(value.trim() === '' ? Number.NaN : value) : value,
    ]),
  );

/** Progress on a terminal once a run takes long; nothing in a pipe. */
const withProgress = async <T>(run: (onNews: (news: MigrateNews) => void) => Promise<T>): Promise<T> => {
  const spinner = ora({ stream: process.stderr, isEnabled: process.stderr.isTTY });
  const timer = process.stderr.isTTY ? setTimeout(() => spinner.start('live migration'), QUIET_MS) : undefined;
  try {
    return await run(({ phase, received, total }) => {
      spinner.text = `live migration: ${phase}, ${received} of ${total} messages (${Math.floor((100 * received) / total)} %)`;
    });
  } finally {
    clearTimeout(timer);
    spinner.stop();
  }
};

const fail = (message: string, code: 1 | 2): void => {
  process.stderr.write(`godwit migrate: ${message}\n`);
  process.exitCode = code;
};

const run = async (options: MigrateOptions, json: boolean): Promise<void> => {
  try {
    const report = await withProgress((onNews) => migrate(options, onNews));
    process.stdout.write(json ? `${JSON.stringify(report)}\n` : renderReport(report));
    if (!report.intact) process.exitCode = 1;
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error), 1);
  }
};

const BOTH_REFUSED =
  '--both is refused: when both ends migrate at once the published protocol loses the connection ' +
  '(each restored end sends its resume to a host that the other has left; see `godwit check tardis`)';

/** The command, to be mounted in `godwit`. */
export const migrateCommand = (): Command =>
  new Command('migrate')
    .description(DESCRIPTION)
    .option('--qps <n>', 'queue pairs between source and peer')
    .option('--loss <p>', 'share of packets dropped at random, 0 to 1')
    .option('--messages <m>', 'messages per queue pair and direction')
    .option('--seed <s>', 'seed of everything random')
    .option('--workload <w>', `what the streams post: ${WORKLOADS.join(', ')}`)
    .option('--pcap <file>', 'write every packet sent to a pcapng file')
    .option('--both', 'migrate both ends at once (refused: the protocol does not carry it)')
    .option('--json', 'print one JSON document')
    .action(async ({ json, both, ...given }: { json?: true; both?: true } & Record<string, unknown>) => {
      if (both) return fail(BOTH_REFUSED, 2);
      const parsed = migrateOptions.safeParse(numbersOf(given));
      if (parsed.success) return run(parsed.data, json === true);
      const problems = parsed.error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`);
      return fail(problems.join('; '), 2);
    });
