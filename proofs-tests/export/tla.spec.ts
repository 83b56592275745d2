import { expect, test } from 'vitest';
import { godwitWithout, tardisAsRead } from '../../model/protocols.ts';
import { parseScenario, scenarioNamed } from '../scenario/load.ts';
import { exported } from './exported.ts';
import { statesOf } from './read-back.ts';
import { moduleName, tla } from './tla.ts';

const scenario = parseScenario(
  'small',
  JSON.stringify({
    version: 1,
    says: 'One message, every fault.',
    sides: { A: { route: [0, 2] }, B: { route: [1], work: [] } },
    faults: { lose: 1, duplicate: 1, forge: 1 },
    capacity: 2,
  }),
);
const tables = exported(tardisAsRead({}), scenario);
const { module, cfg } = tla('a test', 'Small', tables);

/** Without comments, strings and operators that are words. */
const code = (text: string): string =>
  text
    .replace(/\(\*[\s\S]*?\*\)|\\\*.*$/gm, '')
    .replace(/"[^"]*"/g, '')
    .replace(/\\[A-Za-z]+/g, ' ');

const KNOWN = new Set(
  `MODULE EXTENDS Integers Sequences TLC VARIABLES CONSTANT LET IN IF THEN ELSE LAMBDA RECURSIVE UNCHANGED TRUE FALSE
  Len Head Tail SelectSeq SubSeq Assert Small`.split(/\s+/),
);

const unknownIn = (text: string): readonly string[] => {
  const read = code(text);
  const defined = new Set([
    ...[...read.matchAll(/^ *(?:LET )?(?:LET)?\s*(\w+)(?:\([^)]*\))? ==/gm)].map(([, name]) => name),
    ...[...read.matchAll(/LET (\w+) ==/g)].map(([, name]) => name),
    ...[...text.matchAll(/\\E (\w+) \\in/g)].map(([, name]) => name),
    ...[...read.matchAll(/LAMBDA (\w+):/g)].map(([, name]) => name),
    ...[...read.matchAll(/^\w+\(([^)]*)\) ==/gm)].flatMap(([, names]) => (names ?? '').split(/, */)),
    ...[...read.matchAll(/^(?:VARIABLES|CONSTANT) (.*)$/gm)].flatMap(([, names]) => (names ?? '').trim().split(/, */)),
    '_',
    '_vars',
  ]);
  const used = read.match(/[A-Za-z_]\w*/g) ?? [];
  return [...new Set(used.filter((name) => !defined.has(name) && !KNOWN.has(name)))];
};

const PAIRS = { '(': ')', '{': '}', '[': ']', '<<': '>>' } as const;

/** The first bracket that stands alone. */
const unbalanced = (text: string): string | undefined => {
  const open: string[] = [];
  for (const bracket of code(text).match(/<<|>>|[(){}[\]]/g) ?? []) {
    const closing = Object.entries(PAIRS).find(([begin]) => begin === bracket)?.[1];
    if (closing) open.push(closing);
    else if (open.pop() !== bracket) return bracket;
  }
  return open[0];
};

test('the module closes every bracket and defines every name it uses', () => {
  expect(unbalanced(module)).toBeUndefined();
  expect(unknownIn(module)).toEqual([]);
  expect(module.trimEnd().split('\n').at(-1)).toMatch(/^={10,}$/);
});

test('a lost bracket and an undefined name are noticed', () => {
  expect(unbalanced(module.replace('Unchanged == << >>', 'Unchanged == << '))).toBeDefined();
  expect(unknownIn(module.replace('Movable(i) ==', 'Moveable(i) =='))).toEqual(['Movable']);
});

test('the tables in the module, read back, have the states that were explored', () => {
  expect(statesOf(module)).toBe(tables.states);
  const godwit = exported(godwitWithout(), scenarioNamed('the-first-packet-meets-no-one'));
  expect(statesOf(tla('a test', 'Small', godwit).module)).toBe(godwit.states);
});

test('a step left out of the module shows in the number of states', () => {
  const fewer = module.replace(/(LocalA == [\s\S]*?)<<\d+, \d+, \{\}, \d>>, /, '$1');
  expect(fewer).not.toBe(module);
  expect(statesOf(fewer)).toBeLessThan(tables.states);
});

test('the configuration watches the properties that do not fall', () => {
  expect(tables.fallen.length).toBeGreaterThan(0);
  for (const id of tables.fallen) expect(cfg).not.toContain(`"${id}"`);
  expect(cfg).toContain('"SAFE-6"');
  for (const name of ['Init', 'Next', 'Safe']) expect(module).toMatch(new RegExp(`^${name} ==`, 'm'));
});

test('a module is named in camel case', () => {
  expect(moduleName('tardis-code', 'one-end-migrates')).toBe('TardisCodeOneEndMigrates');
});
