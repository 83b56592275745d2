import type { QpPart } from './context.ts';
import { UNUSED } from './initial.ts';
import type { Edge, Region } from './part.ts';

/** The seven states that verbs show, and the two that live migration lays beneath (design, section 2). */
export const VERBS_STATES = ['RESET', 'INIT', 'RTR', 'RTS', 'SQD', 'SQE', 'ERR'] as const;
export type VerbsState = (typeof VERBS_STATES)[number];

const to = (target: VerbsState, rule: string, ...when: string[]): readonly Edge[] => [
  { target, when: ['verbs.consumer', ...when], rule },
];
const reset = {
  'modify.reset': [{ target: 'RESET', when: ['verbs.consumer'], do: ['clear'], rule: 'QP-2', keeps: ['QP-42'] }],
};
const live = { ...reset, 'modify.err': to('ERR', 'QP-3') };
const failsWhole: readonly Edge[] = [{ target: 'ERR', when: ['type.isRc'], rule: 'QP-11' }];
const failsSend: readonly Edge[] = [
  { target: 'ERR', when: ['type.isRc'], rule: 'QP-9' },
  { target: 'SQE', rule: 'QP-10' },
];
const failing = { fatal: failsWhole, 'send.error': failsSend };

/** Chapter 20: who may go where. Attribute masks are data of the table, compared elsewhere. */
const region: Region = {
  initial: 'RESET',
  states: {
    RESET: { ...reset, 'modify.init': to('INIT', 'QP-4') },
    INIT: { ...live, 'modify.init': to('INIT', 'QP-4'), 'modify.rtr': to('RTR', 'QP-5') },
    RTR: { ...live, 'modify.rts': to('RTS', 'QP-6'), fatal: failsWhole },
    RTS: { ...live, 'modify.rts': to('RTS', 'QP-6'), 'modify.sqd': to('SQD', 'QP-7'), ...failing },
    SQD: {
      ...live,
      'modify.rts': to('RTS', 'QP-6', 'queue.drained').map((edge) => ({ ...edge, keeps: ['QP-37'] })),
      'modify.sqd': to('SQD', 'QP-7', 'queue.drained'),
      ...failing,
    },
    SQE: { ...live, 'modify.rts': to('RTS', 'QP-6') },
    ERR: { ...reset, 'modify.err': to('ERR', 'QP-3') },
  },
};

type Events = { readonly [event: string]: readonly Edge[] };

/** What another region does where this one goes to RESET. */
export const onReset = (target: string, rule: string, ...when: readonly string[]): Events => ({
  'modify.reset': [{ target, when, rule }],
});

/** What another region does where this one goes to ERR. */
export const onError = (target: string, rule: string, ...when: readonly string[]): Events => ({
  'modify.err': [{ target, when, rule }],
  'send.error': [{ target, when: ['verbs.sending'], rule }],
  fatal: [{ target, when: ['verbs.failing'], rule }],
});

export const verbs: QpPart = {
  regions: { verbs: region },
  guards: {
    'type.isRc': ({ context }) => context.qpType === 'RC',
    'verbs.sending': { any: ['verbs.RTS', 'verbs.SQD'] },
    'verbs.failing': { any: ['verbs.RTR', 'verbs.RTS', 'verbs.SQD'] },
    'verbs.responding': { any: ['verbs.RTR', 'verbs.RTS', 'verbs.SQD', 'verbs.SQE'] },
    'verbs.postReceive': { all: ['!verbs.RESET', 'verbs.consumer'] },
  },
  updates: {
    clear: () => ({ ...UNUSED, receives: 0 }),
  },
  sends: {},
};
