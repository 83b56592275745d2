// What the model checker explores, against Spin's depth-first search of the same model, exported, in the same run.
import { godwitWithout } from '../../model/protocols.ts';
import type { Scenario } from '../../model/scenario.ts';
import { Compiled } from '../checker/compiled.ts';
import { type Exploration, explore } from '../checker/explore.ts';
import { promela } from '../export/promela.ts';
import { spinMissing, withSpin } from '../export/spin.ts';
import { tablesOf } from '../export/tables.ts';
import { parseScenario } from '../scenario/load.ts';
import type { BenchRow } from './row.ts';

/** One packet is lost and one duplicated, at any time: millions of states. */
const LARGE = {
  version: 1,
  says: 'One end migrates while two messages go each way, with a loss and a duplication.',
  sides: { A: { route: [0, 2], work: ['SEND', 'SEND'] }, B: { route: [1], work: ['SEND', 'SEND'] } },
  faults: { lose: 1, duplicate: 1 },
};

const ROUNDS = 3;
const SPIN = 'Spin, depth first, -O2 -DSAFETY';

/** Seconds of processor time, compiler and collector included: on a shared machine the clock measures the others too. */
type Timed = { readonly seconds: number; readonly found: Exploration };

const timed = (compiled: Compiled, keep: 'states' | 'graph'): Timed => {
  const before = process.cpuUsage();
  const found = explore(compiled, { keep });
  const { user, system } = process.cpuUsage(before);
  return { seconds: (user + system) / 1e6, found };
};

type Times = { readonly cold: number; readonly warm: number; readonly graph: number; readonly bytes: number };

const round = (scenario: Scenario): Times => {
  const compiled = new Compiled(godwitWithout(), scenario);
  const cold = timed(compiled, 'states');
  return {
    cold: cold.seconds,
    bytes: cold.found.states.bytes,
    warm: timed(compiled, 'states').seconds,
    graph: timed(compiled, 'graph').seconds,
  };
};

/** The best of several rounds: what else the machine does makes a round slower, never faster. */
const best = (rounds: readonly Times[], of: keyof Times): number => Math.min(...rounds.map((each) => each[of]));

/** What is measured, and nothing that the collector would have to look at meanwhile. */
type Subject = {
  readonly scenario: Scenario;
  readonly states: number;
  readonly transitions: number;
  /** Bytes of the states when edges are kept too. */
  readonly graphBytes: number;
  /** The model for Spin. */
  readonly text: string;
};

const subjectOf = (scenario: Scenario): Subject => {
  const compiled = new Compiled(godwitWithout(), scenario);
  const { found } = timed(compiled, 'graph');
  const tables = tablesOf(compiled, scenario, found);
  const { states, transitions } = tables;
  return { scenario, states, transitions, graphBytes: found.states.bytes, text: promela('benchmark', tables) };
};

const agree = (subject: Subject, spin: { readonly states: number; readonly transitions: number }): void => {
  if (spin.states !== subject.states || spin.transitions !== subject.transitions)
    throw new Error(
      `Spin found ${spin.states} states and ${spin.transitions} transitions, godwit ${subject.states} and ${subject.transitions}`,
    );
};

type Measured = { readonly rounds: readonly Times[]; readonly spin?: number };

const measure = (subject: Subject, rounds: number): Measured => {
  const { scenario, states, text } = subject;
  if (spinMissing() !== undefined) return { rounds: Array.from({ length: rounds }, () => round(scenario)) };
  return withSpin(text, states, (search) => {
    const times: Times[] = [];
    let spin = Number.POSITIVE_INFINITY;
    for (let k = 0; k < rounds; k += 1) {
      times.push(round(scenario));
      const found = search();
      agree(subject, found);
      spin = Math.min(spin, found.seconds);
    }
    return { rounds: times, spin };
  });
};

/** @param world a scenario file's fields; by default one of millions of states. */
export const benchChecker = (world: object = LARGE, rounds = ROUNDS): readonly BenchRow[] => {
  const subject = subjectOf(parseScenario('benchmark', JSON.stringify(world)));
  const { states, transitions, graphBytes } = subject;
  const measured = measure(subject, rounds);
  const perSecond = (count: number, of: keyof Times) => Math.round(count / best(measured.rounds, of));
  const spin = measured.spin === undefined ? undefined : states / measured.spin;
  const against = (value: number) => (spin === undefined ? {} : { baseline: SPIN, ratio: value / spin });
  const row = (name: string, of: keyof Times): BenchRow => {
    const value = perSecond(states, of);
    return { name, value, unit: 'states/CPU s', ...against(value) };
  };
  return [
    { name: 'checker, size of the explored model', value: states, unit: 'states' },
    ...(spin === undefined ? [] : [{ name: SPIN, value: Math.round(spin), unit: 'states/CPU s' }]),
    row('checker, tables filled on the way', 'cold'),
    row('checker, tables known', 'warm'),
    row('checker, tables known, edges kept', 'graph'),
    { name: 'checker, transitions, tables known', value: perSecond(transitions, 'warm'), unit: 'transitions/CPU s' },
    { name: 'checker, memory for states', value: best(measured.rounds, 'bytes') / states, unit: 'bytes/state' },
    {
      name: 'checker, memory for states that edges lead to',
      value: graphBytes / states,
      unit: 'bytes/state',
    },
    { name: 'checker, memory for edges', value: (4 * transitions) / states + 4, unit: 'bytes/state' },
  ];
};
