import { expect, test, vi } from 'vitest';
import { unknownName } from './bad-input.ts';
import { progress } from './progress.ts';
import { renderTable } from './table.ts';

test('an unknown name is answered with the known ones', () => {
  expect(unknownName('--scenario', 'x', ['a', 'b']).message).toBe("--scenario: 'x' is unknown; one of: a, b");
});

test('a table pads words to the right and numbers to the left', () => {
  const text = renderTable(
    ['what', 'states'],
    [
      ['one end', 1234],
      ['both', 7],
    ],
  );
  expect(text).toBe(['what     states', '-------  ------', 'one end   1,234', 'both          7'].join('\n'));
});

test.each([
  ['a pipe', undefined, 80, false],
  ['a terminal without columns', true, 0, false],
  ['a terminal', true, 80, true],
])('progress on %s is drawn after two seconds: %s %s %s', (_, isTTY, columns, drawn) => {
  vi.useFakeTimers();
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  const before = { isTTY: process.stderr.isTTY, columns: process.stderr.columns };
  const cursor = () => true;
  Object.assign(process.stderr, { isTTY, columns, cursorTo: cursor, clearLine: cursor, moveCursor: cursor });
  const shown = progress('fuzz');
  shown.update('1 run');
  expect(stderr).not.toHaveBeenCalled();
  vi.advanceTimersByTime(3000);
  shown.update('2 runs');
  expect(stderr.mock.calls.length > 0).toBe(drawn);
  shown.stop();
  Object.assign(process.stderr, before);
  stderr.mockRestore();
  vi.useRealTimers();
});
