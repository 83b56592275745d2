/** `godwit migrate`: one live migration with real processes, real UDP and a real image file. */
import { closeSync, openSync } from 'node:fs';
import { Command } from 'commander';
import { HostEnded, HostRefused } from '../migrate/host-process.ts';
import { migrate } from '../migrate/migrate.ts';
import { DEFAULTS, LIMITS, type MigrateOptions, messagesFor, WORKLOADS } from '../migrate/options.ts';
import { renderReport } from '../migrate/render.ts';
import { EndedEarly } from '../migrate/watch.ts';
import { BadInput } from '../terminal/bad-input.ts';
import { print, printJson } from '../terminal/output.ts';
import { progress } from '../terminal/progress.ts';
import { decimal, integer, oneOf, seed } from './option-values.ts';

const ABOUT = `
Source, peer and target run as processes at three loopback addresses, UDP port 4791. A stream of numbered, hashed
messages goes both ways over every queue pair; a third of the way through, the source is stopped, dumped to a file,
restored at the target under its old numbers and keys, and killed. The application goes on there when the peer has
answered the resume of every queue pair. Blackout is from the stop to the first completion at the target: what the
memory costs (hashed, written, read, hashed again) and what is added to it are printed apart. All three processes have
rehearsed a migration before, as a host that has run for a while has.
Exit code 0: every message arrived once, in order, unharmed, and no completion failed. 1: not so, or a process or file
of the run failed. Addresses are of IPv4: of IPv6 a loopback device has but one.`;

const MESSAGES =
  `messages per queue pair and direction (default: ${DEFAULTS.messages}, and with more than ${DEFAULTS.qps} queue pairs ` +
  'fewer, so that a run takes some seconds)';

const BOTH_REFUSED =
  'the published protocol does not carry it: each restored end sends its resume to a host that the other has left, ' +
  'and the connection is lost. godwit check tardis shows the sequence';

/** Found before the run rather than after it. */
const refuseUnwritable = (file: string): void => {
  try {
    closeSync(openSync(file, 'w'));
  } catch (error) {
    throw new BadInput('--pcap', error instanceof Error ? error.message : String(error));
  }
};

type Flags = Omit<MigrateOptions, 'messages'> & {
  readonly messages?: number;
  readonly both?: true;
  readonly json?: true;
};

/** What can go wrong with a run without anybody's mistake in this program: told in one line. */
const isFailedRun = (error: unknown): error is Error =>
  error instanceof EndedEarly ||
  error instanceof HostEnded ||
  error instanceof HostRefused ||
  (error instanceof Error && 'syscall' in error);

export const migrateCommand = (): Command =>
  new Command('migrate')
    .description('live migration of a stream between three real processes, with loss, by an image file')
    .addHelpText('after', ABOUT)
    .option('--qps <n>', 'queue pairs between source and peer', integer(1, LIMITS.qps), DEFAULTS.qps)
    .option('--loss <p>', 'share of packets dropped at random, 0 to 1', decimal(0, 1), DEFAULTS.loss)
    .option('--messages <m>', MESSAGES, integer(1, LIMITS.messages))
    .option('--seed <s>', 'seed of everything random', seed, DEFAULTS.seed)
    .option('--workload <w>', `what the streams post: ${WORKLOADS.join(', ')}`, oneOf(...WORKLOADS), DEFAULTS.workload)
    .option('--pcap <file>', 'write every packet sent to this pcapng file')
    .option('--both', 'migrate both ends at once: refused, the protocol does not carry it')
    .option('--json', 'print one JSON document')
    .action(async ({ both, json, messages, ...rest }: Flags) => {
      const options = { ...rest, messages: messages ?? messagesFor(rest.qps) };
      if (both) throw new BadInput('--both', BOTH_REFUSED);
      if (options.pcap !== undefined) refuseUnwritable(options.pcap);
      const shown = progress('live migration');
      try {
        const report = await migrate(options, ({ phase, received, total }) =>
          shown.update(`${phase}, ${received} of ${total} messages (${Math.floor((100 * received) / total)} %)`),
        );
        if (json) printJson(report);
        else print(renderReport(report));
        if (!report.intact) process.exitCode = 1;
      } catch (error) {
        if (!isFailedRun(error)) throw error;
        if (json) printJson({ qps: options.qps, seed: options.seed, intact: false, problems: [error.message] });
        else print(`NOT intact: ${error.message}`);
        process.exitCode = 1;
      } finally {
        shown.stop();
      }
    });
