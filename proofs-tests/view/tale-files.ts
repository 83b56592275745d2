/** A counterexample as files: to read, to view, to replay. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Action } from '../../model/system.ts';
import { onImplementation, pcapngOf } from '../replay/on-implementation.ts';
import type { ScenarioSource } from '../scenario/schema.ts';
import { BadInput } from '../terminal/bad-input.ts';
import { conclusion, sequenceOf, type Tale } from './counterexample.ts';
import { itf } from './itf.ts';
import { mermaid } from './mermaid.ts';
import { beginning } from './story.ts';

/** A scenario file whose steps come from the model. */
export type RunFile = Omit<ScenarioSource, 'steps'> & { readonly steps: readonly Action[] };

const protocolWords = ({ choice }: Tale): string => {
  const reading = Object.entries(choice.reading ?? {}).map(([name, value]) => `${name}: ${value}`);
  const without = choice.without ?? [];
  const details = [...reading, ...without.map((name) => `without ${name}`)];
  return details.length === 0 ? choice.name : `${choice.name} (${details.join(', ')})`;
};

export const markdown = (tale: Tale): string => {
  const { scenario, words, system, places, chapters } = tale;
  const hole = scenario.hole === undefined ? '' : ` Hole ${scenario.hole} of the catalogue.`;
  const [violated = '', ...wrong] = conclusion(tale);
  const diagram = mermaid(places, beginning(words, system, places, system.initial), chapters);
  return `# ${scenario.name}: ${tale.property} under ${protocolWords(tale)}

${scenario.says}${hole}

**${violated}** ${wrong.join(' ')}

\`\`\`text
${sequenceOf(tale)}
\`\`\`

\`\`\`mermaid
${diagram}
\`\`\`
`;
};

/** The scenario with the steps of the run: what \`godwit replay\` accepts. */
export const runFile = ({ scenario, choice, property, run, fallsAfter, roundAt }: Tale): RunFile => {
  const { name: _, deep: __, ...file } = scenario;
  return {
    ...file,
    protocol: choice.name,
    ...(choice.reading === undefined ? {} : { reading: choice.reading }),
    ...(choice.without === undefined ? {} : { without: [...choice.without] }),
    violates: property,
    fallsAfter,
    ...(roundAt < run.length ? { loop: roundAt } : {}),
    steps: run.map(({ action }) => action),
  };
};

const variant = ({ choice }: Tale): string =>
  [...Object.entries(choice.reading ?? {}).map(([name, value]) => `${name}-${value}`), ...(choice.without ?? [])]
    .map((part) => `+${part.replaceAll(/[^\w-]+/g, '-')}`)
    .join('');

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** The real packets of the run, where the implementation speaks its protocol. */
const packetsOf = ({ choice, system, scenario, run }: Tale, stem: string): Readonly<Record<string, Uint8Array>> =>
  choice.name === 'tardis' ? { [`${stem}.pcapng`]: pcapngOf(onImplementation(system, scenario, run)) } : {};

/** Writes `NAME.PROTOCOL.PROPERTY.md`, `.itf.json`, `.json` and, for `tardis`, `.pcapng`; the names of the files. @throws BadInput where it cannot. */
export const writeTale = (folder: string, tale: Tale): readonly string[] => {
  const { scenario, choice, property, run, roundAt } = tale;
  const stem = `${scenario.name}.${choice.name}${variant(tale)}.${property}`;
  const trace = itf(tale.system, run, scenario.says, roundAt < run.length ? roundAt : undefined);
  const files = {
    [`${stem}.md`]: markdown(tale),
    [`${stem}.itf.json`]: json(trace),
    [`${stem}.json`]: json(runFile(tale)),
    ...packetsOf(tale, stem),
  };
  try {
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  } catch (error) {
    throw new BadInput('--out', error instanceof Error ? error.message : String(error));
  }
  return Object.keys(files);
};
