/** `godwit mutants`: breaks the model edge by edge, to see whether anybody notices. */
import { Command } from 'commander';
import { protocolNamed } from '../checker/named-protocol.ts';
import { campaign, type Report } from '../mutants/campaign.ts';
import { print, printJson } from '../terminal/output.ts';
import { progress } from '../terminal/progress.ts';
import { renderTable } from '../terminal/table.ts';
import { integer } from './option-values.ts';

const ABOUT = `
Each mutant has one edge of the QP machine or the coordinator changed: dropped, sent elsewhere, without one of its
guards or with it negated, without one of its actions or with two swapped, or off by one in a PSN or an epoch. It is
killed when a vector of chapter 20, 30 or 50 or the table of QP states tells it from the model, or when in a scenario a
property falls, or no longer falls, or the settled states look different to the consumers. Survivors with a reason in
spec/mutants-equivalent.md count as justified.
Exit code 0: at least 95 % are killed or justified.`;

/** Killed or justified, of all. */
const ENOUGH = 0.95;

type Flags = { readonly json?: true; readonly rule?: string; readonly workers?: number; readonly scenariosOnly?: true };

const shown = ({ protocol, mutants, killed, justified, share, survivors, idle }: Report): string => {
  const sum = `${protocol}: ${mutants} mutants, ${killed} killed, ${justified} justified, ${survivors.length} survive (${(100 * share).toFixed(1)} % killed or justified)`;
  const table = renderTable(
    ['rule', 'mutation', 'scenarios tried'],
    survivors.map(({ rule, mutation, tried, grew = [] }) => [
      rule,
      mutation,
      grew.length === 0 ? String(tried) : `${tried}, too large in ${grew.length}`,
    ]),
  );
  const rows = idle.length === 0 ? '' : `\n\nreasons given for what does not survive:\n${idle.join('\n')}`;
  return `${survivors.length === 0 ? '' : `${table}\n\n`}${sum}${rows}`;
};

export const mutantsCommand = (): Command =>
  new Command('mutants')
    .description('break the model rule by rule, and list the changes that nobody notices')
    .addHelpText('after', ABOUT)
    .argument('[protocol]', 'tardis, tardis-code or godwit', 'godwit')
    .option('--rule <id>', 'only edges that state this rule')
    .option('--scenarios-only', 'leave vectors and tables out: only scenarios may notice')
    .option('--workers <n>', 'threads; default: one for each core', integer(1, 256))
    .option('--json', 'print one JSON document')
    .action(async (name: string, { json, rule, workers, scenariosOnly }: Flags) => {
      const protocol = protocolNamed('protocol', name);
      const watch = progress(`mutants ${protocol}`);
      const result = await campaign(protocol, {
        ...(rule === undefined ? {} : { rule }),
        ...(workers === undefined ? {} : { workers }),
        ...(scenariosOnly ? { scenariosOnly } : {}),
        onProgress: watch.update,
      }).finally(watch.stop);
      if (json) printJson(result);
      else print(shown(result));
      if (result.share < ENOUGH) process.exitCode = 1;
    });
