import { type AnyMachineSnapshot, transition } from 'xstate';
import type { Bounds } from '../../model/bounds.ts';
import type { QpContext, QpEvent, QpType } from '../../model/context.ts';
import { connected } from '../../model/initial.ts';
import type { Taken } from '../../model/machine.ts';
import type { Protocol } from '../../model/protocol.ts';
import { type ExtendedState, extendedState, type QpValue, qpMachine } from '../../model/qp.ts';
import { VERBS_STATES, type VerbsState } from '../../model/verbs.ts';
import { partsOf } from './machines.ts';

/** One QP by itself: no peer, no network; what it may be told and what it then does. */
export const BOUNDS: Bounds = {
  psnModulus: 16,
  initialPsn: 0,
  window: 4,
  retryCnt: null,
  rnrRetry: null,
  sourceCheck: true,
  responderResources: 1,
};
const WORK = [{ op: 'SEND', packets: 3 }] as const;
const [HERE, PEER] = [0, 1];

export const QP_TYPES = ['RC', 'UC', 'UD'] as const satisfies readonly QpType[];

/** The event that asks for a state; only the device enters SQE. */
const ASKS: { readonly [to in VerbsState]?: QpEvent['type'] } = {
  RESET: 'modify.reset',
  INIT: 'modify.init',
  RTR: 'modify.rtr',
  RTS: 'modify.rts',
  SQD: 'modify.sqd',
  ERR: 'modify.err',
};

export type Step = { readonly value: QpValue; readonly context: QpContext; readonly taken: readonly Taken[] };

/** A QP of one type under a protocol, ready to be put in any state and told any event. */
export const soloOf = (protocol: Protocol, qpType: QpType) => {
  const machine = qpMachine(partsOf(protocol, BOUNDS, WORK, true), connected(HERE, PEER, 1));
  const start: QpContext = { ...connected(HERE, PEER, 1), qpType };
  const at = (value: Partial<QpValue>, context: Partial<QpContext> = {}): AnyMachineSnapshot =>
    machine.resolveState({
      value: {
        verbs: 'RESET',
        self: 'RUNNING',
        peer: 'REACHABLE',
        requester: 'ENGINE',
        responder: 'ENGINE',
        ...value,
      } as never,
      context: { ...start, ...context },
    });
  const step = (from: AnyMachineSnapshot, event: QpEvent): Step & { readonly after: AnyMachineSnapshot } => {
    const [after, actions] = transition(machine, from, event);
    const taken = actions.flatMap(({ type, params }: { type: string; params?: unknown }) =>
      type === 'taken' ? [params as Taken] : [],
    );
    return { after, value: after.value, context: after.context, taken };
  };
  return { at, step };
};

export type Solo = ReturnType<typeof soloOf>;

/** One cell: whether a modify is accepted, and where the QP then is. */
export type Cell = {
  readonly from: VerbsState;
  readonly to: VerbsState;
  readonly accepted: boolean;
  readonly reached: VerbsState;
  readonly rules: readonly string[];
};

/** All 49 cells of modify, for a copy that is what `self` and `peer` say. A refused event takes no edge. */
export const modifyMatrix = ({ at, step }: Solo, where: Partial<QpValue> = {}): readonly Cell[] =>
  VERBS_STATES.flatMap((from) =>
    VERBS_STATES.map((to): Cell => {
      const type = ASKS[to];
      if (type === undefined) return { from, to, accepted: false, reached: from, rules: [] };
      const { value, taken } = step(at({ ...where, verbs: from }), { type } as QpEvent);
      const own = taken.filter(({ edge }) => edge.startsWith('verbs.'));
      return { from, to, accepted: own.length > 0, reached: value.verbs, rules: own.flatMap(({ rules }) => rules) };
    }),
  );

const REQUEST: QpEvent = {
  type: 'rx.request',
  psn: 0,
  op: 'SEND',
  part: 'only',
  psns: 1,
  ackReq: true,
  message: 0,
  from: PEER,
};
const ACK: QpEvent = { type: 'rx.ack', psn: 1, from: PEER };

/** What a state allows, in the columns of the table qp-abilities. */
export const ABILITIES = {
  'post receive': ({ at, step }: Solo, verbs: VerbsState) =>
    step(at({ verbs }), { type: 'post.receive' }).context.receives === 2,
  'process requests': ({ at, step }: Solo, verbs: VerbsState) => step(at({ verbs }), REQUEST).context.expected === 1,
  'process responses': ({ at, step }: Solo, verbs: VerbsState) =>
    step(at({ verbs }, { nxt: 2, sent: 2 }), ACK).context.una === 2,
  'begin WQEs': ({ at, step }: Solo, verbs: VerbsState) => step(at({ verbs }), { type: 'transmit' }).context.nxt === 1,
  'continue WQEs': ({ at, step }: Solo, verbs: VerbsState) =>
    step(at({ verbs }, { nxt: 1, sent: 1 }), { type: 'transmit' }).context.nxt === 2,
} as const;
export type Ability = keyof typeof ABILITIES;

const TOLD: readonly QpEvent[] = [
  ...Object.values(ASKS).map((type) => ({ type }) as QpEvent),
  { type: 'send.error' },
  { type: 'fatal' },
  { type: 'stop' },
  { type: 'transmit' },
  { type: 'rx.nakStopped', psn: 0, epoch: 0, signed: true, from: PEER },
];

/** What a QP by itself can be brought to from RESET. */
export type Explored = {
  readonly names: ReadonlySet<ExtendedState>;
  /** States by region, and edges taken on the way, as coverage has them. */
  readonly states: ReadonlySet<string>;
  readonly taken: ReadonlySet<string>;
};

export const explored = (protocol: Protocol, qpType: QpType): Explored => {
  const { at, step } = soloOf(protocol, qpType);
  const first = at({});
  const known = new Set([JSON.stringify([first.value, first.context])]);
  const queue = [first];
  const names = new Set<ExtendedState>();
  const states = new Set<string>();
  const edges = new Set<string>();
  for (const from of queue) {
    const name = extendedState(from.value);
    if (name) names.add(name);
    for (const [region, state] of Object.entries(from.value)) states.add(`${region}.${state}`);
    for (const event of TOLD) {
      const { after, taken } = step(from, event);
      for (const { edge } of taken) edges.add(edge);
      const key = JSON.stringify([after.value, after.context]);
      if (known.has(key)) continue;
      known.add(key);
      queue.push(after);
    }
  }
  return { names, states, taken: edges };
};
