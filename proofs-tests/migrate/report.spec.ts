// The verdict on a live migration: every kind of harm at either end makes it false.
import { expect, test } from 'vitest';
import { numberCell, specTable } from '../trace/tables.ts';
import type { StreamResult } from './control.ts';
import { inOrder, judgeStreams, memoryMsOf, PAPER_BYTES, phasesOf } from './report.ts';

const result = (change: Partial<StreamResult> = {}): StreamResult => ({
  stream: 0,
  completed: 5,
  received: 5,
  bytes: 500,
  failed: 0,
  wrong: 0,
  rounds: 3,
  counted: 3,
  sentChain: 'aa',
  receivedChain: 'bb',
  ...change,
});

const target = result();
const peer = result({ sentChain: 'bb', receivedChain: 'aa' });

test('two ends that agree are intact', () => {
  expect(judgeStreams([target], [peer], 1, 5)).toEqual([]);
});

test.each([
  ['a send that did not complete', { completed: 4 }, /4 of 5 sends completed/],
  ['a message that did not arrive', { received: 4 }, /4 of 5 messages received/],
  ['a message too many', { received: 6 }, /6 of 5 messages received/],
  ['a failed completion', { failed: 1 }, /1 completions failed/],
  ['a wrong message', { wrong: 1 }, /1 messages out of order/],
  ['a round counted twice', { rounds: 2 }, /2 rounds of WRITE, READ and FETCH_ADD, 3 counted/],
  ['another hash', { receivedChain: 'cc' }, /the hash of all messages differs/],
] as const)('%s is a problem at either end', (_, change, message) => {
  expect(judgeStreams([{ ...target, ...change }], [peer], 1, 5)).toEqual([expect.stringMatching(message)]);
  expect(judgeStreams([target], [{ ...peer, ...change }], 1, 5)).toEqual([expect.stringMatching(message)]);
});

test('a stream that is not there is a problem', () => {
  expect(judgeStreams([], [peer], 1, 5)).toEqual(['0 of 1 streams arrived at the target']);
  expect(judgeStreams([target], [], 1, 5)).toEqual(['0 of 1 streams at the peer']);
});

const AT = {
  ...{ stoppedAt: 1e6, dumpedAt: 2e6, sealedAt: 5e6, writtenAt: 7e6 },
  ...{ begunAt: 8e6, readAt: 9e6, verifiedAt: 13e6, restoredAt: 16e6 },
  ...{ resumedAt: 17e6, answeredAt: 22e6, firstCompletionAt: 24e6 },
};

test('the phases of a blackout add up to it, and those of the memory stand apart', () => {
  const phases = phasesOf(AT);
  expect(phases).toEqual({
    ...{ dump: 1, seal: 3, write: 2, handOver: 1, read: 1, verify: 4 },
    ...{ restore: 3, resume: 1, answers: 5, firstCompletion: 2 },
  });
  expect(Object.values(phases).reduce((sum, ms) => sum + ms)).toBe(23);
  expect(memoryMsOf(phases)).toBe(10);
});

test('what never happened takes no time', () => {
  const phases = phasesOf(inOrder({ ...AT, answeredAt: 0, firstCompletionAt: 0 }));
  expect(phases).toMatchObject({ resume: 1, answers: 0, firstCompletion: 0 });
});

test('the published sizes are those of chapter 60', () => {
  const table = specTable('spec/60-image.md', 'image-paper-bytes');
  const published = table.rows.map((row) => [row.cells.object, numberCell(table, row, 'bytes')]);
  expect(Object.fromEntries(published)).toEqual(PAPER_BYTES);
});
