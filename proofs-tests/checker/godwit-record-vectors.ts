/** Chapter 50, part B: who asks the record and hears later. */
import type { QpContext, QpEvent, Whereabouts } from '../../model/context.ts';
import {
  at,
  busy,
  calmed,
  KNOWN,
  learned,
  PAUSED,
  REACHABLE,
  RESUMING,
  RUNNING,
  STOPPED,
  saysResume,
} from './godwit-words.ts';
import { PEER, type Vector } from './vector.ts';

const nothingNew: Whereabouts = { epoch: KNOWN, at: PEER, moving: false, dead: false };
const says = (what: Partial<Whereabouts>): Whereabouts => ({ ...nothingNew, ...what });
const NEWER = { epoch: 4, at: 5 } as const;

/** The timer, and what the record says when it is asked then. */
const asks = (what: Partial<Whereabouts>): QpEvent => ({ type: 'ackTimeout', peer: says(what), later: true });
const ANSWER: QpEvent = { type: 'record.answer' };
/** The question was asked with so much acknowledged. */
const asked = (what: Partial<Whereabouts>, una = 0) => ({ asked: [{ una, ...says(what) }] }) as const;
const HEARD = { asked: [] } as const;

const spent = (more: Partial<QpContext> = {}): Partial<QpContext> => at({ ...busy, retries: 2, ...more });

const asking: readonly Vector[] = [
  {
    rule: 'MIG-47',
    says: 'a spent budget asks the record, and changes nothing until it answers',
    context: spent(),
    event: asks(NEWER),
    changes: { context: asked(NEWER) },
  },
  {
    rule: 'MIG-52',
    says: 'it asks one question at a time',
    context: spent(asked({ moving: true })),
    event: asks(NEWER),
  },
  {
    rule: 'MIG-47',
    says: 'a budget that is not spent asks nobody',
    context: at(busy),
    event: asks(NEWER),
    changes: { context: { nxt: 0, retries: 2 } },
  },
  { rule: 'RC-40', says: 'nor does a QP without a timer', context: at({ retries: 2 }), event: asks(NEWER) },
  ...[{}, { dead: true }].map((what) => ({
    rule: 'MIG-47',
    says: 'a PAUSED QP asks',
    value: PAUSED,
    context: at(busy),
    event: asks(what),
    changes: { context: asked(what) },
  })),
  {
    rule: 'MIG-52',
    says: 'a PAUSED QP asks one question at a time',
    value: PAUSED,
    context: at({ ...busy, ...asked({}) }),
    event: asks(NEWER),
  },
  { rule: 'MIG-3', says: 'a STOPPED QP asks nobody', value: { ...PAUSED, ...STOPPED }, context: at(), event: asks({}) },
  { rule: 'MIG-3', says: 'PAUSED or not', value: STOPPED, context: at(), event: asks({}) },
  ...([REACHABLE, PAUSED] as const).map((value) => ({
    rule: 'MIG-47',
    says: `a QP whose resume is unanswered asks, and repeats it (${value.peer})`,
    value: { ...RESUMING, ...value },
    context: at(),
    event: asks(NEWER),
    changes: { context: asked(NEWER) },
    sends: [saysResume()],
  })),
  {
    rule: 'MIG-52',
    says: 'one question at a time',
    value: RESUMING,
    context: at(asked({})),
    event: asks(NEWER),
    sends: [saysResume()],
  },
];

const givingUp: readonly Vector[] = [
  {
    rule: 'MIG-47',
    says: 'the answer tells where to go',
    context: spent(asked(NEWER)),
    event: ANSWER,
    changes: { context: { ...calmed, ...learned, ...HEARD } },
  },
  {
    rule: 'MIG-47',
    says: 'or to wait',
    context: spent(asked({ moving: true })),
    event: ANSWER,
    changes: { value: PAUSED, context: { ...calmed, ...HEARD } },
  },
  ...[{}, { dead: true }].map((what) => ({
    rule: 'RC-31',
    says: 'or to give up',
    context: spent(asked(what)),
    event: ANSWER,
    changes: { value: { verbs: 'ERR' }, context: HEARD } as const,
  })),
  ...[{}, NEWER, { moving: true }].flatMap((what): readonly Vector[] => [
    {
      rule: 'MIG-52',
      says: 'a budget that is spent no more has overtaken the question',
      context: at({ ...busy, ...asked(what) }),
      event: ANSWER,
      changes: { context: HEARD },
    },
    {
      rule: 'MIG-52',
      says: 'so has an acknowledgement, also where the budget is spent again',
      context: at({ una: 1, nxt: 2, sent: 2, retries: 2, ...asked(what) }),
      event: ANSWER,
      changes: { context: HEARD },
    },
    {
      rule: 'RC-40',
      says: 'nothing is outstanding any more',
      context: at({ retries: 2, ...asked(what) }),
      event: ANSWER,
      changes: { context: HEARD },
    },
    {
      rule: 'MIG-3',
      says: 'no answer finds a STOPPED QP',
      value: STOPPED,
      context: spent(asked(what)),
      event: ANSWER,
    },
  ]),
  { rule: 'MIG-52', says: 'nobody has asked', context: spent(), event: ANSWER },
];

const waiting: readonly Vector[] = [
  {
    rule: 'MIG-47',
    says: 'a PAUSED QP goes where the answer says',
    value: PAUSED,
    context: at({ ...busy, ...asked(NEWER) }),
    event: ANSWER,
    changes: { value: REACHABLE, context: { ...calmed, ...learned, ...HEARD } },
  },
  {
    rule: 'MIG-46',
    says: 'or stops waiting',
    value: PAUSED,
    context: at({ ...busy, ...asked({ dead: true }) }),
    event: ANSWER,
    changes: { value: REACHABLE, context: { ...calmed, ...HEARD } },
  },
  ...[{}, { moving: true }].map((what) => ({
    rule: 'MIG-47',
    says: 'or waits on',
    value: PAUSED,
    context: at({ ...busy, ...asked(what) }),
    event: ANSWER,
    changes: { context: HEARD },
  })),
  ...[NEWER, { dead: true }].map((what) => ({
    rule: 'MIG-3',
    says: 'no answer finds a STOPPED QP, PAUSED or not',
    value: { ...PAUSED, ...STOPPED },
    context: at({ ...busy, ...asked(what) }),
    event: ANSWER,
  })),
  {
    rule: 'MIG-47',
    says: 'a QP whose resume is unanswered sends it where the answer says',
    value: RESUMING,
    context: at(asked(NEWER)),
    event: ANSWER,
    changes: { context: { ...learned, ...HEARD } },
    sends: [{ to: 5, packet: saysResume() }],
  },
  {
    rule: 'MIG-46',
    says: 'or stops waiting',
    value: RESUMING,
    context: at(asked({ dead: true })),
    event: ANSWER,
    changes: { value: RUNNING, context: HEARD },
  },
  {
    rule: 'MIG-40',
    says: 'or waits on, and repeats nothing',
    value: RESUMING,
    context: at(asked({ moving: true })),
    event: ANSWER,
    changes: { context: HEARD },
  },
  { rule: 'MIG-52', says: 'nobody has asked', value: PAUSED, context: at(busy), event: ANSWER },
];

export const GODWIT_RECORD_VECTORS: readonly Vector[] = [...asking, ...givingUp, ...waiting];
