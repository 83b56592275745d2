/** How large each scenario is under each protocol, as recorded: a change that nobody meant shows here first. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../source/tree.ts';
import type { Checked } from './report.ts';

export const COUNTS = 'proofs-tests/checker/counts.json';

/** States, transitions, depth; by scenario, then by protocol and reading. */
export type Counts = Readonly<Record<string, Readonly<Record<string, readonly [number, number, number]>>>>;

export const variantName = ({ choice: { name, reading = {} } }: Checked): string =>
  [name, ...Object.entries(reading).map(([key, value]) => `${key}: ${value}`)].join(', ');

export const countsOf = (checked: readonly Checked[]): Counts => {
  const counts: Record<string, Record<string, readonly [number, number, number]>> = {};
  for (const one of checked) {
    const { states, transitions, depth } = one.verdict;
    counts[one.scenario.name] = { ...counts[one.scenario.name], [variantName(one)]: [states, transitions, depth] };
  }
  return counts;
};

export const recordedCounts = (): Counts => JSON.parse(readFileSync(join(REPOSITORY, COUNTS), 'utf8'));

/** One line a variant. */
export const countsText = (counts: Counts): string => {
  const scenarios = Object.entries(counts).map(([scenario, variants]) => {
    const lines = Object.entries(variants).map(([name, cells]) => `    ${JSON.stringify(name)}: [${cells.join(', ')}]`);
    return `  ${JSON.stringify(scenario)}: {\n${lines.join(',\n')}\n  }`;
  });
  return `{\n${scenarios.join(',\n')}\n}\n`;
};
