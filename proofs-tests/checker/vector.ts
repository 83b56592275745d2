import { isDeepStrictEqual } from 'node:util';
import { type AnyMachineSnapshot, type AnyStateMachine, transition } from 'xstate';
import type { Bounds } from '../../model/bounds.ts';
import type { QpContext, QpEvent } from '../../model/context.ts';
import { connected } from '../../model/initial.ts';
import type { Host, Packet, Transmit } from '../../model/packet.ts';
import type { Protocol } from '../../model/protocol.ts';
import { type QpValue, qpMachine } from '../../model/qp.ts';
import type { Work } from '../../model/workload.ts';
import { partsOf } from './machines.ts';

/** One sentence of a chapter as a step of one QP: where it stands, what it is told, what is then different. */
export type Vector = {
  readonly rule: string;
  readonly says: string;
  /** Differences from a QP in RTS, RUNNING, with nothing sent or received. */
  readonly value?: Partial<QpValue>;
  readonly context?: Partial<QpContext>;
  readonly event: QpEvent;
  /** Everything that the step changes; what is not here stays as it was. */
  readonly changes?: { readonly value?: Partial<QpValue>; readonly context?: Partial<QpContext> };
  /** Everything it sends, in order. */
  readonly sends?: readonly (Packet | { readonly to: Host; readonly packet: Packet })[];
};

export const [HERE, PEER, ELSEWHERE] = [0, 1, 7];

/** PSNs count modulo 16 from 0. One PSN for each of 0 SEND; 1, 2, 3 WRITE; 4, 5 READ; 6 ATOMIC; 7 SEND. */
const WORK: readonly Work[] = [
  { op: 'SEND', packets: 1 },
  { op: 'WRITE', packets: 3 },
  { op: 'READ', packets: 2 },
  { op: 'ATOMIC', packets: 1 },
  { op: 'SEND', packets: 1 },
];
const BOUNDS: Bounds = {
  psnModulus: 16,
  initialPsn: 0,
  window: 4,
  retryCnt: 2,
  rnrRetry: 1,
  sourceCheck: true,
  responderResources: 1,
};

const STANDS = {
  verbs: 'RTS',
  self: 'RUNNING',
  peer: 'REACHABLE',
  requester: 'ENGINE',
  responder: 'ENGINE',
} as const satisfies QpValue;

/** The first state that a machine does not have, as another protocol's machine has it. */
export const absent = ({ states }: AnyStateMachine, value: { readonly [region: string]: string }): string | undefined =>
  Object.entries(value)
    .map(([region, state]) => (states[region]?.states[state] ? undefined : `no state ${region}.${state}`))
    .find((missing) => missing !== undefined);

/** Tells vectors from what a protocol's QP does. One machine serves them all. */
export const vectorsOf = (protocol: Protocol) => {
  const machine = qpMachine(partsOf(protocol, BOUNDS, WORK, true), connected(HERE, PEER, 4));
  const addressed = (out: NonNullable<Vector['sends']>[number]) => ('packet' in out ? out : { to: PEER, packet: out });
  /** What is not as the vector says; undefined where all is. */
  return ({ value = {}, context = {}, event, changes = {}, sends = [] }: Vector): string | undefined => {
    const before = { value: { ...STANDS, ...value }, context: { ...connected(HERE, PEER, 4), ...context } };
    const missing = absent(machine, before.value);
    if (missing !== undefined) return missing;
    const from: AnyMachineSnapshot = machine.resolveState(before as never);
    const [after, actions] = transition(machine, from, event);
    const sent = actions.flatMap(({ type, params }: { type: string; params?: unknown }) =>
      type === 'output' ? [params as Transmit] : [],
    );
    const packets = sent.map(({ to, packet }) => ({ to, packet }));
    if (!isDeepStrictEqual(after.value, { ...before.value, ...changes.value })) return JSON.stringify(after.value);
    const due: object = { ...before.context, ...changes.context };
    const wrong = Object.keys(due).filter((key) => !isDeepStrictEqual(after.context[key], Reflect.get(due, key)));
    if (wrong.length > 0) return wrong.map((key) => `${key} is ${JSON.stringify(after.context[key])}`).join(', ');
    return isDeepStrictEqual(packets, sends.map(addressed)) ? undefined : `sends ${JSON.stringify(packets)}`;
  };
};
