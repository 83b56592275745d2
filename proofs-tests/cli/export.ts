/** `godwit export`: the model for other tools, from the tables that the checker explores. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Argument, Command } from 'commander';
import { chance } from '../../impl/udp/chance.ts';
import type { Protocol } from '../../model/protocol.ts';
import { check } from '../checker/check.ts';
import { Compiled } from '../checker/compiled.ts';
import { partsOf } from '../checker/machines.ts';
import { type ProtocolChoice, protocolNamed, protocolOf } from '../checker/named-protocol.ts';
import { follow } from '../checker/run.ts';
import { exported, exportedWithClaim } from '../export/exported.ts';
import { murphi } from '../export/murphi.ts';
import { promela } from '../export/promela.ts';
import { randomRun } from '../export/random-run.ts';
import { stateDiagram } from '../export/state-diagram.ts';
import { moduleName, tla } from '../export/tla.ts';
import { type NamedScenario, scenarioNamed } from '../scenario/load.ts';
import { BadInput } from '../terminal/bad-input.ts';
import { note, print } from '../terminal/output.ts';
import { progress } from '../terminal/progress.ts';
import { itf } from '../view/itf.ts';
import { integer, seed } from './option-values.ts';

const ABOUT = `
promela  for Spin, with the commands that run it: safety, the number of states and transitions, and LIVE-1
murphi   for Rumur, which judges REC-1 and THM-1 too, with the commands that run it
tla      module and configuration for TLC; godwit's own tests search it in tla-rs, not in TLC
mermaid  state diagram of the protocol's QP machine
itf      the shortest run that violates a property; where none falls, a random run
Files go to --out, text to standard output without it.`;

const FORMATS = ['promela', 'murphi', 'tla', 'mermaid', 'itf'] as const;
type Format = (typeof FORMATS)[number];

type Flags = {
  readonly scenario: string;
  readonly property?: string;
  readonly seed: number;
  readonly steps: number;
  readonly out?: string;
};

type Files = { readonly [name: string]: string };

const REGIONS = ['verbs', 'self', 'peer'] as const;

/** What a search of the scenario gives, with its progress shown. */
const searched = <T>(
  search: (protocol: Protocol, scenario: NamedScenario, onProgress: (states: number) => void) => T,
  choice: ProtocolChoice,
  scenario: NamedScenario,
): T => {
  const shown = progress(`explore ${scenario.name}`);
  try {
    return search(protocolOf(choice), scenario, (states) => shown.update(`${states.toLocaleString('en-US')} states`));
  } finally {
    shown.stop();
  }
};

const trace = (choice: ProtocolChoice, scenario: NamedScenario, flags: Flags): string => {
  const { system } = new Compiled(protocolOf(choice), scenario);
  const { properties } = check(choice, scenario);
  const fallen = properties.filter(({ counterexample, why }) => counterexample && why === undefined);
  const wanted = flags.property === undefined ? fallen[0] : fallen.find(({ id }) => id === flags.property);
  if (flags.property !== undefined && !wanted) {
    const those = fallen.length === 0 ? 'none' : fallen.map(({ id }) => id).join(', ');
    throw new BadInput('--property', `${flags.property} does not fall in ${scenario.name}; those that do: ${those}`);
  }
  const next = chance(flags.seed);
  const { steps, loop } = wanted?.counterexample ?? {};
  const run = steps
    ? follow(system, [...steps, ...(loop ?? [])])
    : randomRun(system, flags.steps, (below) => Math.floor(next() * below));
  const about = wanted ? `${scenario.says} ${wanted.id} falls.` : `${scenario.says} A random run, seed ${flags.seed}.`;
  return `${JSON.stringify(itf(system, run, about, steps && loop ? steps.length : undefined), null, 2)}\n`;
};

const filesOf = (format: Format, choice: ProtocolChoice, scenario: NamedScenario, flags: Flags): Files => {
  const { name } = choice;
  const stem = `${scenario.name}.${name}`;
  const title = `${name}: ${scenario.name}`;
  switch (format) {
    case 'promela':
      return { [`${stem}.pml`]: promela(title, searched(exported, choice, scenario)) };
    case 'murphi': {
      const { tables, claim } = searched(exportedWithClaim, choice, scenario);
      return { [`${stem}.m`]: murphi(title, tables, claim) };
    }
    case 'tla': {
      const { name: module, ...texts } = tla(
        title,
        moduleName(name, scenario.name),
        searched(exported, choice, scenario),
      );
      return { [`${module}.tla`]: texts.module, [`${module}.cfg`]: texts.cfg };
    }
    case 'mermaid': {
      const { bounds, sides } = scenario;
      return { [`${name}.mmd`]: stateDiagram(name, partsOf(protocolOf(choice), bounds, sides.A.work, true), REGIONS) };
    }
    case 'itf':
      return { [`${stem}.itf.json`]: trace(choice, scenario, flags) };
    default:
      return format satisfies never;
  }
};

const write = (folder: string, files: Files): void => {
  try {
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(folder, name), text);
      note(join(folder, name));
    }
  } catch (error) {
    throw new BadInput('--out', error instanceof Error ? error.message : String(error));
  }
};

const run = (format: Format, protocol: string, flags: Flags): void => {
  const choice: ProtocolChoice = { name: protocolNamed('protocol', protocol) };
  const scenario = scenarioNamed(flags.scenario);
  try {
    const files = filesOf(format, choice, scenario, flags);
    if (flags.out === undefined) for (const text of Object.values(files)) print(text.trimEnd());
    else write(flags.out, files);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    note(`godwit: ${scenario.name}: not exported: ${error.message}`);
    process.exitCode = 1;
  }
};

export const exportCommand = (): Command =>
  new Command('export')
    .description('write the model for Spin, TLC, Mermaid, or a run of it as ITF')
    .addHelpText('after', ABOUT)
    .addArgument(new Argument('<format>', 'for which tool').choices(FORMATS))
    .argument('[protocol]', 'tardis, tardis-code or godwit', 'godwit')
    .option('--scenario <name>', 'which scenario', 'one-end-migrates')
    .option('--property <id>', 'itf: the property whose violation is shown')
    .option('--seed <s>', 'itf: seed of a random run', seed, 1)
    .option('--steps <n>', 'itf: length of a random run', integer(1, 100_000), 50)
    .option('--out <dir>', 'write files instead of text')
    .action(run);
