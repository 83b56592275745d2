import { posix } from 'node:path';
import { code, type Token } from './tokens.ts';
import type { Tree } from './tree.ts';

export type Import = {
  /** As written: `./psn.ts`, `node:zlib`, `xstate`. */
  readonly specifier: string;
  readonly line: number;
  /** `export * from`. */
  readonly everything: boolean;
  /** `import type`, `export type`: gone at run time. */
  readonly erased: boolean;
};

/** What a file imports or re-exports, statically or by `import('…')`, and the programs it starts by `new URL('./…')`. */
export const imports = (source: string): readonly Import[] => {
  const read = code(source);
  return read.flatMap(({ kind, text, line }, index): Import[] => {
    const before = read[index - 1]?.text;
    const call = before === '(' ? read[index - 2]?.text : undefined;
    const started = call === 'URL' && /^\.\.?\/.*\.[jt]s$/.test(text);
    if (kind !== 'string' || !(before === 'from' || before === 'import' || call === 'import' || started)) return [];
    const everything = isEverything(read.slice(Math.max(0, index - 5), index).map((token) => token.text));
    const erased = before === 'from' && isErased(read, index);
    return [{ specifier: started ? text.replace(/\.js$/, '.ts') : text, line, everything, erased }];
  });
};

/** Back from `from` to the word that begins the statement. */
const isErased = (read: readonly Token[], index: number): boolean => {
  const begin = read.findLastIndex(({ text }, at) => at < index && (text === 'import' || text === 'export'));
  return read[begin + 1]?.text === 'type' && read[begin + 2]?.text !== 'from';
};

const isEverything = (before: readonly string[]): boolean =>
  / export (type )?\* (as \w+ )?from$/.test(` ${before.join(' ')}`);

/** The source file a relative specifier means, by its path in the tree; undefined for packages. */
export const resolve = (from: string, specifier: string): string | undefined =>
  specifier.startsWith('.') ? posix.join(posix.dirname(from), specifier).replace(/^dist\//, '') : undefined;

/** The package a specifier means: `node:fs`, `fast-check`, `@fast-check/vitest`. */
export const packageOf = (specifier: string): string =>
  specifier.startsWith('node:')
    ? specifier
    : specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/');

export const isSource = (path: string): boolean => path.endsWith('.ts') && !path.endsWith('.d.ts');
export const isSpec = (path: string): boolean => path.endsWith('.spec.ts');

/** Every source file of a tree with its imports. */
export const importsOf = (tree: Tree): ReadonlyMap<string, readonly Import[]> =>
  new Map([...tree].filter(([path]) => isSource(path)).map(([path, text]) => [path, imports(text)]));
