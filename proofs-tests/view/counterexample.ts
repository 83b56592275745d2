import type { PropertyId } from '../../model/properties.ts';
import type { State, System } from '../../model/system.ts';
import type { Counterexample } from '../checker/check.ts';
import { Compiled } from '../checker/compiled.ts';
import { type Ending, futureOf } from '../checker/future.ts';
import { type ProtocolChoice, protocolOf } from '../checker/named-protocol.ts';
import { follow, type Happening } from '../checker/run.ts';
import type { NamedScenario } from '../scenario/load.ts';
import { brokenWords, PROPERTY_SAYS, roundWords, stuckWords } from './explain.ts';
import { wrapped } from './grid.ts';
import { type Place, placeFinder, placesOf } from './places.ts';
import { type Chapter, sequence, WIDTH } from './sequence.ts';
import { type Beat, tell } from './story.ts';
import type { Vocabulary } from './words.ts';

/** A counterexample told from beginning to end. */
export type Tale = {
  readonly scenario: NamedScenario;
  readonly choice: ProtocolChoice;
  readonly property: PropertyId;
  readonly words: Vocabulary;
  readonly system: System;
  readonly places: readonly Place[];
  /** All steps; the property falls after the first `fallsAfter`, the rest shows where that leads. */
  readonly run: readonly Happening[];
  readonly fallsAfter: number;
  /** Steps before the round that repeats for ever; all of them where there is none. */
  readonly roundAt: number;
  readonly chapters: readonly Chapter[];
  /** What is wrong in the end, sentence by sentence. */
  readonly wrong: readonly string[];
};

export const vocabularyOf = (scenario: NamedScenario, choice: ProtocolChoice, places: readonly Place[]): Vocabulary => {
  const find = placeFinder(places);
  return {
    scenario,
    epochs: choice.name === 'godwit',
    at: (side, host) => places[find(side, host)]?.name ?? `host ${host}`,
  };
};

const endOf = (system: System, run: readonly Happening[]): State => run.at(-1)?.after ?? system.initial;

/** What becomes of a run after its violation: where a trap leads, or what repeats for ever. */
const sequelOf = (compiled: Compiled, property: PropertyId, { steps, loop = [] }: Counterexample): Ending => {
  const doomed = property === 'REC-1' || (property === 'LIVE-1' && loop.length === 0);
  return doomed
    ? futureOf(compiled, endOf(compiled.system, follow(compiled.system, steps))).ending
    : { steps: [], round: loop };
};

const chaptersOf = (beats: readonly Beat[], fallsAfter: number, roundAt: number): readonly Chapter[] =>
  [
    { heading: '', beats: beats.slice(0, fallsAfter) },
    { heading: 'whatever happens now, it is too late; for instance', beats: beats.slice(fallsAfter, roundAt) },
    { heading: 'and so on, for ever', beats: beats.slice(roundAt) },
  ].filter((chapter) => chapter.beats.length > 0);

const wrongWith = (
  words: Vocabulary,
  compiled: Compiled,
  property: PropertyId,
  run: readonly Happening[],
  loop: Counterexample['steps'],
): readonly string[] => {
  const { system } = compiled;
  if (property === 'LIVE-1' && loop.length > 0) return roundWords(words, system, endOf(system, run));
  return property === 'REC-1' || property === 'LIVE-1'
    ? stuckWords(words, compiled, endOf(system, run))
    : brokenWords(words, system, property, run);
};

/** Follows a counterexample through the model and puts it into words. */
export const taleOf = (
  scenario: NamedScenario,
  choice: ProtocolChoice,
  property: PropertyId,
  counterexample: Counterexample,
): Tale => {
  const compiled = new Compiled(protocolOf(choice), scenario);
  const { system } = compiled;
  const sequel = sequelOf(compiled, property, counterexample);
  const fallsAfter = counterexample.steps.length;
  const roundAt = fallsAfter + sequel.steps.length;
  const run = follow(system, [...counterexample.steps, ...sequel.steps, ...sequel.round]);
  const places = placesOf(scenario);
  const words = vocabularyOf(scenario, choice, places);
  const beats = tell(words, system, places, run);
  const wrong = wrongWith(words, compiled, property, run, counterexample.loop ?? []);
  return {
    scenario,
    choice,
    property,
    words,
    system,
    places,
    run,
    fallsAfter,
    roundAt,
    chapters: chaptersOf(beats, fallsAfter, roundAt),
    wrong,
  };
};

/** The property, and what is wrong with it, as it stands under a sequence. */
export const conclusion = ({ property, fallsAfter, wrong }: Tale): readonly string[] => [
  `${property} is violated after step ${fallsAfter}: ${PROPERTY_SAYS[property]}.`,
  ...wrong.map((sentence) => `${sentence.slice(0, 1).toUpperCase()}${sentence.slice(1)}.`),
];

export const sequenceOf = (tale: Tale): string => sequence(tale.words, tale.system, tale.places, tale.chapters);

/** A counterexample as it stands on a terminal. */
export const renderTale = (tale: Tale): string =>
  [sequenceOf(tale), '', ...conclusion(tale).flatMap((sentence) => wrapped(sentence, WIDTH))].join('\n');
