/** H18 with two connections in one model: what `the-application-goes-on-…` says with one of them and its application. */
import { describe, expect, test } from 'vitest';
import type { Barriers } from '../../model/container.ts';
import { godwitWithout, tardisAsRead } from '../../model/protocols.ts';
import { type ScenarioSource, scenarioFileSchema } from '../scenario/schema.ts';
import { together } from './two-connections.ts';

const IN_STEP: Barriers = { phases: true, decision: true };

type Work = readonly 'SEND'[];

const scenario = (A: Work, B: Work, { sides, ...more }: Partial<ScenarioSource>) =>
  scenarioFileSchema.parse({
    version: 1,
    says: 'One of two connections.',
    sides: {
      A: { route: [0, 2], ...sides?.A, work: [...A] },
      B: { route: [1], ...sides?.B, work: [...B] },
    },
    capacity: 2,
    ...more,
  } satisfies ScenarioSource);

/** The peer of the first has something to send; through the second the application says that it goes on. */
const both = (more: Partial<ScenarioSource>) => [scenario([], ['SEND'], more), scenario(['SEND'], [], more)] as const;

const SOURCE_GONE: Partial<ScenarioSource> = { bounds: { retryCnt: 1 }, assumptions: { oldCopy: 'dump' } };
const FAILS: Partial<ScenarioSource> = { faults: { lose: 1, abort: true, crash: true } };
const WELL = { goneOnAndFailed: false, split: false, recovers: true };

describe('an application that goes on before all of its resumes were answered', () => {
  test('SAFE-10: the application acts through one connection while the other fails, under the published text', () => {
    const found = together(tardisAsRead({}), both(SOURCE_GONE), IN_STEP, 'resumed');
    expect(found).toEqual({ states: 1_547, goneOnAndFailed: true, split: false, recovers: false });
  });

  test('MIG-21: where it waits for every answer it has done nothing when a connection fails', () => {
    const found = together(tardisAsRead({}), both(SOURCE_GONE), IN_STEP, 'answered');
    expect(found).toEqual({ states: 1_283, goneOnAndFailed: false, split: false, recovers: false });
  });

  test('MIG-51: under the revised protocol it need not wait', () => {
    expect(together(godwitWithout(), both(SOURCE_GONE), IN_STEP, 'resumed')).toEqual({ states: 1_747, ...WELL });
  });
});

describe('the decision of a container', () => {
  test('MIG-50: one decision for both connections leaves the container in one place, and it can always go on', () => {
    expect(together(godwitWithout(), both(FAILS), IN_STEP, 'resumed')).toEqual({ states: 31_162, ...WELL });
  });

  test('SAFE-6: with a decision for each connection one QP of the container runs here and the other there', () => {
    const apart = { ...IN_STEP, decision: false };
    expect(together(godwitWithout(), both(FAILS), apart, 'resumed')).toMatchObject({ split: true });
  });

  test('REC-1: two containers with two connections between them find each other when both migrate at once', () => {
    const world = both({ sides: { B: { route: [1, 3] } } });
    expect(together(godwitWithout(), world, IN_STEP, 'resumed')).toEqual({ states: 1_073_258, ...WELL });
  });
});
