/** Clocks, chance, timers, promises and the console stay at the edge. */

import { isSource, isSpec } from '../source/imports.ts';
import { code, type Token } from '../source/tokens.ts';
import type { Tree } from '../source/tree.ts';
import type { Finding } from './finding.ts';

type Ban = { readonly words: readonly string[]; readonly where: (path: string) => boolean; readonly instead: string };

const inCore = (path: string): boolean =>
  path.startsWith('model/') ||
  (path.startsWith('impl/') && !['udp', 'device', 'examples'].some((edge) => path.startsWith(`impl/${edge}/`)));

const BANS: readonly Ban[] = [
  { words: ['Math.random'], where: () => true, instead: 'chance comes from a seed' },
  { words: ['Date', 'performance'], where: inCore, instead: 'time is an argument' },
  {
    words: ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'Promise', 'async'],
    where: inCore,
    instead: 'the core is synchronous; timers are instants it returns',
  },
  { words: ['process.'], where: inCore, instead: 'the core knows no process' },
  {
    words: ['console.'],
    where: (path) => !path.startsWith('impl/examples/'),
    instead: 'programs write to process.stdout, the rest returns values',
  },
  {
    words: ['Date', 'performance', 'hrtime'],
    where: isSpec,
    instead: 'tests assert no times (PERF-3)',
  },
];

/** `process.` is the word with a dot behind it, `Math.random` the two words; a property or key of the name is neither. */
const uses = (read: readonly Token[], index: number, banned: string): boolean => {
  const [first, second] = banned.split('.');
  const [before, token, next, afterNext] = [read[index - 1], read[index], read[index + 1], read[index + 2]];
  if (token?.kind !== 'word' || token.text !== first || before?.text === '.' || before?.text === '?.') return false;
  if (second === undefined) return next?.text !== ':';
  return (next?.text === '.' || next?.text === '?.') && (second === '' || afterNext?.text === second);
};

export const edge = (tree: Tree): readonly Finding[] =>
  [...tree]
    .filter(([path]) => isSource(path))
    .flatMap(([path, text]) => {
      const bans = BANS.filter(({ where }) => where(path)).flatMap(({ words, instead }) =>
        words.map((word) => ({ word, instead })),
      );
      const read = code(text);
      return read.flatMap(({ kind, line }, index) =>
        kind === 'word'
          ? bans
              .filter(({ word }) => uses(read, index, word))
              .map(({ word, instead }) => ({
                place: `${path}:${line}`,
                message: `${word.replace(/\.$/, '')}: ${instead}`,
              }))
          : [],
      );
    });
