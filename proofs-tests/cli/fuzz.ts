/** `godwit fuzz`: migrations at random through the implementation, judged by the properties and by the model. */
import { Command } from 'commander';
import { type FuzzReport, fuzz } from '../campaigns/fuzz.ts';
import { figures, reportWords } from '../campaigns/fuzz-words.ts';
import { writeFinding } from '../campaigns/run-file.ts';
import { print, printJson } from '../terminal/output.ts';
import { progress } from '../terminal/progress.ts';
import { decimal, integer, oneOf, seed as seedOf } from './option-values.ts';

const ABOUT = `
Every run is a simulated world of its own: SEND, WRITE, READ and atomics both ways over one or two queue pairs, packets
lost, doubled and late by a schedule, and ends that are stopped, dumped, restored elsewhere and resumed at any instant.
In one half of the runs one end moves at a time and everything has to hold. In the other anything befalls anyone:
consumers modify their QPs when they like, budgets end, keys are wrong, both ends move at once, twice, back, or give up
half way, hosts fail, packets are forged, old QPNs given away. Each step of these is compared with the model; what the
published protocol does not survive is said with the scenario of 'godwit check tardis' that shows it, and only that.
Judged are SAFE-1 to SAFE-5, SAFE-7 to SAFE-9 and LIVE-1.
A run that shows a violation is made small and, with --out, written to a file that 'godwit replay' accepts.
Exit code 0: nothing was found; 1: a violation was found.`;

/** Protocols that the implementation speaks. */
const PROTOCOLS = ['tardis'] as const;

type Flags = {
  readonly runs?: number;
  readonly minutes?: number;
  readonly seconds?: number;
  readonly workers?: number;
  readonly seed: number;
  readonly protocol: string;
  readonly out?: string;
  readonly json?: true;
  readonly canary?: true;
};

/** Enough for the default seed to use every edge of the model that the implementation can take. */
const DEFAULT_RUNS = 8_000;

const act = async ({ minutes, seconds, runs, workers, seed, out, json, canary }: Flags): Promise<void> => {
  const limit = minutes === undefined ? seconds : 60 * minutes + (seconds ?? 0);
  const most = runs ?? (limit === undefined ? DEFAULT_RUNS : undefined);
  const shown = progress('fuzz');
  try {
    const report = await fuzz({
      seed,
      ...(most === undefined ? {} : { runs: most }),
      ...(limit === undefined ? {} : { seconds: limit }),
      ...(workers === undefined ? {} : { workers }),
      canary: canary === true,
      onProgress: (tally, violations) => shown.update(`${figures(tally)}, ${violations} violations`),
    });
    const files = out === undefined ? [] : report.violations.map((finding) => writeFinding(out, finding));
    if (json) printJson({ ...report, violations: report.violations.map(jsonOf) });
    else print(reportWords(report, files));
    if (report.violations.length > 0) process.exitCode = 1;
  } finally {
    shown.stop();
  }
};

const jsonOf = ({ property, seed, says, run }: FuzzReport['violations'][number]) => ({
  property,
  seed,
  says,
  scenario: run,
});

export const fuzzCommand = (): Command => {
  const command = new Command('fuzz')
    .description('migrations at random in a simulated world: properties, and the model step by step')
    .addHelpText('after', ABOUT)
    .option('--runs <n>', `runs (default ${DEFAULT_RUNS}, where no time is given)`, integer(1, 1_000_000_000))
    .option('--minutes <m>', 'stop after so many minutes', decimal(0, 100_000))
    .option('--seconds <s>', 'stop after so many seconds', decimal(0, 1_000_000))
    .option('--workers <w>', 'worker threads (default: one for each core)', integer(1, 256))
    .option('--seed <s>', 'seed of everything random', seedOf, 1)
    .option('--protocol <p>', `migration protocol: ${PROTOCOLS.join(', ')}`, oneOf(...PROTOCOLS), 'tardis')
    .option('--out <dir>', 'write every violation to a file in this folder')
    .option('--json', 'print one JSON document');
  return command.addOption(command.createOption('--canary', 'report what is no violation').hideHelp()).action(act);
};
