// The judgement of one-sided work: a READ that brings other bytes and an atomic that finds another count are wrong.
import { expect, test } from 'vitest';
import type { WorkCompletion } from '../../impl/index.ts';
import { composeRound } from './message.ts';
import { completeOneSided } from './one-sided.ts';
import { layOut, type StreamMemory, streamMemorySize } from './stream-memory.ts';

const SETTINGS = { stream: 1, direction: 0, seed: 2, messages: 9, mtu: 256, window: 2, depth: 4, imm: 0, oneSided: 1 };

/** A stream in a round whose operations have done what they were to do. */
const inRound = (): { readonly memory: StreamMemory; readonly length: number } => {
  const memory = layOut(new Uint8Array(streamMemorySize(SETTINGS)), SETTINGS);
  memory.set('rounds', 3);
  memory.set('pending', 3);
  const length = composeRound(memory);
  const written = memory.place('written');
  memory.bytes.copyWithin(memory.place('readBack'), written, written + length);
  memory.bytes[memory.place('counter') + 8] = 3;
  return { memory, length };
};

const completion = (opcode: WorkCompletion['opcode'], byteLen: number): WorkCompletion => ({
  wrId: 11,
  status: 'SUCCESS',
  opcode,
  byteLen,
  qpNum: 16,
  imm: undefined,
  invalidatedRkey: undefined,
  srcQp: 0,
  grh: false,
});

const finish = (memory: StreamMemory, length: number): void => {
  for (const opcode of ['RDMA_WRITE', 'RDMA_READ', 'FETCH_ADD'] as const) {
    completeOneSided(memory, completion(opcode, length));
  }
};

test('three right operations end a round', () => {
  const { memory, length } = inRound();
  finish(memory, length);
  expect([memory.get('rounds'), memory.get('pending'), memory.get('wrong')]).toEqual([4, 0, 0]);
});

test('one other byte read back is wrong', () => {
  const { memory, length } = inRound();
  const last = memory.place('readBack') + length - 1;
  memory.bytes[last] = (memory.bytes[last] ?? 0) ^ 1;
  finish(memory, length);
  expect(memory.get('wrong')).toBe(1);
});

test.each([2, 4])('an atomic of the fourth round that finds %d is wrong: it was executed twice, or not', (found) => {
  const { memory, length } = inRound();
  memory.bytes[memory.place('counter') + 8] = found;
  finish(memory, length);
  expect(memory.get('wrong')).toBe(1);
});

test('what a round writes differs from the round before', () => {
  const { memory } = inRound();
  const bytes = () => Buffer.from(memory.bytes.subarray(memory.place('written'), memory.place('written') + 32));
  const before = bytes();
  memory.add('rounds', 1);
  composeRound(memory);
  expect(bytes().equals(before)).toBe(false);
});
