/** `godwit replay FILE`: a scenario with steps, taken through the model one by one and shown as a message sequence. */
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Command } from 'commander';
import type { TardisReading } from '../../model/migration/tardis.ts';
import { isRun, parseRun, readJson, replayRun, runWords } from '../campaigns/run-file.ts';
import { writePcapng } from '../capture/pcapng.ts';
import { ingredientsNamed, type ProtocolChoice } from '../checker/named-protocol.ts';
import { type Replayed, replay, type Violation } from '../checker/replay.ts';
import { ImpossibleStep } from '../checker/run.ts';
import { onImplementation, pcapngOf, supposedOtherwise } from '../replay/on-implementation.ts';
import { implementationWords } from '../replay/words.ts';
import { expectationsOf } from '../scenario/expectation.ts';
import { type NamedScenario, readScenario } from '../scenario/load.ts';
import { BadInput } from '../terminal/bad-input.ts';
import { print, printJson } from '../terminal/output.ts';
import { actionWords } from '../view/causes.ts';
import { vocabularyOf } from '../view/counterexample.ts';
import { PROPERTY_SAYS } from '../view/explain.ts';
import { wrapped } from '../view/grid.ts';
import { placesOf } from '../view/places.ts';
import { sequence, WIDTH } from '../view/sequence.ts';
import { tell } from '../view/story.ts';
import { READING_NAMES, reading } from './reading-flag.ts';

const ABOUT = `
The file is a scenario with a protocol and steps, such as 'godwit check --out DIR' writes. Every step has to be possible
where it stands. A run of tardis, the protocol that the implementation speaks, is taken through the implementation too,
packet by packet. A file of 'godwit fuzz --out DIR' is run on the implementation again.
Exit code 0: no property is violated; 1: one is; 2: the file cannot be replayed.`;

type Flags = { readonly json?: true; readonly pcap?: string; readonly reading?: Partial<TardisReading> };

const choiceOf = (file: string, { protocol, reading, without = [] }: NamedScenario, flags: Flags): ProtocolChoice => {
  if (protocol === undefined) throw new BadInput(file, '$.protocol: a run needs the protocol it is a run of');
  const ingredients = ingredientsNamed(`${file}: $.without`, protocol, without);
  const several = protocol === 'tardis';
  if (reading !== undefined && !several)
    throw new BadInput(file, `$.reading: only tardis is read in several ways, not ${protocol}`);
  if (flags.reading !== undefined && !several)
    throw new BadInput('--reading', `only tardis is read in several ways, not ${protocol}`);
  const read = { ...reading, ...flags.reading };
  return {
    name: protocol,
    ...(Object.keys(read).length === 0 ? {} : { reading: read }),
    ...(ingredients.length === 0 ? {} : { without: ingredients }),
  };
};

const replayed = (file: string, scenario: NamedScenario, choice: ProtocolChoice): Replayed => {
  if (scenario.steps === undefined) throw new BadInput(file, '$.steps: a run has steps');
  try {
    return replay(scenario, choice);
  } catch (error) {
    if (!(error instanceof ImpossibleStep)) throw error;
    const words = vocabularyOf(scenario, choice, placesOf(scenario));
    const possible = error.possible.map((action) => `\n  ${actionWords(words, action)}`);
    const wanted = scenario.steps[error.step - 1];
    throw new BadInput(
      file,
      `$.steps[${error.step - 1}]: step ${error.step}, ${wanted ? actionWords(words, wanted) : 'none'}, is not possible there. Possible:${possible.join('')}`,
    );
  }
};

/** What the file's scenario expects to fall under the protocol, and whether this run shows it. */
const expectedOf = (
  scenario: NamedScenario,
  { name, reading = {}, without }: ProtocolChoice,
  violations: readonly Violation[],
) => {
  if (without !== undefined) return [];
  const same = (other: object | undefined): boolean => isDeepStrictEqual(other ?? {}, reading);
  const falls = expectationsOf(scenario.expected, name).find((one) => same(one.reading))?.falls ?? [];
  return falls.map((property) => ({ property, shown: violations.some((one) => one.property === property) }));
};

const expectedWords = (expected: ReturnType<typeof expectedOf>): readonly string[] => {
  const names = (shown: boolean) => expected.filter((one) => one.shown === shown).map(({ property }) => property);
  const [shown, others] = [names(true), names(false)];
  if (expected.length === 0) return [];
  return [
    `Expected to fall in this scenario: ${expected.map(({ property }) => property).join(', ')}. This run shows ${shown.join(', ') || 'none of them'}${shown.length > 0 && others.length > 0 ? `, not ${others.join(', ')}` : ''}.`,
  ];
};

const conclusion = (
  { violates }: NamedScenario,
  violations: readonly Violation[],
  expected: ReturnType<typeof expectedOf>,
): string => {
  const found = violations.map(
    ({ property, step }) => `${property} is violated after step ${step}: ${PROPERTY_SAYS[property]}.`,
  );
  if (found.length === 0) found.push('No property is violated.');
  found.push(...expectedWords(expected));
  const judged = violates === undefined || violations.some(({ property }) => property === violates);
  if (!judged) found.push(`The file records a violation of ${violates}: this run does not show it any more.`);
  return found.flatMap((sentence) => wrapped(sentence, WIDTH)).join('\n');
};

/** The same run on the implementation, which speaks one of the protocols. */
const implemented = (choice: ProtocolChoice, { compiled, run: happenings }: Replayed, scenario: NamedScenario) => {
  if (choice.name !== 'tardis') return undefined;
  const done = onImplementation(compiled.system, scenario, happenings);
  const { frames, ...rest } = done;
  const supposed = supposedOtherwise(choice.reading ?? {}, scenario);
  return { done, json: { ...rest, packets: frames.length, supposed }, words: implementationWords(done, supposed) };
};

const takeThroughModel = (file: string, flags: Flags): void => {
  const { json, pcap } = flags;
  const scenario: NamedScenario = { name: basename(file, '.json'), ...readScenario(file) };
  const choice = choiceOf(file, scenario, flags);
  const taken = replayed(file, scenario, choice);
  const { compiled, run: happenings, violations } = taken;
  const real = implemented(choice, taken, scenario);
  if (pcap !== undefined) {
    if (real === undefined) throw new BadInput('--pcap', `the implementation does not speak ${choice.name}`);
    writePackets(pcap, pcapngOf(real.done));
  }
  const places = placesOf(scenario);
  const words = vocabularyOf(scenario, choice, places);
  const holds = violations.length === 0;
  const expected = expectedOf(scenario, choice, violations);
  if (json) {
    const events = happenings.map(({ action }, k) => ({ step: k + 1, event: actionWords(words, action) }));
    const { name: protocol, reading } = choice;
    printJson({
      holds,
      protocol,
      ...(reading && { reading }),
      events,
      violations,
      expected,
      ...(real && { implementation: real.json }),
    });
  } else {
    const beats = tell(words, compiled.system, places, happenings);
    print(`${scenario.says}\n\n${sequence(words, compiled.system, places, [{ heading: '', beats }])}\n`);
    print(conclusion(scenario, violations, expected));
    if (real) print(`\n${real.words.flatMap((sentence) => wrapped(sentence, WIDTH)).join('\n')}`);
  }
  if (!holds) process.exitCode = 1;
};

const writePackets = (path: string, bytes: Uint8Array): void => {
  try {
    writeFileSync(path, bytes);
  } catch (error) {
    throw new BadInput('--pcap', error instanceof Error ? error.message : String(error));
  }
};

/** A run of the implementation, as `godwit fuzz --out` writes it, judged with every step compared with the model. */
const takeThroughImplementation = (file: string, data: unknown, { json, pcap, reading }: Flags): void => {
  if (reading !== undefined) throw new BadInput('--reading', `${file} is a run of the implementation, which has one`);
  const one = parseRun(file, data);
  const { judgement, frames } = replayRun(one);
  if (pcap !== undefined) writePackets(pcap, writePcapng(frames));
  const { packets, lost, retransmitted, migrations, compared, known } = judgement;
  const violations = [...judgement.violations, ...known];
  const holds = violations.length === 0;
  if (json) printJson({ holds, events: packets, migrations, lost, retransmitted, compared, violations });
  else print(runWords(one, judgement));
  if (!holds) process.exitCode = 1;
};

const run = (file: string, flags: Flags): void => {
  const data = readJson(file);
  if (isRun(data)) takeThroughImplementation(file, data, flags);
  else takeThroughModel(file, flags);
};

export const replayCommand = (): Command =>
  new Command('replay')
    .description('take the steps of a scenario file through the model and the implementation, one line per event')
    .addHelpText('after', ABOUT)
    .argument('<file>', 'a scenario with steps')
    .option('--pcap <file>', 'write the real packets of the run to this pcapng file')
    .option(
      '--reading <name=value>',
      `read the published text of tardis so; may be repeated: ${READING_NAMES}`,
      reading,
    )
    .option('--json', 'print one JSON document')
    .action(run);
