import type { ProtocolName } from '../scenario/schema.ts';
import { cell, specTable } from '../trace/tables.ts';

/** Mutations that change nothing that a rule speaks of, each with the reason. `*` stands for any part of a name. */
export type Equivalent = { readonly pattern: string; readonly why: string; readonly matches: (id: string) => boolean };

const PAGE = 'spec/mutants-equivalent.md';
/** Tables in the order of the page: what concerns the revised protocol, the published one, and its code. */
const TABLES = {
  godwit: 'mutants-equivalent',
  tardis: 'mutants-equivalent-published',
  'tardis-code': 'mutants-equivalent-code',
} as const satisfies { readonly [protocol in ProtocolName]: string };
/** Protocols whose reasons hold for a protocol as well. */
const SHARES = {
  godwit: [],
  tardis: ['godwit'],
  'tardis-code': ['godwit', 'tardis'],
} as const satisfies { readonly [protocol in ProtocolName]: readonly ProtocolName[] };

export const equivalent = (pattern: string, why: string): Equivalent => {
  const escaped = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const whole = new RegExp(`^${escaped.join('.*')}$`);
  return { pattern, why, matches: (id) => whole.test(id) };
};

const rowsOf = (name: string): readonly Equivalent[] => {
  const table = specTable(PAGE, name);
  return table.rows.map((row) => equivalent(cell(table, row, 'mutation'), cell(table, row, 'why')));
};

/**
 * What is known of a protocol's mutants. The engines are the same in all, so that the published ones share the reasons of
 * the revised, and the code those of the text; whether a row has become idle shows in the protocol that it was written for.
 * @throws TableError where a table cannot be read.
 */
export const readEquivalents = (protocol: ProtocolName) => ({
  own: rowsOf(TABLES[protocol]),
  shared: SHARES[protocol].flatMap((other) => rowsOf(TABLES[other])),
});
