import type { Arrow, Beat, Life } from './story.ts';

/** Columns of text with lifelines between them. */
export type Grid = { readonly columns: number; readonly width: number; readonly spacing: number };

/** Room on the left for the number of a step. */
const MARGIN = 6;
const GLYPH: Readonly<Record<Life, string>> = { none: ' ', runs: '│', held: '┊', tombstone: '†' };

export const gridFor = (columns: number, width: number): Grid => ({
  columns,
  width,
  spacing: Math.min(38, Math.floor((width - MARGIN) / columns)),
});

const lifeline = ({ spacing }: Grid, column: number): number => MARGIN + column * spacing;

/** A line on which every column's lifeline stands. */
const blank = (grid: Grid, lives: readonly Life[], step?: number): string[] => {
  const cells = Array.from({ length: grid.width }, () => ' ');
  write(cells, 0, step === undefined ? '' : String(step).padStart(4));
  for (const [column, life] of lives.entries()) cells[lifeline(grid, column)] = GLYPH[life];
  return cells;
};

const write = (cells: string[], at: number, text: string): void => {
  for (const [k, glyph] of [...text].entries()) if (at + k < cells.length) cells[at + k] = glyph;
};

const line = (cells: readonly string[]): string => cells.join('').trimEnd();

/** Lines of at most this many characters, broken at spaces. */
export const wrapped = (text: string, width: number): readonly string[] => {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > width) {
    const space = rest.lastIndexOf(' ', width);
    const end = space > 0 ? space : width;
    lines.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  return [...lines, rest];
};

/** Texts right of the lifelines, wrapped within their columns, side by side. */
export const noteLines = (
  grid: Grid,
  notes: readonly { readonly at: number; readonly text: string }[],
  lives: readonly Life[],
  step?: number,
): readonly string[] => {
  const texts = notes.map(({ at, text }) => {
    const room = (at === grid.columns - 1 ? grid.width : lifeline(grid, at + 1)) - lifeline(grid, at) - 3;
    return { at, lines: wrapped(text, room) };
  });
  const height = Math.max(0, ...texts.map(({ lines }) => lines.length));
  return Array.from({ length: height }, (_, row) => {
    const cells = blank(grid, lives, row === 0 ? step : undefined);
    for (const { at, lines } of texts) write(cells, lifeline(grid, at) + 2, lines[row] ?? '');
    return line(cells);
  });
};

const label = ({ words, tag, kind, fate }: Arrow, room: number): string => {
  const before = tag !== undefined && kind !== 'leaves' ? `(${tag}) ` : '';
  const after = [
    kind === 'leaves' && tag !== undefined ? ` (${tag})` : '',
    kind === 'arrives and stays' ? ', and again later' : '',
    kind === 'lost' ? ' ✗ lost' : '',
    fate === undefined ? '' : `, ${fate}`,
  ].join('');
  const fitting = words.find((text) => before.length + text.length + after.length <= room);
  return `${before}${fitting ?? words.at(-1) ?? ''}${after}`;
};

/** What stands behind the text of a packet that is still on its way. */
const AWAY = '┄┄┄';

/** The line of an arrow without its text: solid where the packet is quick, dotted where it was long on its way. */
const shaft = (span: number, { kind, tag }: Arrow, right: boolean): string[] => {
  const third = Math.floor((2 * span) / 3);
  const cells = Array.from({ length: span }, (_, near): string => {
    if (kind === 'leaves') return near < span / 2 ? '─' : ' ';
    if (kind === 'lost' && near >= third) return ' ';
    return tag !== undefined && near < span / 2 ? '┄' : '─';
  });
  if (kind !== 'leaves' && kind !== 'lost') cells[span - 1] = right ? '►' : '◄';
  return right ? cells : cells.reverse();
};

/** An arrow; its text stands on it, or above it where there is no room. */
export const arrowLines = (grid: Grid, arrow: Arrow, lives: readonly Life[], step?: number): readonly string[] => {
  const { from, to, kind } = arrow;
  const right = to > from;
  const start = lifeline(grid, Math.min(from, to)) + 1;
  const span = lifeline(grid, Math.max(from, to)) - start;
  const cells = blank(grid, lives, step);
  write(cells, start, shaft(span, arrow, right).join(''));
  const text = ` ${label(arrow, span - 6)} `;
  const at = start + Math.floor((span - text.length) / 2);
  if (text.length > span - 2) {
    const above = blank(grid, lives);
    write(above, start + 1, text.trim());
    return [line(above), line(cells)];
  }
  write(cells, at, text);
  if (kind === 'leaves' && text.length <= span - 8)
    write(cells, right ? at + text.length : at - AWAY.length, right ? `${AWAY}►`.slice(1) : `◄${AWAY}`.slice(0, -1));
  return [line(cells)];
};

/** A step as lines of text. */
export const beatLines = (grid: Grid, { step, arrow, notes, departures, lives }: Beat): readonly string[] => {
  const arrival = arrow ? arrowLines(grid, arrow, lives, step) : [];
  const texts = noteLines(grid, notes, lives, arrow ? undefined : step);
  const number = arrival.length + texts.length === 0 ? step : undefined;
  const leaving = departures.flatMap((departure, k) =>
    arrowLines(grid, departure, lives, k === 0 ? number : undefined),
  );
  return [...arrival, ...texts, ...leaving];
};
