/** Plain text tables: columns padded to their widest cell, numbers to the right, no frame. */

export type Cell = string | number;

const NUMERIC = /^[-+]?[\d,.]+( ?(%|ms|s|MiB|KiB|B))?$/;

const shown = (cell: Cell): string => (typeof cell === 'number' ? cell.toLocaleString('en-US') : cell);

export const renderTable = (titles: readonly string[], rows: readonly (readonly Cell[])[]): string => {
  const body = rows.map((row) => titles.map((_, column) => shown(row[column] ?? '')));
  const widths = titles.map((title, column) => Math.max(title.length, ...body.map((row) => row[column]?.length ?? 0)));
  const right = titles.map(
    (_, column) => body.length > 0 && body.every((row) => NUMERIC.test(row[column] ?? '') || row[column] === ''),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((text, column) => (right[column] ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return [line(titles), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
};
