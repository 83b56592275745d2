/** Cycles, and files that nothing uses. */
import { type Import, importsOf, isSource, isSpec, resolve } from '../source/imports.ts';
import type { Tree } from '../source/tree.ts';
import type { Finding } from './finding.ts';

/** Files that something outside the sources starts: vitest, and what package.json names: its exports, its command, its scripts. */
const entries = (tree: Tree): ReadonlySet<string> => {
  const built = (tree.get('package.json') ?? '').matchAll(/dist\/([\w/-]+)\.js/g);
  return new Set(['proofs-tests/vitest.config.ts', ...[...built].map(([, path]) => `${path}.ts`)]);
};

const edges = (tree: Tree, counts: (one: Import) => boolean = () => true): ReadonlyMap<string, readonly string[]> =>
  new Map(
    [...importsOf(tree)].map(([path, list]) => [
      path,
      list
        .filter(counts)
        .flatMap(({ specifier }) => resolve(path, specifier) ?? [])
        .filter((file) => tree.has(file)),
    ]),
  );

/** Each cycle once, as the path that closes it. Types may name each other; what runs may not. */
export const cycles = (tree: Tree): readonly Finding[] => {
  const graph = edges(tree, ({ erased }) => !erased);
  const done = new Set<string>();
  const path: string[] = [];
  const found: Finding[] = [];
  const visit = (file: string): void => {
    const at = path.indexOf(file);
    if (at >= 0) found.push({ place: file, message: `cycle ${[...path.slice(at), file].join(' -> ')}` });
    if (at >= 0 || done.has(file)) return;
    path.push(file);
    for (const next of graph.get(file) ?? []) visit(next);
    path.pop();
    done.add(file);
  };
  for (const file of graph.keys()) visit(file);
  return found;
};

/** A file that no other imports. What only tests import is dead too, unless it is theirs: in `model` and `impl`. */
export const dead = (tree: Tree): readonly Finding[] => {
  const used = new Set(entries(tree));
  const usedByTests = new Set<string>();
  for (const [path, files] of edges(tree)) for (const file of files) (isSpec(path) ? usedByTests : used).add(file);
  const spared = (path: string) => path.startsWith('proofs-tests/') && usedByTests.has(path);
  return [...tree.keys()]
    .filter((path) => isSource(path) && !isSpec(path) && !used.has(path) && !spared(path))
    .map((path) => ({ place: path, message: usedByTests.has(path) ? 'only tests import it' : 'nothing imports it' }));
};
