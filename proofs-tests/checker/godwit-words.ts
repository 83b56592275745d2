import type { QpContext, Whereabouts } from '../../model/context.ts';
import type { Packet } from '../../model/packet.ts';
import { HERE, PEER } from './vector.ts';

/** This end is in its incarnation 2, the newest of the peer that it knows is 3. */
export const MINE = 2;
export const KNOWN = 3;
export const at = (more: Partial<QpContext> = {}): Partial<QpContext> => ({ epoch: MINE, peerEpoch: KNOWN, ...more });
/** Two packets sent, both unanswered, budgets touched. */
export const busy = { nxt: 2, sent: 2, retries: 1 } as const;
export const calmed = { nxt: 0, retries: 0, spared: 2 } as const;

type Resume = Extract<Packet, { type: 'rx.resume' }>;
type Resumed = Extract<Packet, { type: 'rx.resumed' }>;
export const resume = (epoch: number, more: Partial<Resume> = {}) =>
  ({ type: 'rx.resume', psn: 0, epoch, origin: 5, signed: true, ...more, from: 5 }) as const;
export const resumed = (epoch: number, more: Partial<Resumed> = {}) =>
  ({ type: 'rx.resumed', psn: 15, answers: MINE, epoch, origin: 5, signed: true, ...more, from: 5 }) as const;
export const nakStopped = (epoch: number, signed = true) =>
  ({ type: 'rx.nakStopped', psn: 0, epoch, signed, from: PEER }) as const;
export const request = {
  type: 'rx.request',
  psn: 0,
  op: 'SEND',
  part: 'only',
  psns: 1,
  ackReq: true,
  message: 0,
  from: PEER,
} as const;
export const timeout = (peer: Partial<Whereabouts>) =>
  ({ type: 'ackTimeout', peer: { epoch: KNOWN, at: PEER, moving: false, dead: false, ...peer } }) as const;

export const saysStopped = { type: 'rx.nakStopped', psn: 0, epoch: MINE, signed: true } as const;
export const saysResume = (epoch = MINE) => ({ type: 'rx.resume', psn: 0, epoch, origin: HERE, signed: true }) as const;
export const saysResumed = (answers: number) => ({
  to: 5,
  packet: { type: 'rx.resumed', psn: 15, answers, epoch: MINE, origin: HERE, signed: true } as const,
});

export const STOPPED = { self: 'STOPPED' } as const;
export const RESUMING = { self: 'RESUMING' } as const;
export const TOMBSTONE = { self: 'TOMBSTONE' } as const;
export const GONE = { value: { self: 'GONE' } } as const;
export const PAUSED = { peer: 'PAUSED' } as const;
export const REACHABLE = { peer: 'REACHABLE' } as const;
export const RUNNING = { self: 'RUNNING' } as const;
export const learned = { peerHost: 5, peerEpoch: 4 } as const;
