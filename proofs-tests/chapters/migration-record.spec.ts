/** Chapter 50, part B, on the model: the record answers later than it is asked, and a decision takes effect later than it stands. */
import { describe, expect, test } from 'vitest';
import { type CoordinatorContext, type CoordinatorValue, whereabouts } from '../../model/coordinator.ts';
import type { Ingredient } from '../../model/migration/godwit.ts';
import { godwitWithout } from '../../model/protocols.ts';
import { check } from '../checker/check.ts';
import { GODWIT_RECORD_VECTORS } from '../checker/godwit-record-vectors.ts';
import { vectorsOf } from '../checker/vector.ts';
import { scenarioNamed } from '../scenario/load.ts';

const fallsOf = (scenario: string, ...without: readonly Ingredient[]) =>
  check({ name: 'godwit', without }, scenarioNamed(scenario))
    .properties.filter(({ holds }) => holds === false)
    .map(({ id }) => id);

describe('an answer that comes later', () => {
  const overtaken = GODWIT_RECORD_VECTORS.filter(({ rule }) => rule === 'MIG-52');

  test('MIG-52: what was acknowledged or learned meanwhile overtakes the question, whatever the answer is', () => {
    const [judge, believes] = [vectorsOf(godwitWithout()), vectorsOf(godwitWithout('late answers dropped'))];
    expect(overtaken.map(judge).filter((wrong) => wrong !== undefined)).toEqual([]);
    expect(overtaken.map(believes).filter((wrong) => wrong !== undefined)).not.toEqual([]);
  });

  test('MIG-52: believed all the same, it lets a QP wait for a migration that is over', () => {
    expect(fallsOf('the-answer-of-the-record-is-overtaken')).toEqual([]);
    expect(fallsOf('the-answer-of-the-record-is-overtaken', 'late answers dropped')).toContain('REC-1');
  });
});

describe('an order that comes again', () => {
  test('MIG-56: an image restored again starts nothing, for the record has a newer incarnation', () => {
    expect(fallsOf('an-image-is-restored-again')).toEqual([]);
    expect(fallsOf('an-image-is-restored-again', 'record before starting')).toContain('SAFE-6');
  });

  test('MIG-55: it is ignored, and obeyed it would let two copies run or stop one for good', () => {
    expect(fallsOf('the-orders-of-a-coordinator-come-again')).toEqual([]);
    const falls = fallsOf('the-orders-of-a-coordinator-come-again', 'orders for one incarnation');
    expect(falls).toEqual(expect.arrayContaining(['SAFE-6', 'REC-1']));
  });
});

describe('a migration that is given up before it stops anything', () => {
  test('MIG-34: the source starts the next incarnation though it runs, or a peer that has asked waits for ever', () => {
    expect(fallsOf('a-migration-is-given-up-before-its-stop')).toEqual([]);
    expect(fallsOf('a-migration-is-given-up-before-its-stop', 'an abort starts who runs')).toContain('REC-1');
  });
});

describe('a response that is left behind', () => {
  test('MIG-57: an ACK past the READ that it answered costs no retry, or a migration spends one', () => {
    for (const scenario of [
      'the-response-to-a-read-is-left-behind',
      'responses-are-left-behind-and-no-retry-is-left',
    ]) {
      expect(fallsOf(scenario)).toEqual([]);
      expect(fallsOf(scenario, 'retries spared')).toContain('SAFE-7');
    }
  });
});

describe('a decision that takes effect later', () => {
  const context: CoordinatorContext = { route: [0, 2], hop: 1, epoch: 5, since: [4, 5], elsewhere: 'none' };
  const told = (move: CoordinatorValue['move'], whenStarted: boolean) => whereabouts({ move }, context, whenStarted);

  test('MIG-53: who asks between the decision and its effect is told that the side is moving, in its old epoch', () => {
    expect(told('RESTORED', true)).toMatchObject({ epoch: 5, moving: true });
    expect(told('DECIDED', true)).toEqual({ epoch: 4, at: 2, moving: true, dead: false });
    expect(told('DECIDED', false)).toEqual({ epoch: 5, at: 2, moving: false, dead: false });
    expect(told('IDLE', true)).toEqual({ epoch: 5, at: 2, moving: false, dead: false });
  });

  test('MIG-53: told of the new epoch at once, a peer spends its retries on a copy that has not heard of it', () => {
    expect(fallsOf('the-decision-is-known-before-it-takes-effect')).toEqual([]);
    expect(fallsOf('the-decision-is-known-before-it-takes-effect', 'told when started')).toContain('SAFE-7');
  });
});
