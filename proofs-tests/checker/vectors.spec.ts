import { describe, expect, test } from 'vitest';
import { godwitWithout, tardisAsRead, tardisCode } from '../../model/protocols.ts';
import { COMPLETER_VECTORS } from './completer-vectors.ts';
import { coordinatorVectorsOf } from './coordinator-vector.ts';
import { COORDINATOR_VECTORS } from './coordinator-vectors.ts';
import { GODWIT_PEER_VECTORS } from './godwit-peer-vectors.ts';
import { GODWIT_RECORD_VECTORS } from './godwit-record-vectors.ts';
import { GODWIT_VECTORS } from './godwit-vectors.ts';
import { REQUESTER_VECTORS } from './requester-vectors.ts';
import { RESPONDER_VECTORS } from './responder-vectors.ts';
import { RESPONSE_VECTORS } from './response-vectors.ts';
import { SPARED_VECTORS } from './spared-vectors.ts';
import { TARDIS_CODE_VECTORS } from './tardis-code-vectors.ts';
import { TARDIS_COORDINATOR_VECTORS } from './tardis-coordinator-vectors.ts';
import { TARDIS_VECTORS } from './tardis-vectors.ts';
import { vectorsOf } from './vector.ts';

describe.each([tardisAsRead({}), godwitWithout()])('$name', (protocol) => {
  const judge = vectorsOf(protocol);
  test.each([...REQUESTER_VECTORS, ...COMPLETER_VECTORS, ...RESPONSE_VECTORS, ...RESPONDER_VECTORS])(
    '$rule: $says',
    (vector) => {
      expect(judge(vector)).toBeUndefined();
    },
  );
});

describe('part A of chapter 50', () => {
  const judge = vectorsOf(tardisAsRead({}));
  test.each(TARDIS_VECTORS)('$rule: $says', (vector) => {
    expect(judge(vector)).toBeUndefined();
  });
  const judgeCoordinator = coordinatorVectorsOf(tardisAsRead({}));
  test.each(TARDIS_COORDINATOR_VECTORS)('$rule: $says', (vector) => {
    expect(judgeCoordinator(vector)).toBeUndefined();
  });
});

describe('the public code', () => {
  const judge = vectorsOf(tardisCode);
  test.each(TARDIS_CODE_VECTORS)('$rule: $says', (vector) => {
    expect(judge(vector)).toBeUndefined();
  });
});

describe('part B of chapter 50', () => {
  const judge = vectorsOf(godwitWithout());
  test.each([...GODWIT_VECTORS, ...GODWIT_PEER_VECTORS, ...GODWIT_RECORD_VECTORS, ...SPARED_VECTORS])(
    '$rule: $says',
    (vector) => {
      expect(judge(vector)).toBeUndefined();
    },
  );
});

describe('the coordinator of part B', () => {
  const judge = coordinatorVectorsOf(godwitWithout());
  test.each(COORDINATOR_VECTORS)('$rule: $says', (vector) => {
    expect(judge(vector)).toBeUndefined();
  });
});

test('a vector of states that a protocol lacks is none of its vectors', () => {
  const buried = { rule: 'MIG-44', says: '', value: { self: 'TOMBSTONE' }, event: { type: 'retire' } } as const;
  expect(vectorsOf(tardisAsRead({}))(buried)).toBe('no state self.TOMBSTONE');
  const crashed = { rule: 'MIG-35', says: '', move: 'CRASHED', event: 'return' } as const;
  expect(coordinatorVectorsOf(tardisAsRead({}))(crashed)).toBe('no state move.CRASHED');
});

test('a vector that says too little, too much or the wrong thing is told so', () => {
  const judge = vectorsOf(godwitWithout());
  const timeout = { rule: 'RC-4', says: '', context: { nxt: 2, sent: 2 }, event: { type: 'ackTimeout' } } as const;
  expect(judge(timeout)).toBe('nxt is 0, retries is 1');
  expect(judge({ ...timeout, changes: { context: { nxt: 0, retries: 2 } } })).toBe('retries is 1');
  expect(judge({ ...timeout, changes: { value: { verbs: 'ERR' } } })).toContain('RTS');
  expect(
    judge({ rule: 'RC-1', says: '', event: { type: 'transmit' }, changes: { context: { nxt: 1, sent: 1 } } }),
  ).toContain('sends');
});
