import type { System } from '../../model/system.ts';
import { beatLines, type Grid, gridFor, noteLines } from './grid.ts';
import type { Place } from './places.ts';
import { type Beat, beginning, livesIn } from './story.ts';
import type { Vocabulary } from './words.ts';

/** Steps under one heading; the first part of a story has none. */
export type Chapter = { readonly heading: string; readonly beats: readonly Beat[] };

export const WIDTH = 120;

const ruler = (text: string, width: number): string => `── ${text} ${'─'.repeat(Math.max(2, width - text.length - 4))}`;

const heads = (grid: Grid, places: readonly Place[]): readonly string[] => {
  const names = places.map(({ name, side, host }, at) => ({
    at,
    text: side === 'nobody' ? `${name}, outside` : `${name}, host ${host}`,
  }));
  return noteLines(
    grid,
    names.map(({ at, text }) => ({ at, text })),
    places.map(() => 'none' as const),
  );
};

/** A run as a message sequence: hosts as columns, time downwards, one step after the other. */
export const sequence = (
  words: Vocabulary,
  system: System,
  places: readonly Place[],
  chapters: readonly Chapter[],
  width = WIDTH,
): string => {
  const grid = gridFor(places.length, width);
  const lives = livesIn(system, places, system.initial);
  const initial = beginning(words, system, places, system.initial);
  const starts = Array.from({ length: Math.max(...initial.map(({ length }) => length)) }, (_, row) =>
    noteLines(
      grid,
      initial.flatMap((lines, at) => (lines[row] === undefined ? [] : [{ at, text: lines[row] }])),
      lives,
    ),
  ).flat();
  const told = chapters.flatMap(({ heading, beats }) => [
    ...(heading === '' ? [] : [ruler(heading, width)]),
    ...beats.flatMap((beat) => beatLines(grid, beat)),
  ]);
  return [...heads(grid, places), ...starts, ...told].join('\n');
};
