import { describe, expect, expectTypeOf, test } from 'vitest';
import type { TardisReading } from '../../model/migration/tardis.ts';
import type { PropertyId } from '../../model/properties.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { Action } from '../../model/system.ts';
import { allScenarios, parseScenario, scenarioNamed, scenarioNames } from './load.ts';
import type { ScenarioFile } from './schema.ts';

describe('types', () => {
  test('a file holds exactly what the model calls a scenario', () => {
    expectTypeOf<Readonly<Pick<ScenarioFile, keyof Scenario>>>().toEqualTypeOf<Scenario>();
  });
  test('a step is an action, a reading a reading, a property a property', () => {
    expectTypeOf<NonNullable<ScenarioFile['steps']>[number]>().toExtend<Action>();
    expectTypeOf<NonNullable<ScenarioFile['reading']>>().toEqualTypeOf<Partial<TardisReading>>();
    expectTypeOf<NonNullable<ScenarioFile['violates']>>().toEqualTypeOf<PropertyId>();
  });
});

const file = (fields: object) =>
  JSON.stringify({ version: 1, says: 'One end migrates.', sides: { A: { route: [0, 2] } }, ...fields });

describe('files', () => {
  test('every scenario of the repository is read', () => {
    expect(allScenarios().length).toBeGreaterThan(2);
  });

  test('a short file gets defaults: one SEND each way, received at once, no fault', () => {
    const { sides, bounds, capacity, assumptions, faults } = parseScenario('a.json', file({}));
    expect({ sides, bounds, capacity, assumptions, faults }).toEqual({
      sides: {
        A: {
          route: [0, 2],
          work: [{ op: 'SEND', packets: 1 }],
          verbs: 'RTS',
          receives: 1,
          lateReceives: 0,
          consumer: [],
          capable: true,
          otherConnection: false,
        },
        B: {
          route: [1],
          work: [{ op: 'SEND', packets: 1 }],
          verbs: 'RTS',
          receives: 1,
          lateReceives: 0,
          consumer: [],
          capable: true,
          otherConnection: false,
        },
      },
      bounds: {
        psnModulus: 8,
        initialPsn: 0,
        window: 2,
        retryCnt: null,
        rnrRetry: null,
        sourceCheck: true,
        responderResources: 1,
      },
      capacity: 4,
      assumptions: {
        timers: 'blackout',
        oldCopy: 'resumed',
        outlives: true,
        ordered: false,
        record: 'at once',
        orders: 'once',
      },
      faults: {
        lose: 0,
        duplicate: 0,
        forge: 0,
        earlier: false,
        abort: false,
        crash: false,
        dark: [],
        sourceDies: false,
        targetDies: [],
        reuse: false,
      },
    });
  });

  test('receives follow the work of the peer, less those posted late', () => {
    const sides = { A: { route: [0], lateReceives: 1 }, B: { route: [1], work: ['SEND', 'SEND', 'WRITE'] } };
    expect(parseScenario('a.json', file({ sides })).sides.A.receives).toBe(1);
  });

  test.each([
    ['no JSON', '{', 'not JSON: '],
    ['another version', file({ version: 2 }), '$.version: '],
    ['no sentence', file({ says: '' }), '$.says: '],
    ['an unknown field', file({ sides: {}, migrates: true }), '$ as a whole: Unrecognized key: "migrates"'],
    ['a host that is not one', file({ sides: { A: { route: [9] } } }), '$.sides.A.route[0]: '],
    ['an unknown operation', file({ sides: { A: { route: [0], work: ['RECV'] } } }), '$.sides.A.work[0]: '],
    ['a move to the same host', file({ sides: { A: { route: [0, 0] } } }), '$.sides.A.route[1]: the QP is at host 0'],
    [
      'an atomic of two packets',
      file({ sides: { A: { route: [0], work: [{ op: 'ATOMIC', packets: 2 }] } } }),
      '$.sides.A.work[0].packets: an ATOMIC takes one PSN',
    ],
    [
      'a READ that never fits',
      file({ sides: { A: { route: [0], work: [{ op: 'READ', packets: 3 }] } } }),
      '$.sides.A.work[0].packets: a READ of 3 responses never fits a window of 2',
    ],
    ['too few PSNs', file({ bounds: { window: 4 } }), '$.bounds.psnModulus: must be more than twice the window of 4'],
    ['an odd number of PSNs', file({ bounds: { psnModulus: 5 } }), '$.bounds.psnModulus: '],
    ['a PSN too large', file({ bounds: { initialPsn: 8 } }), '$.bounds.initialPsn: must be below psnModulus, 8'],
    ['an unknown timer', file({ assumptions: { timers: 'never' } }), '$.assumptions.timers: '],
    ['an unknown property', file({ expected: { godwit: { falls: ['SAFE-0'] } } }), '$.expected.godwit.falls[0]: '],
    ['an unknown protocol', file({ expected: { drain: 'holds' } }), '$.expected: '],
    [
      'an unknown reading',
      file({ expected: { tardis: [{ reading: { echo: true }, falls: [] }] } }),
      '$.expected.tardis[0].reading: ',
    ],
    ['a step that is none', file({ steps: [{ kind: 'arrive' }] }), '$.steps[0].packet: '],
  ])('%s is refused with file and place', (_, text, message) => {
    expect(() => parseScenario('a.json', text)).toThrow(`a.json: ${message}`);
  });

  test('an unknown name is answered with the known ones', () => {
    expect(() => scenarioNamed('nothing')).toThrow(`'nothing' is unknown; one of: ${scenarioNames().join(', ')}`);
  });
});
