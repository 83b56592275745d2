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

/** The cycles of a graph, each as the path that closes it: at least one where there is any. */
const closedPaths = (graph: ReadonlyMap<string, Iterable<string>>): readonly (readonly string[])[] => {
  const done = new Set<string>();
  const path: string[] = [];
  const found: string[][] = [];
  const visit = (node: string): void => {
    const at = path.indexOf(node);
    if (at >= 0) found.push([...path.slice(at), node]);
    if (at >= 0 || done.has(node)) return;
    path.push(node);
    for (const next of graph.get(node) ?? []) visit(next);
    path.pop();
    done.add(node);
  };
  for (const node of graph.keys()) visit(node);
  return found;
};

const closing = (paths: readonly (readonly string[])[]): readonly Finding[] =>
  paths.map((path) => ({ place: path.at(-1) ?? '', message: `cycle ${path.join(' -> ')}` }));

/** Files: types may name each other; what runs may not. */
export const cycles = (tree: Tree): readonly Finding[] => closing(closedPaths(edges(tree, ({ erased }) => !erased)));

/** A room: `model`, or a folder of `impl` and `proofs-tests`. */
const roomOf = (path: string): string =>
  path
    .split('/')
    .slice(0, path.startsWith('model/') ? 1 : 2)
    .join('/');

/** Rooms: none needs one that needs it, types included. Tests may look anywhere. */
export const roomCycles = (tree: Tree): readonly Finding[] => {
  const rooms = new Map<string, Set<string>>();
  for (const [path, files] of edges(tree)) {
    if (isSpec(path)) continue;
    const room = roomOf(path);
    const needed = rooms.get(room) ?? new Set();
    rooms.set(room, needed);
    for (const other of files.map(roomOf)) if (other !== room) needed.add(other);
  }
  return closing(closedPaths(rooms));
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
