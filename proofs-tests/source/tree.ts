import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The files of the repository as text, by path relative to its top with forward slashes. Fixtures are small trees in memory. */
export type Tree = ReadonlyMap<string, string>;

const SKIPPED = new Set(['node_modules', 'dist', '.git', 'fixtures']);

const walk = function* (top: string, folder: string): Generator<string> {
  for (const entry of readdirSync(join(top, folder), { withFileTypes: true })) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!SKIPPED.has(entry.name)) yield* walk(top, path);
    } else if (entry.isFile()) yield path;
  }
};

/** Everything below `top` that is written by hand: sources, prose and configuration; no fixtures, nothing built or installed. */
export const readTree = (top: string): Tree =>
  new Map(
    [...walk(top, '')]
      .filter((path) => /\.(ts|md|json|txt)$|\/run$|^LICENSE$/.test(path))
      .sort()
      .map((path) => [path, readFileSync(join(top, path), 'utf8')]),
  );

const climb = (folder: string): string => (existsSync(join(folder, 'package.json')) ? folder : climb(dirname(folder)));

/** The top of this repository, found alike from the sources and from `dist`. */
export const REPOSITORY = climb(dirname(fileURLToPath(import.meta.url)));
