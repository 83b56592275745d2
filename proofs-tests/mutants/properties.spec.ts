/** Each property of chapter 70 falls where something is broken that it speaks of, and stands where nothing is. */
import { describe, expect, test } from 'vitest';
import type { Protocol } from '../../model/protocol.ts';
import { godwitWithout, tardisAsRead, tardisCode } from '../../model/protocols.ts';
import { parseScenario } from '../scenario/load.ts';
import { mutant } from './mutant.ts';
import type { Change } from './mutation.ts';
import { verdictOf } from './verdict.ts';

const ONE = { sides: { A: { route: [0, 2] } } };
const RECEIVER = { sides: { A: { route: [0], work: [] } } };
const bothOf = (fields: object) => ({ sides: { A: { route: [0, 2], work: [] }, B: { route: [1], ...fields } } });

const falls = (protocol: Protocol, fields: object): readonly string[] => {
  const { complete, falls: found } = verdictOf(
    protocol,
    parseScenario('drawn', JSON.stringify({ version: 1, says: 'x', capacity: 3, ...fields })),
    60_000,
  );
  expect(complete).toBe(true);
  return found;
};
const broken = (edge: string, change: Change): Protocol => mutant(godwitWithout(), { id: '', rule: '', edge, change });

describe('a property falls', () => {
  test('SAFE-1: where the ACK of a resume is taken for that of a message', () => {
    expect(falls(tardisCode, ONE)).toContain('SAFE-1');
  });

  test('SAFE-2: where a duplicate is executed', () => {
    const deaf = broken('responder.ENGINE.rx.request.3', { kind: 'drop guard', place: 1 });
    expect(falls(deaf, { ...RECEIVER, faults: { duplicate: 1 } })).toContain('SAFE-2');
  });

  test('SAFE-3: where a duplicate atomic is executed', () => {
    const deaf = broken('responder.ENGINE.rx.request.2', { kind: 'drop guard', place: 1 });
    const atomic = { sides: { A: { route: [0], work: [] }, B: { route: [1], work: ['ATOMIC'] } } };
    expect(falls(deaf, { ...atomic, faults: { duplicate: 1 } })).toContain('SAFE-3');
  });

  test('SAFE-2, SAFE-3: where PSNs come round while an old packet is on its way', () => {
    const [bounds, faults] = [{ psnModulus: 4, window: 1 }, { duplicate: 1 }];
    const five = (op: string) => ({
      sides: { A: { route: [0], work: [] }, B: { route: [1], work: Array(5).fill(op) } },
    });
    expect(falls(godwitWithout(), { ...five('SEND'), bounds, faults })).toContain('SAFE-2');
    expect(falls(godwitWithout(), { ...five('READ'), bounds, faults })).toContain('SAFE-3');
  });

  test('SAFE-4, SAFE-5: where a QP sends though it is STOPPED or PAUSED', () => {
    const eager = broken('requester.ENGINE.transmit.0', { kind: 'drop guard', place: 0 });
    expect(falls(eager, ONE)).toContain('SAFE-4');
    expect(falls(eager, bothOf({ work: ['SEND', 'SEND'] }))).toContain('SAFE-5');
  });

  test('SAFE-6: where abort and commit are decided apart', () => {
    expect(falls(godwitWithout('single decision'), { ...ONE, faults: { abort: true } })).toContain('SAFE-6');
  });

  test('SAFE-7: where the blackout is paid from the retry budget', () => {
    const charged = tardisAsRead({ resumeRepeats: 'charged' });
    const few = { ...ONE, capacity: 2, bounds: { retryCnt: 1 } };
    expect(falls(charged, { ...few, faults: { lose: 2 } })).toContain('SAFE-7');
  });

  test('SAFE-8: where an ACK is taken for one more than it says', () => {
    const greedy = broken('requester.ENGINE.rx.ack.4', { kind: 'off by one', place: 0, field: 'una', by: 1 });
    expect(
      falls(greedy, { sides: { A: { route: [0], work: [] }, B: { route: [1], work: ['SEND', 'SEND', 'SEND'] } } }),
    ).toContain('SAFE-8');
  });

  test('SAFE-9: where forged or superseded messages count', () => {
    expect(falls(godwitWithout('signatures'), { ...bothOf({}), faults: { forge: 1 } })).toContain('SAFE-9');
    expect(falls(godwitWithout('epochs'), { sides: { A: { route: [0, 2, 3], work: [] } } })).toContain('SAFE-9');
  });

  test('REC-1: where each end sends its resume to the host that the other has left', () => {
    const both = { sides: { A: { route: [0, 2] }, B: { route: [1, 3] } }, capacity: 2 };
    expect(falls(tardisAsRead({}), both)).toContain('REC-1');
  });
});

describe('every property stands', () => {
  test('SAFE-1, SAFE-2, SAFE-3, SAFE-4, SAFE-5, SAFE-6, SAFE-7, SAFE-8, SAFE-9, REC-1, LIVE-1, THM-1: in the revised protocol, one end migrating', () => {
    expect(falls(godwitWithout(), { ...ONE, faults: { lose: 1 } })).toEqual([]);
  });
});
