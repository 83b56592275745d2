/** `godwit check`: explores scenarios completely under a protocol and shows what falls as message sequences. */
import { basename } from 'node:path';
import { Command } from 'commander';
import type { PropertyId } from '../../model/properties.ts';
import { NotWithSymmetry } from '../checker/check.ts';
import { type CheckAllOptions, checkAll } from '../checker/check-all.ts';
import { ingredientsNamed, type ProtocolChoice, protocolNamed, protocolOf } from '../checker/named-protocol.ts';
import { allHold, type Checked, scenarioJson } from '../checker/report.ts';
import { adversityScenarios } from '../scenario/adversities.ts';
import { allScenarios, type NamedScenario, readScenario, scenarioNamed } from '../scenario/load.ts';
import { PROPERTY_IDS } from '../scenario/schema.ts';
import { BadInput } from '../terminal/bad-input.ts';
import { note, print, printJson } from '../terminal/output.ts';
import { progress } from '../terminal/progress.ts';
import { renderTale, type Tale, taleOf } from '../view/counterexample.ts';
import { writeTale } from '../view/tale-files.ts';
import { readingWords, verdictTable } from '../view/verdict-table.ts';
import { coverageOf, coverageTable } from './coverage-table.ts';
import { integer, oneOf } from './option-values.ts';

const ABOUT = `
Every reachable state of a scenario is judged by the properties of spec/70-properties.md. Where one falls, the shortest
run that shows it is printed as a message sequence (with --scenario) or written to files (with --out), which
'godwit replay' accepts. What falls without migration too, under the same assumptions, is not blamed on the protocol.
A search that stops early never says "holds".
Exit code 0: everything holds; 1: a property is violated, or not everything was explored. With --expect, 0: every
verdict is the one that its scenario expects.`;

type Flags = {
  readonly scenario: readonly string[];
  readonly without: readonly string[];
  readonly deep?: true;
  readonly expect?: true;
  readonly json?: true;
  readonly out?: string;
  readonly maxStates?: number;
  readonly workers?: number;
  readonly symmetry?: true;
  readonly coverage?: true;
  readonly property: readonly PropertyId[];
};

const properties = (value: string, before: readonly PropertyId[]): readonly PropertyId[] => [
  ...before,
  oneOf(...PROPERTY_IDS)(value),
];

/** What of the flags the checker wants to know. */
const optionsOf = ({ maxStates, symmetry, property, workers }: Flags): CheckAllOptions => ({
  ...(workers === undefined ? {} : { workers }),
  ...(maxStates === undefined ? {} : { maxStates }),
  ...(symmetry ? { symmetry } : {}),
  ...(property.length === 0 ? {} : { properties: property }),
});

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

/** A file, a scenario of the repository, or an adversity of one migration by its name. */
const scenarioOf = (name: string): NamedScenario => {
  if (name.endsWith('.json')) return { name: basename(name, '.json'), ...readScenario(name) };
  const adversity = name.includes('+') ? adversityScenarios().find((one) => one.name === name) : undefined;
  return adversity ?? scenarioNamed(name);
};

const chosen = ({ scenario, deep }: Flags): readonly NamedScenario[] => {
  if (scenario.length > 0) return scenario.map(scenarioOf);
  return deep ? [...allScenarios(), ...adversityScenarios()] : allScenarios().filter((one) => !one.deep);
};

const talesOf = ({ scenario, choice, verdict }: Checked): readonly Tale[] =>
  verdict.properties.flatMap(({ id, why, counterexample }) =>
    counterexample && why === undefined ? [taleOf(scenario, choice, id, counterexample)] : [],
  );

/** Properties that fall with the same run are shown by one sequence. */
const show = (checked: Checked): void => {
  const { scenario } = checked;
  const shown = new Map<string, string>();
  const reading = readingWords(checked);
  for (const tale of talesOf(checked)) {
    const run = JSON.stringify(tale.run.map(({ action }) => action));
    const first = shown.get(run);
    print(`${scenario.name}${reading === '' ? '' : ` [${reading}]`}: ${tale.property}\n${scenario.says}\n`);
    print(
      first === undefined ? renderTale(tale) : `The run above, which violates ${first}, violates ${tale.property} too.`,
    );
    print('');
    if (first === undefined) shown.set(run, tale.property);
  }
};

const summary = (choice: ProtocolChoice, checked: readonly Checked[], flags: Flags): string => {
  const fallen = checked.filter(({ holds }) => holds === false);
  const states = checked.reduce((sum, { verdict }) => sum + verdict.states, 0).toLocaleString('en-US');
  const what = `${[choice.name, ...(choice.without ?? [])].join(' without ')}: ${checked.length} exploration${checked.length === 1 ? '' : 's'}, ${states} states, ${fallen.length} with a violation`;
  const odd = checked.filter(({ asExpected }) => asExpected === false).length;
  const left = (choice.without ?? []).map((name) => ` --without ${name.replaceAll(' ', '-')}`);
  const again = `check ${choice.name}${left.join('')}`;
  const hint =
    fallen.length > 0 && flags.scenario.length === 0 && flags.out === undefined
      ? `\ngodwit ${again} --scenario ${fallen[0]?.scenario.name} shows the sequence; --out DIR writes them all`
      : '';
  const compared = checked.some(({ asExpected }) => asExpected !== undefined);
  const expectation = odd === 0 ? '; every verdict as expected' : `; ${odd} NOT AS EXPECTED`;
  const part = flags.symmetry ? '; safety only, states up to symmetry' : '';
  return `${what}${part}${compared ? expectation : ''}${hint}`;
};

const explore = async (
  choice: ProtocolChoice,
  scenarios: readonly NamedScenario[],
  options: CheckAllOptions,
): Promise<readonly Checked[]> => {
  const shown = progress(`check ${choice.name}`);
  try {
    return await checkAll(scenarios, choice, { ...options, onProgress: shown.update });
  } catch (error) {
    throw error instanceof NotWithSymmetry ? new BadInput('--symmetry', error.message) : error;
  } finally {
    shown.stop();
  }
};

const run = async (name: string, flags: Flags): Promise<void> => {
  const protocol = protocolNamed('protocol', name);
  const without = ingredientsNamed('--without', protocol, flags.without);
  const choice: ProtocolChoice = { name: protocol, ...(without.length === 0 ? {} : { without }) };
  const checked = await explore(choice, chosen(flags), optionsOf(flags));
  const holds = allHold(checked);
  const { out, maxStates } = flags;
  const coverage = flags.coverage ? coverageOf(protocolOf(choice), chosen(flags), maxStates) : undefined;
  if (out !== undefined)
    for (const one of checked)
      for (const tale of talesOf(one)) for (const file of writeTale(out, tale)) note(`${out}/${file}`);
  if (flags.json)
    printJson({
      protocol,
      ...(without.length === 0 ? {} : { without }),
      holds,
      scenarios: checked.map(scenarioJson),
      ...(coverage ? { coverage } : {}),
    });
  else {
    if (flags.scenario.length > 0) for (const one of checked) show(one);
    print(`${verdictTable(checked)}\n\n${summary(choice, checked, flags)}`);
    if (coverage) print(`\n${coverageTable(coverage)}`);
  }
  const good = flags.expect ? checked.every(({ asExpected }) => asExpected !== false) : holds === true;
  if (!good) process.exitCode = 1;
};

export const checkCommand = (): Command =>
  new Command('check')
    .description(
      'explore every scenario completely under a migration protocol; what falls is shown as a message sequence',
    )
    .addHelpText('after', ABOUT)
    .argument('[protocol]', 'tardis, tardis-code or godwit', 'godwit')
    .option('--scenario <name>', 'only this scenario, by name or file; may be repeated', collect, [])
    .option('--deep', 'also what takes long: everything that may befall one migration, alone and in pairs')
    .option('--without <ingredient>', 'leave this ingredient of godwit out; may be repeated', collect, [])
    .option('--property <id>', 'judge only this property; may be repeated', properties, [])
    .option('--symmetry', 'count states that swapping equal ends turns into each other once; judges safety only')
    .option('--coverage', 'print also which states, edges and guard outcomes of the model the scenarios see')
    .option('--max-states <n>', 'stop each search at so many states', integer(1, 2 ** 30))
    .option('--workers <n>', 'threads; default: one, with --deep one for each core', integer(1, 256))
    .option('--expect', 'exit code 0 when every verdict is the one its scenario expects')
    .option('--out <dir>', 'write each counterexample as Markdown, ITF and scenario with steps')
    .option('--json', 'print one JSON document')
    .action(run);
