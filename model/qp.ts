import type { AnyStateMachine } from 'xstate';
import type { QpContext, QpEvent, QpPart } from './context.ts';
import { machineOf } from './machine.ts';
import type { VerbsState } from './verbs.ts';

export const EXTENDED_STATES = ['RESET', 'INIT', 'RTR', 'RTS', 'SQD', 'SQE', 'ERR', 'STOPPED', 'PAUSED'] as const;
export type ExtendedState = (typeof EXTENDED_STATES)[number];

/** The value of a QP machine: verbs state, what migration made of this copy, what it knows of its peer. */
export type QpValue = {
  readonly verbs: VerbsState;
  readonly self: 'RUNNING' | 'RESUMING' | 'STOPPED' | 'TOMBSTONE' | 'GONE';
  readonly peer: 'REACHABLE' | 'PAUSED';
  readonly requester: 'ENGINE';
  readonly responder: 'ENGINE';
};

/** The nine names; undefined once the copy has left or only its tombstone stands. */
export const extendedState = ({ verbs, self, peer }: QpValue): ExtendedState | undefined => {
  if (self === 'GONE' || self === 'TOMBSTONE') return undefined;
  if (self === 'STOPPED') return 'STOPPED';
  return peer === 'PAUSED' ? 'PAUSED' : verbs;
};

/** The QP machine of one protocol: verbs, requester, responder and what the protocol adds. */
export const qpMachine = (parts: readonly QpPart[], context: QpContext): AnyStateMachine =>
  machineOf('qp', parts, context, ['send.error', 'fatal'] satisfies QpEvent['type'][]);
