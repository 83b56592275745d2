import { expect, test } from 'vitest';
import { cell, listCell, numberCell, parseTables, specTable, TableError } from './tables.ts';

const GOOD = `text

<!-- table: rnr -->
| code | time | names |
| ---: | --- | :--- |
| 0 | 655_360 | \`a\`, b |
| \`0x1f\` | 491,520 | - |
| 2 | x \\| y |  |

after`;

const parsed = () => parseTables('spec/x.md', GOOD);
const bad = (from: string, to: string) => () => parseTables('spec/x.md', GOOD.replace(from, to));

test('rows come by column title, with their lines', () => {
  const table = parsed().get('rnr');
  expect(table?.columns).toEqual(['code', 'time', 'names']);
  expect(table?.rows.map(({ line, cells }) => [line, cells.code, cells.time])).toEqual([
    [6, '0', '655_360'],
    [7, '0x1f', '491,520'],
    [8, '2', 'x | y'],
  ]);
});

test('cells are read as numbers and as lists', () => {
  const table = parsed().get('rnr');
  const [first, second, third] = table?.rows ?? [];
  if (table === undefined || first === undefined || second === undefined || third === undefined)
    throw new Error('rows');
  expect([
    numberCell(table, first, 'time'),
    numberCell(table, second, 'code'),
    numberCell(table, second, 'time'),
  ]).toEqual([655360, 31, 491520]);
  expect([first, second, third].map((row) => listCell(table, row, 'names'))).toEqual([['a', 'b'], [], []]);
  expect(() => numberCell(table, third, 'time')).toThrow("spec/x.md:8: table rnr, time: 'x | y' is no number");
  expect(() => cell(table, third, 'nam')).toThrow("spec/x.md:8: table rnr: no column 'nam'");
});

test.each([
  ['no table behind the mark', bad('| code', 'code'), 'spec/x.md:3: table rnr: the next line is no table row'],
  ['no rule', bad('| ---: | --- | :--- |', '| ---: | --- |'), 'spec/x.md:5: table rnr: no rule of 3 columns'],
  ['a column twice', bad('| time |', '| code |'), "spec/x.md:4: table rnr: column 'code' twice"],
  ['an unfinished row', bad('| - |', ''), 'spec/x.md:7: table rnr: the row does not end'],
  ['a missing cell', bad('| - |', '|'), 'spec/x.md:7: table rnr: 2 cells under 3 titles'],
  ['a malformed mark', bad('table: rnr', 'table rnr'), 'spec/x.md:3: not of the form'],
  ['no rows', bad('| 0 | 655_360', 'x'), 'spec/x.md:3: table rnr: no rows'],
  ['a name twice', () => parseTables('spec/x.md', GOOD + GOOD), 'table rnr twice'],
])('%s is refused with its place', (_, read, message) => {
  expect(read).toThrow(TableError);
  expect(read).toThrow(message);
});

test('an absent table is refused with the file', () => {
  expect(() => specTable('spec/00-conventions.md', 'none')).toThrow('spec/00-conventions.md: no table none');
});
