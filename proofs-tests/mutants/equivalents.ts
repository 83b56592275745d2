import { cell, specTable } from '../trace/tables.ts';

/** Mutations that change nothing that a rule speaks of, each with the reason. `*` stands for any part of a name. */
export type Equivalent = { readonly pattern: string; readonly why: string; readonly matches: (id: string) => boolean };

const PLACE = ['spec/mutants-equivalent.md', 'mutants-equivalent'] as const;

export const equivalent = (pattern: string, why: string): Equivalent => {
  const escaped = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const whole = new RegExp(`^${escaped.join('.*')}$`);
  return { pattern, why, matches: (id) => whole.test(id) };
};

/** @throws TableError where the table cannot be read. */
export const readEquivalents = (): readonly Equivalent[] => {
  const table = specTable(...PLACE);
  return table.rows.map((row) => equivalent(cell(table, row, 'mutation'), cell(table, row, 'why')));
};
