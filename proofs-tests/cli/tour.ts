/** `godwit tour`, which `npm start` runs: captures, proofs, a known hole, fuzzing, one real migration. */
import { Command } from 'commander';
import { print, printJson } from '../terminal/output.ts';
import { progress } from '../terminal/progress.ts';
import { renderTable } from '../terminal/table.ts';
import { runSteps, type Verdict, type Watcher } from '../tour/step.ts';
import { STEPS } from '../tour/steps.ts';

const watchAloud: Watcher = {
  begin: ({ name, expectation }, number, of) => {
    print(`[${number}/${of}] ${name}\n      expected: ${expectation}`);
    return progress(name);
  },
  end: ({ held, found, seconds }, { show }) => {
    if (show !== undefined) print(`\n${show.trimEnd().replace(/^(?=.)/gm, '      ')}\n`);
    print(`      found:    ${found}\n      ${held ? 'as expected' : 'NOT AS EXPECTED'}, ${seconds.toFixed(1)} s\n`);
  },
};

const watchQuietly: Watcher = { begin: ({ name }) => progress(name), end: () => {} };

const table = (verdicts: readonly Verdict[]): string =>
  renderTable(
    ['what', 'expected', 'verdict', 'time'],
    verdicts.map(({ name, expectation, held, seconds }) => [
      name,
      expectation,
      held ? 'as expected' : 'NOT AS EXPECTED',
      `${seconds.toFixed(1)} s`,
    ]),
  );

export const tourCommand = (): Command =>
  new Command('tour')
    .description('the whole of godwit in under two minutes: captures, proofs, a known hole, fuzzing, a real migration')
    .option('--json', 'print one JSON document')
    .action(async ({ json }: { json?: true }) => {
      const verdicts = await runSteps(STEPS, json ? watchQuietly : watchAloud);
      const holds = verdicts.every(({ held }) => held);
      if (json) printJson({ holds, steps: verdicts });
      else print(table(verdicts));
      if (!holds) process.exitCode = 1;
    });
