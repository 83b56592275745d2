/** Normative tables: a Markdown table behind `<!-- table: NAME -->`. Tests compare them with constants and edges. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../source/tree.ts';

/** A row by column title, cells trimmed, code marks removed; `-` stays as it is. */
export type Row = { readonly line: number; readonly cells: Readonly<Record<string, string>> };
export type Table = {
  readonly name: string;
  readonly place: string;
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
};

/** A table that cannot be read. The message begins with file and line. */
export class TableError extends Error {
  constructor(place: string, message: string) {
    super(`${place}: ${message}`);
    this.name = 'TableError';
  }
}

const MARK = /^<!-- table: ([\w-]+) -->$/;

/** Splits at bars that are not escaped, as GitHub does, code spans or not. */
const cellsOf = (line: string): string[] =>
  line.split(/(?<!\\)\|/).map((text) =>
    text
      .trim()
      .replace(/\\\|/g, '|')
      .replace(/^`([^`]*)`$/, '$1'),
  );

const readOne = (file: string, lines: readonly string[], mark: number, name: string): Table => {
  const place = (index: number) => `${file}:${index + 1}`;
  const rowAt = (index: number): string[] | undefined => {
    const text = lines[index]?.trim();
    if (!text?.startsWith('|')) return undefined;
    if (!text.endsWith('|')) throw new TableError(place(index), `table ${name}: the row does not end with a bar`);
    return cellsOf(text.slice(1, -1));
  };
  const columns = rowAt(mark + 1);
  if (columns === undefined) throw new TableError(place(mark), `table ${name}: the next line is no table row`);
  const twice = columns.find((column, index) => columns.indexOf(column) !== index);
  if (twice !== undefined) throw new TableError(place(mark + 1), `table ${name}: column '${twice}' twice`);
  const rule = rowAt(mark + 2);
  if (rule === undefined || rule.length !== columns.length || !rule.every((cell) => /^:?-{3,}:?$/.test(cell)))
    throw new TableError(place(mark + 2), `table ${name}: no rule of ${columns.length} columns under the titles`);
  const rows: Row[] = [];
  for (let index = mark + 3; ; index++) {
    const cells = rowAt(index);
    if (cells === undefined) break;
    if (cells.length !== columns.length)
      throw new TableError(place(index), `table ${name}: ${cells.length} cells under ${columns.length} titles`);
    rows.push({ line: index + 1, cells: Object.fromEntries(columns.map((column, at) => [column, cells[at] ?? ''])) });
  }
  if (rows.length === 0) throw new TableError(place(mark), `table ${name}: no rows`);
  return { name, place: place(mark), columns, rows };
};

/** All named tables of one file's text. Throws TableError on a table that cannot be read or a name used twice. */
export const parseTables = (file: string, text: string): ReadonlyMap<string, Table> => {
  const lines = text.split('\n');
  const found = new Map<string, Table>();
  for (const [index, line] of lines.entries()) {
    if (!/^\s*<!--\s*table/.test(line)) continue;
    const name = MARK.exec(line.trim())?.[1];
    if (name === undefined) throw new TableError(`${file}:${index + 1}`, `not of the form <!-- table: NAME -->`);
    if (found.has(name)) throw new TableError(`${file}:${index + 1}`, `table ${name} twice`);
    found.set(name, readOne(file, lines, index, name));
  }
  return found;
};

/** The table NAME of a chapter, e.g. `specTable('spec/10-wire.md', 'opcodes')`. Throws TableError where there is none. */
export const specTable = (file: string, name: string): Table => {
  const table = parseTables(file, readFileSync(join(REPOSITORY, file), 'utf8')).get(name);
  if (table === undefined) throw new TableError(file, `no table ${name}`);
  return table;
};

/** A cell, or TableError naming the row when the column does not exist. */
export const cell = (table: Table, row: Row, column: string): string => {
  const text = row.cells[column];
  if (text === undefined)
    throw new TableError(
      `${table.place.replace(/:\d+$/, '')}:${row.line}`,
      `table ${table.name}: no column '${column}'`,
    );
  return text;
};

/** A cell's list: comma-separated, `-` or nothing for the empty one. */
export const listCell = (table: Table, row: Row, column: string): readonly string[] => {
  const text = cell(table, row, column);
  return text === '-' || text === '' ? [] : text.split(',').map((word) => word.trim().replace(/^`([^`]*)`$/, '$1'));
};

/** A cell's number, decimal or 0x hexadecimal. Throws TableError when it is none. */
export const numberCell = (table: Table, row: Row, column: string): number => {
  const text = cell(table, row, column).replace(/_|(?<=\d),(?=\d{3})/g, '');
  if (!/^(-?\d+(\.\d+)?|0x[\da-f]+)$/i.test(text))
    throw new TableError(
      `${table.place.replace(/:\d+$/, '')}:${row.line}`,
      `table ${table.name}, ${column}: '${text}' is no number`,
    );
  return Number(text);
};
