import { describe, expect, test } from 'vitest';
import type { QpContext } from '../../model/context.ts';
import { godwitWithout, tardisAsRead, tardisCode } from '../../model/protocols.ts';
import { EXTENDED_STATES } from '../../model/qp.ts';
import { VERBS_STATES } from '../../model/verbs.ts';
import { ABILITIES, type Ability, explored, modifyMatrix, QP_TYPES, soloOf } from './verbs-matrix.ts';
import { differences, listedAbilities, listedPairs } from './verbs-table.ts';

const PROTOCOLS = [tardisAsRead({}), tardisCode, godwitWithout()];

describe.each(QP_TYPES)('%s', (qpType) => {
  test.each(PROTOCOLS)(
    'QP-1, QP-2, QP-3, QP-4, QP-5, QP-6, QP-7, QP-8: $name accepts the 22 listed of 49 pairs',
    (protocol) => {
      const cells = modifyMatrix(soloOf(protocol, qpType));
      const accepted = cells.filter(({ accepted }) => accepted).map(({ from, to }) => `${from} ${to}`);
      expect(cells).toHaveLength(49);
      expect(accepted).toHaveLength(22);
      expect(new Set(accepted)).toEqual(listedPairs());
      expect(differences(protocol, qpType)).toEqual([]);
    },
  );

  test('QP-9, QP-10: a send error in RTS or SQD ends in ERR for RC, in SQE for UC and UD, and nowhere else', () => {
    const { at, step } = soloOf(godwitWithout(), qpType);
    const failed = qpType === 'RC' ? 'ERR' : 'SQE';
    for (const verbs of VERBS_STATES)
      expect(step(at({ verbs }), { type: 'send.error' }).value.verbs).toBe(
        verbs === 'RTS' || verbs === 'SQD' ? failed : verbs,
      );
  });

  test('QP-11: a fatal error in RTR, RTS or SQD ends in ERR for RC', () => {
    const { at, step } = soloOf(godwitWithout(), qpType);
    for (const verbs of VERBS_STATES) {
      const moves = qpType === 'RC' && ['RTR', 'RTS', 'SQD'].includes(verbs);
      expect(step(at({ verbs }), { type: 'fatal' }).value.verbs).toBe(moves ? 'ERR' : verbs);
    }
  });

  test('QP-37: a queue that is draining leaves SQD for ERR and RESET only', () => {
    const { at, step } = soloOf(godwitWithout(), qpType);
    const left = (context: Partial<QpContext>) =>
      (['modify.rts', 'modify.sqd', 'modify.err', 'modify.reset'] as const).filter(
        (type) => step(at({ verbs: 'SQD' }, context), { type }).taken.length > 0,
      );
    for (const draining of [
      { nxt: 1, sent: 1 },
      { una: 1, nxt: 1, sent: 1 },
      { una: 1, nxt: 2, sent: 2 },
    ])
      expect(left(draining)).toEqual(['modify.err', 'modify.reset']);
    for (const drained of [{}, { una: 3, nxt: 3, sent: 3 }])
      expect(left(drained)).toEqual(['modify.rts', 'modify.sqd', 'modify.err', 'modify.reset']);
  });

  test('QP-42: RESET forgets what was sent, received and kept', () => {
    const { at, step } = soloOf(godwitWithout(), qpType);
    const busy = { una: 1, nxt: 2, sent: 2, expected: 3, receives: 4, inProgress: 'WRITE', nakSent: 1 } as const;
    const { context } = step(at({ verbs: 'RTS' }, busy), { type: 'modify.reset' });
    expect(context).toMatchObject({ una: 0, nxt: 0, sent: 0, expected: 0, receives: 0, inProgress: '', nakSent: 0 });
  });

  test('QP-1: a new QP comes to all states but SQE, which only UC and UD know', () => {
    const { names } = explored(godwitWithout(), qpType);
    expect(names).toEqual(new Set(EXTENDED_STATES.filter((state) => state !== 'SQE' || qpType !== 'RC')));
  });
});

describe('abilities', () => {
  const cases: readonly (readonly [rule: string, ability: Ability])[] = [
    ['QP-31', 'post receive'],
    ['QP-32', 'process requests'],
    ['QP-33', 'process responses'],
    ['QP-34', 'begin WQEs'],
    ['QP-35', 'continue WQEs'],
  ];
  const solo = soloOf(godwitWithout(), 'RC');
  const able = (ability: Ability) => VERBS_STATES.filter((state) => ABILITIES[ability](solo, state));

  test('QP-31, QP-32, QP-33, QP-34, QP-35: each column of the table is what the model does', () => {
    for (const [, ability] of cases)
      expect(able(ability)).toEqual(VERBS_STATES.filter((state) => listedAbilities().get(state)?.has(ability)));
  });

  test('QP-35: SQD goes on with a message it has begun and begins none', () => {
    expect(able('begin WQEs')).toEqual(['RTS']);
    expect(able('continue WQEs')).toEqual(['RTS', 'SQD']);
  });
});

describe('negative examples', () => {
  const broken = { ...godwitWithout() };
  const without = (name: string) => ({
    ...broken,
    rewrite: (parts: Parameters<NonNullable<typeof broken.rewrite>>[0]) =>
      parts.map((part) => ({
        ...part,
        guards: { ...part.guards, ...(name in part.guards ? { [name]: () => true } : {}) },
      })),
  });

  test('a machine that lets the consumer modify a STOPPED QP differs from the tables', () => {
    expect(differences(without('verbs.consumer'), 'RC')).toContain('RTS to ERR is accepted while STOPPED');
  });

  test('a machine that begins messages in SQD differs from the tables', () => {
    expect(differences(without('midMessage'), 'RC')).toEqual(['SQD can begin WQEs']);
  });
});
