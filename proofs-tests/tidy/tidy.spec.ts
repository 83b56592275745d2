/** The repository is tidy; and every check finds what it forbids and passes what it allows. */
import { describe, expect, test } from 'vitest';
import { REPOSITORY, readTree, type Tree } from '../source/tree.ts';
import { CHECKS } from './checks.ts';
import { render } from './finding.ts';

const repository = readTree(REPOSITORY);

describe('repository', () => {
  test.each(Object.keys(CHECKS))('%s', (name) => {
    expect(CHECKS[name]?.(repository).map(render)).toEqual([]);
  });

  test('the tree is not empty', () => {
    for (const folder of ['spec/', 'model/', 'impl/wire/', 'impl/nic/', 'proofs-tests/'])
      expect([...repository.keys()].filter((path) => path.startsWith(folder)).length).toBeGreaterThan(0);
    expect(repository.has('package-lock.json')).toBe(true);
  });
});

type Files = Readonly<Record<string, string>>;

const lines = (count: number): string => 'x;\n'.repeat(count);
const only = 'only';
const machine = ['', 'home', 'me', 'godwit'].join('/');

const MANIFEST = '{ "exports": "./dist/impl/index.js" }';

/** Per check: trees that pass, and trees that fail at one place. */
const EXAMPLES: Readonly<
  Record<string, { readonly pass: readonly Files[]; readonly fail: readonly (readonly [string, Files])[] }>
> = {
  'every import is allowed by the architecture': {
    pass: [
      { 'model/qp.ts': `import { setup } from 'xstate';\nimport './network.ts';`, 'model/network.ts': '' },
      {
        'impl/migration/digest.ts': `import { createHash } from 'node:crypto';\nimport type { Psn } from '../wire/psn.ts';`,
        'impl/wire/psn.ts': '',
      },
      {
        'proofs-tests/a.ts': `import '../model/qp.ts';\nimport '../impl/index.ts'; // import '../dist/x.ts'`,
        'model/qp.ts': '',
        'impl/index.ts': '',
      },
    ],
    fail: [
      ['model/qp.ts:1', { 'model/qp.ts': `import { x } from '../impl/rc/ack.ts';`, 'impl/rc/ack.ts': '' }],
      ['impl/rc/ack.ts:2', { 'impl/rc/ack.ts': `\nexport type { x } from '../../model/qp.ts';`, 'model/qp.ts': '' }],
      ['impl/wire/psn.ts:1', { 'impl/wire/psn.ts': `import '../rc/ack.ts';`, 'impl/rc/ack.ts': '' }],
      ['impl/rc/ack.ts:1', { 'impl/rc/ack.ts': `const d = await import('node:dgram');` }],
      ['model/qp.ts:1', { 'model/qp.ts': `import fc from 'fast-check';` }],
      ['proofs-tests/a.ts:1', { 'proofs-tests/a.ts': `import './b.spec.ts';`, 'proofs-tests/b.spec.ts': '' }],
      ['proofs-tests/a.ts:1', { 'proofs-tests/a.ts': `import './gone.ts';` }],
      ['tools/a.ts:1', { 'tools/a.ts': `import 'node:fs';` }],
    ],
  },
  'imports have no cycles': {
    pass: [
      { 'impl/wire/a.ts': `import { b } from './b.ts';`, 'impl/wire/b.ts': `import type { A } from './a.ts';` },
      {
        'impl/wire/a.ts': `import './b.ts'; import './c.ts';`,
        'impl/wire/b.ts': `import './c.ts';`,
        'impl/wire/c.ts': '',
      },
    ],
    fail: [
      ['impl/wire/a.ts', { 'impl/wire/a.ts': `import './b.ts';`, 'impl/wire/b.ts': `export { a } from './a.ts';` }],
      ['impl/wire/a.ts', { 'impl/wire/a.ts': `import './a.ts';` }],
    ],
  },
  'rooms have an order': {
    pass: [
      {
        'proofs-tests/cli/a.ts': `import '../view/b.ts';`,
        'proofs-tests/view/b.ts': `import './c.ts';`,
        'proofs-tests/view/c.ts': '',
        'proofs-tests/view/b.spec.ts': `import '../cli/a.ts';`,
      },
    ],
    fail: [
      [
        'proofs-tests/cli',
        {
          'proofs-tests/cli/a.ts': `import '../view/b.ts';`,
          'proofs-tests/view/b.ts': '',
          'proofs-tests/view/c.ts': `import type { T } from '../cli/d.ts';`,
          'proofs-tests/cli/d.ts': '',
        },
      ],
    ],
  },
  'no file is dead': {
    pass: [
      { 'package.json': MANIFEST, 'impl/index.ts': `import './wire/a.ts';`, 'impl/wire/a.ts': '' },
      { 'proofs-tests/a.spec.ts': `import './pair.ts';`, 'proofs-tests/pair.ts': '' },
      { 'package.json': MANIFEST, 'impl/index.ts': `fork(new URL('./host.js', import.meta.url))`, 'impl/host.ts': '' },
    ],
    fail: [
      ['impl/wire/a.ts', { 'impl/wire/a.ts': '' }],
      ['impl/wire/a.ts', { 'impl/wire/a.ts': '', 'proofs-tests/a.spec.ts': `import '../impl/wire/a.ts';` }],
    ],
  },
  'clocks, chance, promises and the console stay at the edge': {
    pass: [
      { 'impl/udp/host.ts': 'setTimeout(() => Date.now(), 1);', 'proofs-tests/cli/a.ts': 'await process.exit(1);' },
      { 'impl/nic/nic.ts': `// Date.now()\nconst f = (process: X) => qp.process(a.console, { Date: 'performance' });` },
    ],
    fail: [
      ['impl/nic/nic.ts:2', { 'impl/nic/nic.ts': '\nconst now = Date.now();' }],
      ['impl/sim/world.ts:1', { 'impl/sim/world.ts': 'Math.random()' }],
      ['proofs-tests/fuzz.ts:1', { 'proofs-tests/fuzz.ts': 'Math.random()' }],
      ['model/qp.ts:1', { 'model/qp.ts': 'setTimeout(f, 1)' }],
      ['impl/rc/ack.ts:1', { 'impl/rc/ack.ts': 'const f = async () => 1;' }],
      ['impl/rc/ack.ts:1', { 'impl/rc/ack.ts': 'if (process.env.X) y' }],
      ['impl/udp/host.ts:1', { 'impl/udp/host.ts': 'console.log(1)' }],
      ['proofs-tests/a.spec.ts:1', { 'proofs-tests/a.spec.ts': 'expect(performance.now() - t).toBeLessThan(5)' }],
    ],
  },
  'no file is too long': {
    pass: [{ 'impl/wire/a.ts': lines(300), 'spec/10-wire.md': lines(301) }],
    fail: [['impl/wire/a.ts', { 'impl/wire/a.ts': lines(301) }]],
  },
  'no function is too long': {
    pass: [
      { 'impl/wire/a.ts': `const f = () => {\n${lines(58)}};\nconst table = {\n${lines(70)}};` },
      { 'impl/wire/a.ts': `const f = () => {\nreturn { a: [{\n${lines(70)}}] };\n};` },
      { 'impl/wire/a.ts': `const f = () => {\nconst rows = [\n${lines(70)}];\n};` },
      { 'impl/wire/a.ts': `if (x) {\n${lines(70)}}\nclass A extends B<C> {\n${lines(70)}}` },
      { 'proofs-tests/a.spec.ts': `describe('x', () => {\n${`test('y', () => {\n${lines(30)}});\n`.repeat(3)}});` },
    ],
    fail: [
      ['impl/wire/a.ts:1', { 'impl/wire/a.ts': `const f = () => {\n${lines(59)}};` }],
      ['impl/wire/a.ts:1', { 'impl/wire/a.ts': `const f = () => {\nswitch (x) {\ncase 'a': {\n${lines(60)}}\n}\n};` }],
      ['impl/wire/a.ts:1', { 'impl/wire/a.ts': `function f<T>(a: T): Map<T, { a: T }[]> {\n${lines(59)}}` }],
      ['impl/wire/a.ts:2', { 'impl/wire/a.ts': `class A {\n  get(x = (1)): number {\n${lines(59)}}}` }],
      ['proofs-tests/a.spec.ts:1', { 'proofs-tests/a.spec.ts': `test('x', () => {\n${lines(59)}});` }],
    ],
  },
  'files are named for what they hold': {
    pass: [{ 'impl/index.ts': '', 'impl/wire/psn.ts': '', 'impl/wire/commonality.ts': '' }],
    fail: [
      ['impl/wire/utils.ts', { 'impl/wire/utils.ts': '' }],
      ['proofs-tests/helpers/a.ts', { 'proofs-tests/helpers/a.ts': '' }],
      ['model/types.spec.ts', { 'model/types.spec.ts': '' }],
      ['impl/wire/index.ts', { 'impl/wire/index.ts': '' }],
    ],
  },
  'exports are named': {
    pass: [{ 'impl/index.ts': `export { a } from './a.ts';\nimport * as b from './b.ts';\nexport const c = 2 * 3;` }],
    fail: [
      ['impl/index.ts:2', { 'impl/index.ts': `\nexport * from './a.ts';` }],
      ['impl/index.ts:1', { 'impl/index.ts': `export * as a from './a.ts';` }],
      ['impl/index.ts:1', { 'impl/index.ts': `export type * from './a.ts';` }],
    ],
  },
  'no test runs alone': {
    pass: [{ 'proofs-tests/a.spec.ts': `test('only', () => expect(x.only).toBe(1)); // test.only(` }],
    fail: [
      ['proofs-tests/a.spec.ts:1', { 'proofs-tests/a.spec.ts': `test.${only}('x', f)` }],
      ['proofs-tests/a.spec.ts:1', { 'proofs-tests/a.spec.ts': `describe.${only}('x', f)` }],
    ],
  },
  'titles say what happens': {
    pass: [
      {
        'proofs-tests/chapters/rc.spec.ts': `test('RC-1, RC-2: a gap is NAKed once', f)`,
        'proofs-tests/a.spec.ts': `test('a', f)`,
      },
    ],
    fail: [
      ['proofs-tests/a.spec.ts:1', { 'proofs-tests/a.spec.ts': `test('RC-1: it should NAK', f)` }],
      ['proofs-tests/chapters/rc.spec.ts:1', { 'proofs-tests/chapters/rc.spec.ts': `test('a gap', f)` }],
    ],
  },
  'no path of one machine': {
    pass: [{ 'README.md': 'https://example.org/home/x and ./work/x and the/root/of it' }],
    fail: [['README.md:2', { 'README.md': `\nsee ${machine}` }]],
  },
  'the lock file names no registry': {
    pass: [{ 'package-lock.json': '{ "packages": { "a": { "version": "1.0.0" } } }' }],
    fail: [['package-lock.json', { 'package-lock.json': '{ "resolved": "https://example.org/a.tgz" }' }]],
  },
  'the lock file is complete': {
    pass: [
      {
        'package-lock.json':
          '{ "packages": { "node_modules/a": { "optionalDependencies": { "b": "1" } }, "node_modules/b": {} } }',
      },
    ],
    fail: [
      [
        'package-lock.json',
        { 'package-lock.json': '{ "packages": { "node_modules/a": { "optionalDependencies": { "b": "1" } } } }' },
      ],
    ],
  },
  'a suppression says why': {
    pass: [
      { 'impl/wire/a.ts': '// biome-ignore lint/a/b: the table is generated\n// @ts-expect-error: refused on purpose' },
    ],
    fail: [['impl/wire/a.ts:1', { 'impl/wire/a.ts': `// @ts-${'ignore'}` }]],
  },
};

const tree = (files: Files): Tree => new Map(Object.entries(files));

test('every check has examples that pass and examples that fail', () => {
  expect(Object.keys(EXAMPLES)).toEqual(Object.keys(CHECKS));
  for (const { pass, fail } of Object.values(EXAMPLES)) expect(Math.min(pass.length, fail.length)).toBeGreaterThan(0);
});

test('PERF-3: no test reads a clock, so that none can assert a time', () => {
  const reading = CHECKS['clocks, chance, promises and the console stay at the edge']?.(
    tree({ 'proofs-tests/bench/rnic.spec.ts': 'expect(packets / (Date.now() - began)).toBeGreaterThan(1e5)' }),
  );
  expect(reading?.map(render)).toEqual(['proofs-tests/bench/rnic.spec.ts:1: Date: tests assert no times (PERF-3)']);
});

describe.each(Object.entries(EXAMPLES))('%s', (name, { pass, fail }) => {
  test.each(pass.map((files) => [files]))('passes %j', (files) => {
    expect(CHECKS[name]?.(tree(files)).map(render)).toEqual([]);
  });
  test.each(fail)('fails at %s in %j', (place, files) => {
    expect(CHECKS[name]?.(tree(files)).map((finding) => finding.place)).toEqual([place]);
  });
});
