import { describe, expect, test } from 'vitest';
import { godwitWithout, tardisAsRead, tardisCode } from '../../model/protocols.ts';
import { type Contract, IDLE, type Service, serve } from '../../model/service.ts';
import { parseScenario } from '../scenario/load.ts';
import { Compiled } from './compiled.ts';
import { explore } from './explore.ts';
import { contractOf, endOf, firstUnserved, reaches } from './refinement.ts';

const NO_END = { posted: 2, mayEnd: false, mayBeLost: false };
const CONTRACT: Contract = { A: NO_END, B: NO_END };
const open = (executed: number, completed: number) => ({ is: 'OPEN', executed, completed }) as const;
const at = (A: Service['A'], B: Service['B']): Service => ({ A, B });

describe('the service', () => {
  test('THM-1: the service completes a message only after the other end executed it', () => {
    expect(serve(CONTRACT, IDLE, { side: 'A', does: 'complete' })).toBeUndefined();
    const executed = serve(CONTRACT, IDLE, { side: 'B', does: 'execute' });
    expect(executed).toEqual(at(open(0, 0), open(1, 0)));
    expect(executed && serve(CONTRACT, executed, { side: 'A', does: 'complete' })).toEqual(at(open(0, 1), open(1, 0)));
  });

  test('THM-1: the service executes what was posted and no more', () => {
    expect(serve(CONTRACT, at(open(0, 0), open(2, 0)), { side: 'B', does: 'execute' })).toBeUndefined();
  });

  test('THM-1: an end of the service ends, or is lost, only where the contract says so', () => {
    for (const does of ['end', 'lose'] as const) expect(serve(CONTRACT, IDLE, { side: 'A', does })).toBeUndefined();
    const may: Contract = { ...CONTRACT, A: { posted: 2, mayEnd: true, mayBeLost: true } };
    expect(serve(may, IDLE, { side: 'A', does: 'end' })?.A).toEqual({ is: 'ENDED', executed: 0 });
    expect(serve(may, IDLE, { side: 'A', does: 'lose' })?.A).toEqual({ is: 'LOST' });
  });

  test('THM-1: an end that has ended does nothing more', () => {
    const ended = at({ is: 'ENDED', executed: 0 }, open(0, 0));
    for (const does of ['execute', 'complete', 'end'] as const)
      expect(serve(CONTRACT, ended, { side: 'A', does })).toBeUndefined();
  });
});

describe('the abstraction', () => {
  test('THM-1: several steps of the service may be one of the system, never backwards or past what was executed', () => {
    expect(reaches(CONTRACT, IDLE, at(open(0, 2), open(2, 0)))).toBe(true);
    expect(reaches(CONTRACT, IDLE, at(open(0, 2), open(1, 0)))).toBe(false);
    expect(reaches(CONTRACT, at(open(1, 0), open(0, 0)), IDLE)).toBe(false);
    expect(reaches(CONTRACT, IDLE, at({ is: 'ENDED', executed: 0 }, open(0, 0)))).toBe(false);
  });

  test('THM-1: a message executed out of order is no state of the service', () => {
    const facts = {
      executed: 1,
      completed: 0,
      failed: false,
      ended: false,
      lost: false,
      calm: true,
      goneOn: false,
      complete: false,
    };
    expect(endOf({ ...facts, broken: [] })).toEqual(open(1, 0));
    expect(endOf({ ...facts, broken: ['SAFE-2'] })).toBeUndefined();
  });
});

describe('the system', () => {
  const judged = (protocol: ConstructorParameters<typeof Compiled>[0], fields: object, fails = false) => {
    const scenario = parseScenario('drawn', JSON.stringify({ version: 1, says: 'x', ...fields }));
    const compiled = new Compiled(protocol, scenario);
    return firstUnserved(compiled, explore(compiled, { maxStates: 200_000 }), contractOf(scenario, fails));
  };
  const oneEnd = { sides: { A: { route: [0, 2] } } };

  test('THM-1: godwit refines the service under loss and duplication', () => {
    expect(judged(godwitWithout(), { ...oneEnd, faults: { lose: 1, duplicate: 1 } })).toBeUndefined();
  });

  test('THM-1: tardis refines the service where it only gets stuck', () => {
    expect(judged(tardisAsRead({ resumeRepeats: 'never' }), oneEnd)).toBeUndefined();
  });

  test('THM-1: an ACK of the resume itself completes a message that nobody executed, in the public code', () => {
    expect(judged(tardisCode, oneEnd)).toBeDefined();
  });

  test('THM-1: a retry budget spent during a blackout is a failure that the service does not have', () => {
    const frail = { ...oneEnd, bounds: { retryCnt: 1 }, faults: { lose: 2 } };
    expect(judged(tardisCode, frail)).toBeDefined();
    const stays = { ...frail, sides: { A: { route: [0] } } };
    expect(judged(godwitWithout(), stays)).toBeDefined();
    expect(judged(godwitWithout(), stays, true)).toBeUndefined();
  });
});
