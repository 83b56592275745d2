/** The architecture as one table: what each folder may import. The longest folder that holds a file decides. */
import { importsOf, isSpec, packageOf, resolve } from '../source/imports.ts';
import type { Tree } from '../source/tree.ts';
import type { Finding } from './finding.ts';

type Allowed = { readonly folders: readonly string[]; readonly packages: readonly string[] | 'any' };

const basis = ['impl/invariant.ts', 'impl/wire', 'impl/memory', 'impl/qp'];
const transports = ['impl/rc', 'impl/uc', 'impl/ud'];
const device = [...basis, ...transports, 'impl/verbs', 'impl/nic'];

/** Inside its own folder a file may import everything. */
export const ARCHITECTURE: Readonly<Record<string, Allowed>> = {
  model: { folders: [], packages: ['xstate', 'ts-pattern'] },
  'impl/wire': { folders: ['impl/invariant.ts'], packages: [] },
  'impl/invariant.ts': { folders: [], packages: [] },
  'impl/memory': { folders: ['impl/invariant.ts', 'impl/wire'], packages: ['ts-pattern'] },
  'impl/qp': { folders: ['impl/invariant.ts', 'impl/wire', 'impl/memory'], packages: ['ts-pattern'] },
  'impl/rc': { folders: basis, packages: ['ts-pattern'] },
  'impl/uc': { folders: basis, packages: ['ts-pattern'] },
  'impl/ud': { folders: basis, packages: ['ts-pattern'] },
  'impl/verbs': { folders: [...basis, ...transports], packages: ['ts-pattern'] },
  'impl/nic': { folders: [...basis, ...transports, 'impl/verbs'], packages: ['ts-pattern'] },
  'impl/migration': { folders: device, packages: ['ts-pattern', 'cborg', 'node:crypto'] },
  'impl/sim': { folders: [...device, 'impl/migration'], packages: ['ts-pattern'] },
  'impl/udp': {
    folders: [...device, 'impl/migration'],
    packages: ['koffi', 'node:dgram', 'node:fs', 'node:os', 'node:module'],
  },
  'impl/device': { folders: [...device, 'impl/sim', 'impl/udp'], packages: [] },
  'impl/index.ts': { folders: [...device, 'impl/migration', 'impl/sim', 'impl/udp', 'impl/device'], packages: [] },
  'impl/examples': {
    folders: ['impl/index.ts'],
    packages: ['node:child_process', 'node:net', 'node:readline', 'node:util'],
  },
  'proofs-tests': { folders: ['model', 'impl'], packages: 'any' },
};

const holder = (path: string): string | undefined =>
  Object.keys(ARCHITECTURE)
    .filter((folder) => path === folder || path.startsWith(`${folder}/`))
    .sort((a, b) => b.length - a.length)[0];

const within = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);

const refusal = (tree: Tree, path: string, specifier: string): string | undefined => {
  const own = holder(path);
  const allowed = own === undefined ? undefined : ARCHITECTURE[own];
  if (own === undefined || allowed === undefined) return 'stands in no folder of the architecture';
  const file = resolve(path, specifier);
  if (file === undefined) {
    const wanted = packageOf(specifier);
    return allowed.packages === 'any' || allowed.packages.includes(wanted)
      ? undefined
      : `${own} may not import ${wanted}`;
  }
  if (isSpec(file)) return `imports the test file ${file}`;
  if (!tree.has(file)) return `imports ${file}, which does not exist`;
  return [own, ...allowed.folders].some((folder) => within(file, folder)) ? undefined : `${own} may not import ${file}`;
};

export const crossings = (tree: Tree): readonly Finding[] =>
  [...importsOf(tree)].flatMap(([path, list]) =>
    list.flatMap(({ specifier, line }) => {
      const message = refusal(tree, path, specifier);
      return message === undefined ? [] : [{ place: `${path}:${line}`, message }];
    }),
  );
