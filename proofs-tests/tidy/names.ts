/** Names of files, forms of export, titles of tests, and what must not be left behind. */
import { callee, titles } from '../source/calls.ts';
import { importsOf, isSource, isSpec } from '../source/imports.ts';
import { code } from '../source/tokens.ts';
import type { Tree } from '../source/tree.ts';
import type { Finding } from './finding.ts';

const SAYS_NOTHING = /(?:^|\/)(?:utils?|helpers?|common|misc|types)(?:\.[\w.]+|\/)/;

export const fileNames = (tree: Tree): readonly Finding[] =>
  [...tree.keys()].flatMap((path) => {
    if (SAYS_NOTHING.test(path)) return [{ place: path, message: 'a file is named for what it holds' }];
    if (/(?:^|\/)index\.ts$/.test(path) && path !== 'impl/index.ts')
      return [{ place: path, message: 'impl/index.ts is the only barrel' }];
    return [];
  });

export const exportsOfEverything = (tree: Tree): readonly Finding[] =>
  [...importsOf(tree)].flatMap(([path, list]) =>
    list
      .filter(({ everything }) => everything)
      .map(({ line }) => ({ place: `${path}:${line}`, message: 'export *: name what is exported' })),
  );

const specs = (tree: Tree): readonly (readonly [string, string])[] => [...tree].filter(([path]) => isSpec(path));

/** `test.only`, `describe.only` and the like. */
export const testsAlone = (tree: Tree): readonly Finding[] =>
  specs(tree).flatMap(([path, text]) => {
    const read = code(text);
    return read.flatMap(({ text: word, line }, index) =>
      word === 'only' &&
      read[index - 1]?.text === '.' &&
      ['test', 'it', 'describe', 'prop'].includes(callee(read, index + 1).at(-1) ?? '')
        ? [{ place: `${path}:${line}`, message: '.only leaves the other tests out' }]
        : [],
    );
  });

export const testTitles = (tree: Tree): readonly Finding[] =>
  specs(tree).flatMap(([path, text]) =>
    titles(text).flatMap(({ text: title, line }) => {
      const place = `${path}:${line}`;
      if (/\b(?:should|works)\b/.test(title)) return [{ place, message: `'${title}': say what happens` }];
      if (path.startsWith('proofs-tests/chapters/') && !/^[A-Z]+-\d+(?:, ?[A-Z]+-\d+)*: /.test(title))
        return [{ place, message: `'${title}' does not begin with a rule` }];
      return [];
    }),
  );

/** Absolute paths that hold on one machine only. */
const MACHINE = /(?<![\w.:/])\/(?:wor[k]|hom[e]|roo[t]|User[s])\//;

export const machinePaths = (tree: Tree): readonly Finding[] =>
  [...tree].flatMap(([path, text]) =>
    text
      .split('\n')
      .flatMap((line, index) =>
        MACHINE.test(line) ? [{ place: `${path}:${index + 1}`, message: 'a path of one machine' }] : [],
      ),
  );

/** The lock file pins versions and digests; where they are fetched from is the installer's business. */
export const registryHosts = (tree: Tree): readonly Finding[] =>
  tree.get('package-lock.json')?.includes('"resolved"')
    ? [{ place: 'package-lock.json', message: 'names a registry: npm config set omit-lockfile-registry-resolved true' }]
    : [];

type Lock = {
  readonly packages?: Readonly<Record<string, { readonly optionalDependencies?: Readonly<Record<string, string>> }>>;
};

/** `npm ci` refuses a lock file without the packages for other platforms; they are missing where the registry lacked them. */
export const incompleteLock = (tree: Tree): readonly Finding[] => {
  const { packages = {} }: Lock = JSON.parse(tree.get('package-lock.json') ?? '{}');
  return Object.entries(packages).flatMap(([owner, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !(`node_modules/${name}` in packages || `${owner}/node_modules/${name}` in packages))
      .map((name) => ({ place: 'package-lock.json', message: `${name} of ${owner} is missing` })),
  );
};

/** A suppression is a decision and says why. */
export const bareSuppressions = (tree: Tree): readonly Finding[] =>
  [...tree]
    .filter(([path]) => isSource(path))
    .flatMap(([path, text]) =>
      text
        .split('\n')
        .flatMap((line, index) =>
          /@ts-(?:ignore|nocheck|expect-error)\s*$|biome-ignore [\w/]+\s*$/.test(line)
            ? [{ place: `${path}:${index + 1}`, message: 'a suppression without its reason' }]
            : [],
        ),
    );
