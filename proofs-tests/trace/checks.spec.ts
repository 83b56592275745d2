/** Every check of the traceability test, on a small sound tree and on that tree with one thing broken. */
import { expect, test } from 'vitest';
import type { Tree } from '../source/tree.ts';
import { readCitations } from './citations.ts';
import type { Finding } from './finding.ts';
import { type Exploration, idle } from './gaps.ts';
import { judge } from './judge.ts';
import { EVIDENCE, PREFIXES, readRules } from './rules.ts';
import { SNAPSHOT, snapshot } from './snapshot.ts';

const FRAME = '\nVersion 1.\n\n## Open\n\n## Changes\n';

const CHAPTER = `# 50 Migration

- **MIG-1** (model, impl, test) A Stopped requester MUST NOT send a request (e.g. a WRITE).
  *Why.* Its image is complete.
- **MIG-2** (test) A peer SHOULD wait,
  at least as long as \`timeout\`, which MAY. be of any length.
- **MIG-3** (retired) Superseded by MIG-1.

\`\`\`
A MUST in an example binds nobody.
\`\`\`
`.replace('MAY. be', '`MAY.` be');

const SOUND: Readonly<Record<string, string>> = {
  'spec/50-migration.md': CHAPTER + FRAME,
  'spec/deviations.md': `- **DEV-1** (MIG-1) Others send.\n${FRAME}`,
  'model/migration.ts': `const stop = { target: 'STOPPED', meta: { rule: 'MIG-1' } };`,
  'impl/rc/requester.ts': '//= MIG-1, DEV-1\nexport const send = 1;',
  'proofs-tests/chapters/migration.spec.ts': `
    test('MIG-1: a Stopped requester is silent', () => {});
    test.prop([x])('MIG-1, MIG-2: a peer waits', () => {});`,
};

const tree = (changes: Readonly<Record<string, string>> = {}): Tree => {
  const files = new Map(Object.entries({ ...SOUND, ...changes }));
  if (!files.has(SNAPSHOT)) files.set(SNAPSHOT, snapshot(readRules(files).rules, readCitations(files).citations));
  return files;
};

const edited = (file: string, from: string, to: string): Tree => {
  const before = SOUND[file] ?? '';
  expect(before).toContain(from);
  return tree({ [file]: before.replace(from, to) });
};

const kinds = (findings: readonly Finding[]) => [...new Set(findings.map(({ kind }) => kind))];
const spec = 'spec/50-migration.md';
const tests = 'proofs-tests/chapters/migration.spec.ts';

test('a sound tree has no findings', () => {
  expect(judge(tree())).toEqual([]);
});

test.each<[Finding['kind'], string, Tree]>([
  ['no rules', 'spec', new Map([[spec, FRAME]])],
  ['incomplete chapter', spec, edited(spec, 'Version 1', 'version 1')],
  ['incomplete chapter', spec, edited(spec, '## Open', '## Closed')],
  ['incomplete chapter', spec, edited(spec, '## Changes', '')],
  [
    'incomplete chapter',
    'spec/decisions/0001-a.md',
    tree({ 'spec/decisions/0001-a.md': '## Context\n## Choice\n## Rejected\n' }),
  ],
  ['malformed rule', `${spec}:3`, edited(spec, '(model, impl, test) ', '')],
  ['unknown prefix', `${spec}:5`, edited(spec, '**MIG-2**', '**RC-2**')],
  ['unknown prefix', `${spec}:5`, edited(spec, '**MIG-2**', '**FOO-2**')],
  ['unknown evidence word', `${spec}:5`, edited(spec, '(test)', '(tests)')],
  ['unknown evidence word', `${spec}:5`, edited(spec, '(test)', '()')],
  ['not one keyword', `${spec}:5`, edited(spec, 'SHOULD', 'should')],
  ['not one keyword', `${spec}:3`, edited(spec, 'send a', 'MAY send a')],
  ['not one sentence', `${spec}:5`, edited(spec, 'wait,', 'wait. It waits,')],
  ['not one sentence', `${spec}:5`, edited(spec, 'of any length.', 'of any length')],
  ['keyword outside a rule', `${spec}:4`, edited(spec, 'Its image is', 'Its image MUST be')],
  ['keyword outside a rule', `${spec}:1`, edited(spec, '# 50 Migration', '# 50 MAY')],
  ['duplicate id', `${spec}:5`, edited(spec, '**MIG-2**', '**MIG-1**')],
  ['deviation without a rule', 'spec/deviations.md:1', edited('spec/deviations.md', 'MIG-1', 'MIG-3')],
  ['malformed citation', 'impl/rc/requester.ts:1', edited('impl/rc/requester.ts', 'DEV-1', 'the paper')],
  ['citation of an unknown rule', 'impl/rc/requester.ts:1', edited('impl/rc/requester.ts', 'DEV-1', 'MIG-99')],
  ['citation of an unknown rule', `${tests}:3`, edited(tests, 'MIG-1, MIG-2', 'MIG-1, MIG-2, MIG-4')],
  [
    'citation of a retired rule',
    'model/migration.ts:1',
    edited('model/migration.ts', `'MIG-1' }`, `'MIG-1', 'MIG-3' }`),
  ],
  ['no evidence', `${spec}:3`, edited('model/migration.ts', 'rule:', 'rule: //')],
  ['no evidence', `${spec}:3`, edited('impl/rc/requester.ts', '//= MIG-1, ', '//= ')],
  ['no evidence', `${spec}:5`, edited(tests, 'MIG-1, MIG-2', 'MIG-1')],
  ['no evidence', `${spec}:5`, edited(tests, 'test.prop([x])', 'describe')],
  ['only skipped tests', `${spec}:5`, edited(tests, 'test.prop([x])', 'test.skip')],
  ['only skipped tests', `${spec}:5`, edited(tests, 'test.prop([x])', 'test.skipIf(!tshark)')],
  ['stale snapshot', `${spec}:3`, tree({ [SNAPSHOT]: '' })],
  ['stale snapshot', SNAPSHOT, tree({ [SNAPSHOT]: snapshot(readRules(tree()).rules, []).concat('MIG-9 0\n') })],
])('%s at %s is found', (kind, place, broken) => {
  const found = judge(broken);
  expect(kinds(found)).toContain(kind);
  expect(found.filter((finding) => finding.kind === kind).map((finding) => finding.place)).toContain(place);
});

test('changed words name the places to reread', () => {
  const before = tree().get(SNAPSHOT) ?? '';
  const changed = tree({ [spec]: CHAPTER.replace('at least', 'at most') + FRAME, [SNAPSHOT]: before });
  expect(judge(changed)).toEqual([
    {
      kind: 'changed words',
      rule: 'MIG-2',
      place: `${spec}:5`,
      message: `reread ${tests}:1, then run npm run trace:accept`,
    },
  ]);
});

test('a changed citing place asks for a new snapshot', () => {
  const before = tree().get(SNAPSHOT) ?? '';
  const added = tree({ 'impl/rc/late.ts': '//= MIG-1', [SNAPSHOT]: before });
  expect(kinds(judge(added))).toEqual(['stale snapshot']);
});

test('a transition that exploration never takes is found', () => {
  const exploration = (fired: string[]): Exploration => ({ declared: new Set(['MIG-1']), fired: new Set(fired) });
  const { rules } = readRules(tree());
  expect(idle(rules, exploration(['MIG-1']))).toEqual([]);
  expect(idle(rules, exploration([])).map(({ kind, rule, place }) => [kind, rule, place])).toEqual([
    ['never fired', 'MIG-1', `${spec}:3`],
  ]);
});

test('prefixes and evidence words are those of the conventions', async () => {
  const { specTable } = await import('./tables.ts');
  const prefixes = specTable('spec/00-conventions.md', 'prefixes').rows.flatMap(({ cells }) =>
    (cells.prefix ?? '').split(', ').map((prefix) => [prefix, cells.chapter]),
  );
  expect(Object.fromEntries(prefixes)).toEqual(PREFIXES);
  expect(specTable('spec/00-conventions.md', 'evidence').rows.map(({ cells }) => cells.word)).toEqual(EVIDENCE);
});
