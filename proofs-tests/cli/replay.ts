/** `godwit replay FILE`: a scenario with steps, taken through the model one by one and shown as a message sequence. */
import { basename } from 'node:path';
import { Command } from 'commander';
import { ingredientsNamed, type ProtocolChoice } from '../checker/named-protocol.ts';
import { type Replayed, replay, type Violation } from '../checker/replay.ts';
import { ImpossibleStep } from '../checker/run.ts';
import { type NamedScenario, readScenario } from '../scenario/load.ts';
import { actionWords } from '../view/causes.ts';
import { vocabularyOf } from '../view/counterexample.ts';
import { PROPERTY_SAYS } from '../view/explain.ts';
import { wrapped } from '../view/grid.ts';
import { placesOf } from '../view/places.ts';
import { sequence, WIDTH } from '../view/sequence.ts';
import { tell } from '../view/story.ts';
import { BadInput } from './bad-input.ts';
import { print, printJson } from './output.ts';

const ABOUT = `
The file is a scenario with a protocol and steps, such as 'godwit check --out DIR' writes. Every step has to be possible
where it stands. Exit code 0: no property is violated; 1: one is; 2: the file cannot be replayed.`;

const choiceOf = (file: string, { protocol, reading, without = [] }: NamedScenario): ProtocolChoice => {
  if (protocol === undefined) throw new BadInput(file, '$.protocol: a run needs the protocol it is a run of');
  const ingredients = ingredientsNamed(`${file}: $.without`, protocol, without);
  if (reading !== undefined && protocol !== 'tardis')
    throw new BadInput(file, `$.reading: only tardis is read in several ways, not ${protocol}`);
  return {
    name: protocol,
    ...(reading === undefined ? {} : { reading }),
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

const conclusion = ({ violates }: NamedScenario, violations: readonly Violation[]): string => {
  const found = violations.map(
    ({ property, step }) => `${property} is violated after step ${step}: ${PROPERTY_SAYS[property]}.`,
  );
  if (found.length === 0) found.push('No property is violated.');
  const judged =
    violates === undefined || violates === 'THM-1' || violations.some(({ property }) => property === violates);
  if (!judged) found.push(`The file records a violation of ${violates}: this run does not show it any more.`);
  return found.flatMap((sentence) => wrapped(sentence, WIDTH)).join('\n');
};

const run = (file: string, { json }: { readonly json?: true }): void => {
  const scenario: NamedScenario = { name: basename(file, '.json'), ...readScenario(file) };
  const choice = choiceOf(file, scenario);
  const { compiled, run: happenings, violations } = replayed(file, scenario, choice);
  const places = placesOf(scenario);
  const words = vocabularyOf(scenario, choice, places);
  const holds = violations.length === 0;
  if (json) {
    const events = happenings.map(({ action }, k) => ({ step: k + 1, event: actionWords(words, action) }));
    printJson({ holds, protocol: choice.name, events, violations });
  } else {
    const beats = tell(words, compiled.system, places, happenings);
    print(`${scenario.says}\n\n${sequence(words, compiled.system, places, [{ heading: '', beats }])}\n`);
    print(conclusion(scenario, violations));
  }
  if (!holds) process.exitCode = 1;
};

export const replayCommand = (): Command =>
  new Command('replay')
    .description('take the steps of a scenario file through the model, one line per event')
    .addHelpText('after', ABOUT)
    .argument('<file>', 'a scenario with steps')
    .option('--json', 'print one JSON document')
    .action(run);
