/** Scenario files by name or by path; what cannot be used is refused with file, place in the JSON and rule. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { z } from 'zod';
import { REPOSITORY } from '../source/tree.ts';
import { BadInput, unknownName } from '../terminal/bad-input.ts';
import { type ScenarioFile, scenarioFileSchema } from './schema.ts';

const FOLDER = join(REPOSITORY, 'proofs-tests', 'scenarios');

export type NamedScenario = ScenarioFile & { readonly name: string };

/** In alphabetical order. */
export const scenarioNames = (): readonly string[] =>
  readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json'))
    .map((file) => basename(file, '.json'))
    .sort();

const placed = (path: readonly PropertyKey[]): string =>
  path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('') || ' as a whole';

/** Of a union the branch that got farthest says best what is wrong. */
const deepest = (issue: z.core.$ZodIssue): { readonly path: readonly PropertyKey[]; readonly message: string } => {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue;
  const inner = issue.errors.flatMap((branch) => branch.map(deepest)).sort((a, b) => b.path.length - a.path.length)[0];
  return inner && inner.path.length > 0 ? { ...inner, path: [...issue.path, ...inner.path] } : issue;
};

/** @param file names the source in errors. */
export const parseScenario = (file: string, text: string): ScenarioFile => {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw new BadInput(file, `not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const read = scenarioFileSchema.safeParse(data);
  if (read.success) return read.data;
  const found = read.error.issues.map(deepest).map(({ path, message }) => `$${placed(path)}: ${message}`);
  throw new BadInput(file, found.join('\n  '));
};

export const readScenario = (path: string): ScenarioFile => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new BadInput(path, error instanceof Error ? error.message : String(error));
  }
  return parseScenario(path, text);
};

/** @throws BadInput with the list of scenarios when there is none of this name. */
export const scenarioNamed = (name: string): NamedScenario => {
  const known = scenarioNames();
  if (!known.includes(name)) throw unknownName('--scenario', name, known);
  return { name, ...readScenario(join(FOLDER, `${name}.json`)) };
};

export const allScenarios = (): readonly NamedScenario[] => scenarioNames().map(scenarioNamed);
