// Chapter 20: transitions and attributes.
import { describe, expect, test } from 'vitest';
import { modifyQp, queryQp, unwrap } from '../../impl/index.ts';
import { ATTRIBUTE_NAMES, ATTRIBUTES, type AttributeName, type QpAttr } from '../../impl/qp/attributes.ts';
import { ABILITIES, QP_STATES, QP_TYPES, type QpState, type QpType } from '../../impl/qp/state.ts';
import { TRANSITIONS } from '../../impl/qp/transitions.ts';
import { captureQp } from '../../impl/verbs/migrate-qp.ts';
import { cell, listCell, specTable } from '../trace/tables.ts';
import { Lone, PEER } from './lone.ts';

/** A legal value for each attribute. */
const VALUES: Readonly<Record<AttributeName, QpAttr>> = {
  STATE: {},
  CUR_STATE: {},
  EN_SQD_ASYNC_NOTIFY: { enSqdAsyncNotify: true },
  ACCESS_FLAGS: { qpAccessFlags: 1 },
  PKEY_INDEX: { pkeyIndex: 0 },
  PORT: { portNum: 1 },
  QKEY: { qkey: 0x1234 },
  AV: { ahAttr: { dgid: PEER } },
  PATH_MTU: { pathMtu: 512 },
  TIMEOUT: { timeout: 9 },
  RETRY_CNT: { retryCnt: 3 },
  RNR_RETRY: { rnrRetry: 2 },
  RQ_PSN: { rqPsn: 77 },
  MAX_QP_RD_ATOMIC: { maxRdAtomic: 5 },
  ALT_PATH: { altAhAttr: {} },
  MIN_RNR_TIMER: { minRnrTimer: 4 },
  SQ_PSN: { sqPsn: 88 },
  MAX_DEST_RD_ATOMIC: { maxDestRdAtomic: 6 },
  PATH_MIG_STATE: { pathMigState: 'MIGRATED' },
  CAP: { cap: {} },
  DEST_QPN: { destQpNum: 99 },
};

/** A QP of a type in a state; SQE, which no modify reaches, is put there. */
const at = (qpType: QpType, state: QpState): Lone => {
  const lone = new Lone({ qpType, state: 'RESET' });
  lone.qp.engine.state = state;
  return lone;
};

const attrOf = (to: QpState, names: readonly AttributeName[]): QpAttr =>
  Object.assign({ qpState: to }, ...names.map((name) => VALUES[name]));

const CASES = QP_TYPES.flatMap((type) =>
  QP_STATES.flatMap((from) => QP_STATES.map((to) => ({ type, from, to, row: TRANSITIONS[from][to]?.[type] }))),
);
const VALID = CASES.flatMap(({ row, ...rest }) => (row === undefined ? [] : [{ ...rest, row }]));

const refused = (lone: Lone, attr: QpAttr): void => {
  const before = captureQp(lone.qp, 0);
  expect(modifyQp(lone.qp, attr)).toMatchObject({ ok: false, error: { errno: 'EINVAL' } });
  expect(captureQp(lone.qp, 0)).toEqual(before);
};

test('QP-12: the transition table is the table of the specification', () => {
  const found = CASES.flatMap(({ type, from, to, row }) =>
    row === undefined ? [] : [`${type} ${from} ${to}: ${[...row.required].sort()} / ${[...row.optional].sort()}`],
  );
  const table = specTable('spec/20-qp.md', 'qp-transitions');
  const spec = table.rows.flatMap((row) =>
    QP_TYPES.map((type) => {
      const lists = ['required', 'optional'].map((kind) => {
        const own = cell(table, row, `${type} ${kind}`);
        return listCell(table, row, own === '=' ? `RC ${kind}` : `${type} ${kind}`);
      });
      const [required = [], optional = []] = lists;
      return `${type} ${cell(table, row, 'from')} ${cell(table, row, 'to')}: ${[...required].sort()} / ${[...optional].sort()}`;
    }),
  );
  expect(found.sort()).toEqual(spec.sort());
  expect(found).toHaveLength(66);
});

test('QP-20: bits and ranges of attributes are those of the specification', () => {
  const table = specTable('spec/20-qp.md', 'qp-attributes');
  const spec = table.rows.map((row) => ['attribute', 'bit', 'range'].map((column) => cell(table, row, column)));
  const found = ATTRIBUTE_NAMES.map((name) => {
    const { bit, min, max } = ATTRIBUTES[name];
    return [name, `${bit}`, min === undefined ? (name === 'PATH_MTU' ? '1..5' : '-') : `${min}..${max}`];
  });
  expect(found).toEqual(spec);
});

test('QP-30, QP-31, QP-32, QP-33, QP-34, QP-35: what a state allows is the table of the specification', () => {
  const yes = (on: boolean): string => (on ? 'yes' : 'no');
  const spec = specTable('spec/20-qp.md', 'qp-abilities').rows.map(({ cells }) => Object.values(cells));
  const found = QP_STATES.map((state) => {
    const a = ABILITIES[state];
    const flush = [a.flushSend ? ['send'] : [], a.flushRecv ? ['receive'] : []].flat().join(', ') || '-';
    const abilities = [a.postRecv, a.processRequests, a.postSend, a.processResponses, a.beginWqes, a.continueWqes];
    return [state, ...abilities.map(yes), flush];
  });
  expect(found).toEqual(spec);
});

test('QP-1: a new QP is in RESET', () => {
  expect(unwrap(queryQp(new Lone({ state: 'RESET' }).qp)).qpState).toBe('RESET');
});

describe('QP-2, QP-3, QP-4, QP-5, QP-6, QP-7, QP-8, QP-12: every pair of states', () => {
  test.each(CASES)('QP-12: $type from $from to $to', ({ type, from, to, row }) => {
    const lone = at(type, from);
    if (row === undefined) refused(lone, attrOf(to, []));
    else {
      expect(modifyQp(lone.qp, attrOf(to, row.required))).toEqual({ ok: true, value: undefined });
      expect(lone.state).toBe(to);
    }
  });
});

const TARGETS: readonly { rule: string; to: QpState; from: readonly QpState[] }[] = [
  { rule: 'QP-2', to: 'RESET', from: QP_STATES },
  { rule: 'QP-3', to: 'ERR', from: ['INIT', 'RTR', 'RTS', 'SQD', 'SQE', 'ERR'] },
  { rule: 'QP-4', to: 'INIT', from: ['RESET', 'INIT'] },
  { rule: 'QP-5', to: 'RTR', from: ['INIT'] },
  { rule: 'QP-6', to: 'RTS', from: ['RTR', 'RTS', 'SQD', 'SQE'] },
  { rule: 'QP-7', to: 'SQD', from: ['RTS', 'SQD'] },
  { rule: 'QP-8', to: 'SQE', from: [] },
];
test('QP-2, QP-3, QP-4, QP-5, QP-6, QP-7, QP-8: each state is entered from the states its rule names', () => {
  for (const { to, from } of TARGETS) {
    for (const type of QP_TYPES) {
      const accepted = QP_STATES.filter((each) => {
        const lone = at(type, each);
        return modifyQp(lone.qp, attrOf(to, TRANSITIONS[each][to]?.[type].required ?? [])).ok;
      });
      expect({ to, accepted }).toEqual({ to, accepted: from });
    }
  }
});

test.each(VALID)('QP-12: $type $from to $to needs each required attribute and refuses each foreign one', (each) => {
  const { type, from, to, row } = each;
  for (const name of row.required) {
    refused(
      at(type, from),
      attrOf(
        to,
        row.required.filter((other) => other !== name),
      ),
    );
  }
  const known = [...row.required, ...row.optional, 'STATE', 'CUR_STATE'];
  for (const name of ATTRIBUTE_NAMES) {
    if (!known.includes(name)) refused(at(type, from), attrOf(to, [...row.required, name]));
  }
});

test.each(VALID)(
  'QP-14, QP-16: $type $from to $to takes each optional attribute but those of path migration',
  (each) => {
    const { type, from, to, row } = each;
    for (const name of row.optional) {
      const lone = at(type, from);
      const attr = attrOf(to, [...row.required, name]);
      if (name === 'ALT_PATH' || name === 'PATH_MIG_STATE') refused(lone, attr);
      else expect({ name, ok: modifyQp(lone.qp, attr).ok }).toEqual({ name, ok: true });
    }
  },
);

test('QP-13: a current state that is not the QP’s, or cannot be named, is refused', () => {
  const lone = new Lone();
  refused(lone, { qpState: 'RTS', curQpState: 'SQD' });
  refused(at('RC', 'RTR'), { ...attrOf('RTS', TRANSITIONS.RTR.RTS?.RC.required ?? []), curQpState: 'INIT' });
  expect(modifyQp(lone.qp, { qpState: 'RTS', curQpState: 'RTS' }).ok).toBe(true);
});

test('QP-15: a modify without a state is judged as one to the current state', () => {
  const lone = new Lone();
  expect(modifyQp(lone.qp, { minRnrTimer: 9 }).ok).toBe(true);
  refused(lone, { timeout: 9 });
  expect(unwrap(queryQp(lone.qp))).toMatchObject({ qpState: 'RTS', minRnrTimer: 9 });
});

test('QP-20, QP-21: each attribute outside its range is refused at the very edge', () => {
  for (const name of ATTRIBUTE_NAMES) {
    const { key, min, max } = ATTRIBUTES[name];
    if (min === undefined || max === undefined) continue;
    const [from, to, row] = VALID.map((each) => [each.from, each.to, each.row] as const).find(([, , masks]) =>
      [...masks.required, ...masks.optional].includes(name),
    ) ?? ['RESET', 'RESET', undefined];
    const type = name === 'QKEY' ? 'UD' : 'RC';
    const required = TRANSITIONS[from][to]?.[type].required ?? [];
    expect(row).toBeDefined();
    const value = (n: number): QpAttr => ({ ...attrOf(to, required), [key]: n });
    for (const wrong of [min - 1, max + 1, min + 0.5, Number.NaN]) refused(at(type, from), value(wrong));
    const edges = name === 'PKEY_INDEX' ? [min] : [min, max];
    for (const right of edges) expect(modifyQp(at(type, from).qp, value(right)).ok).toBe(true);
  }
});

test('QP-22: a query gives the PSN expected and the PSN to be assigned next', () => {
  const lone = new Lone();
  lone.recv(1);
  lone.get('RC_SEND_ONLY', 100);
  lone.send({ wrId: 1, opcode: 'SEND' });
  lone.send({ wrId: 2, opcode: 'SEND' });
  expect(unwrap(queryQp(lone.qp))).toMatchObject({ rqPsn: 101, sqPsn: 102 });
});

test('QP-23: the address vector cannot be changed in RTS, but in SQD', () => {
  const lone = new Lone();
  refused(lone, { qpState: 'RTS', ahAttr: { dgid: PEER } });
  unwrap(modifyQp(lone.qp, { qpState: 'SQD' }));
  expect(modifyQp(lone.qp, { qpState: 'SQD', ahAttr: { dgid: PEER } }).ok).toBe(true);
});

test('QP-24: a path MTU above the port’s is refused', () => {
  const lone = new Lone({ state: 'INIT', nic: { limits: { maxMtu: 1024 } } });
  const attr = attrOf('RTR', TRANSITIONS.INIT.RTR?.RC.required ?? []);
  refused(lone, { ...attr, pathMtu: 2048 });
  expect(modifyQp(lone.qp, { ...attr, pathMtu: 1024 }).ok).toBe(true);
});

test('QP-20: what the device limits is refused above it', () => {
  const lone = new Lone({ nic: { limits: { maxQpRdAtom: 3 } }, rtr: { maxDestRdAtomic: 3 }, rts: { maxRdAtomic: 3 } });
  unwrap(modifyQp(lone.qp, { qpState: 'SQD' }));
  for (const more of [{ maxRdAtomic: 4 }, { maxDestRdAtomic: 4 }]) {
    expect(modifyQp(lone.qp, { qpState: 'SQD', ...more })).toMatchObject({ ok: false, error: { errno: 'EINVAL' } });
  }
  expect(unwrap(queryQp(lone.qp))).toMatchObject({ maxRdAtomic: 3, maxDestRdAtomic: 3 });
});

test('QP-12: a key without a value is no bit of the mask and changes nothing, nor does one that means nothing', () => {
  const lone = new Lone();
  const before = unwrap(queryQp(lone.qp));
  const absent: Record<string, unknown> = { minRnrTimer: undefined, timeout: undefined, ahAttr: undefined, colour: 3 };
  unwrap(modifyQp(lone.qp, absent));
  expect(unwrap(queryQp(lone.qp))).toEqual(before);
});
