/** What a consumer knows of one of its connections. */
import type { Qp, SendWr } from '../../impl/index.ts';
import { ADDEND, type PlannedMessage } from './plan.ts';

export type Connection = {
  qp: Qp;
  /** How often it has been connected anew; what follows counts from the start of this life. */
  life: number;
  sends: readonly PlannedMessage[];
  /** What arrives in receives: the SENDs. */
  gets: readonly PlannedMessage[];
  posted: number;
  /** Sends completed, with success and at all; receives likewise. */
  completed: number;
  settled: number;
  received: number;
  taken: number;
  receivesPosted: number;
  /** Messages of the peer executed in lives that are over. */
  readonly executedBefore: number[];
};

/** As much as the consumers need of each other. */
export type Peer = {
  readonly memory: Uint8Array;
  readonly addr: number;
  readonly key: number;
  /** Messages executed on a connection in one of its lives, in order. */
  readonly executed: (connection: number, life: number) => number;
};

export const NOTHING_DONE = { posted: 0, completed: 0, settled: 0, received: 0, taken: 0, receivesPosted: 0 };

export const isSend = ({ op = 'SEND' }: PlannedMessage): boolean => op === 'SEND';

export const connectionOf = (
  qp: Qp,
  sends: readonly PlannedMessage[],
  gets: readonly PlannedMessage[],
): Connection => ({ qp, life: 0, sends, gets: gets.filter(isSend), ...NOTHING_DONE, executedBefore: [] });

/** Whether the QP takes work that is not flushed at once. */
export const isOpen = ({ engine: { state } }: Qp): boolean => state !== 'RESET' && state !== 'ERR';

/** A key of no memory. */
export const NO_KEY = 0xfefe00;

/** Receive completions have this bit in their wrId; below it the number of the message, above it connection and life. */
const RECEIVE = 0x100;
const CONNECTION = 0x200;
const LIFE = 0x2000;

/** Which work request of which connection, in which of its lives. */
type WorkPlace = { readonly life: number; readonly k: number; readonly isReceive: boolean; readonly n: number };

export const wrIdOf = ({ life, k, isReceive, n }: WorkPlace): number =>
  life * LIFE + k * CONNECTION + (isReceive ? RECEIVE : 0) + n;

export const placeOf = (wrId: number): WorkPlace => ({
  life: Math.floor(wrId / LIFE),
  k: Math.floor((wrId % LIFE) / CONNECTION),
  isReceive: (wrId & RECEIVE) !== 0,
  n: wrId % RECEIVE,
});

/** How an end of a connection stands: working, all its work complete, nothing to do because the other end is gone, or over. */
export type Standing = 'WORKING' | 'COMPLETE' | 'IDLE' | 'OVER';

/** @param over nobody connects it anew. */
export const standingOf = ({ qp: { engine }, ...each }: Connection, over: boolean): Standing => {
  const { sends, gets, posted, completed, settled, received, taken, receivesPosted } = each;
  if (engine.state === 'ERR') return over && settled === posted && taken === receivesPosted ? 'OVER' : 'WORKING';
  if (over && (engine.state === 'RESET' || engine.state === 'INIT')) return 'OVER';
  const calm = engine.migration.phase === 'RUNNING' && (engine.type !== 'RC' || engine.resuming === undefined);
  if (!calm) return 'WORKING';
  if (engine.state === 'RTS' && completed === sends.length && received === gets.length) return 'COMPLETE';
  const silent = posted === sends.length || engine.state === 'RTR';
  return over && silent && posted === settled ? 'IDLE' : 'WORKING';
};

type Request = Pick<SendWr, 'wrId' | 'sgList' | 'signaled'>;
type Remote = { readonly remoteAddr: number; readonly rkey: number };

export const requestOf = (
  op: NonNullable<PlannedMessage['op']>,
  wr: Request,
  remote: Remote,
  imm: number | undefined,
): SendWr => {
  switch (op) {
    case 'SEND':
      return imm === undefined ? { ...wr, opcode: 'SEND' } : { ...wr, opcode: 'SEND_WITH_IMM', imm };
    case 'WRITE':
      return { ...wr, ...remote, opcode: 'RDMA_WRITE' };
    case 'READ':
      return { ...wr, ...remote, opcode: 'RDMA_READ' };
    case 'ATOMIC':
      return { ...wr, ...remote, opcode: 'ATOMIC_FETCH_AND_ADD', compareAdd: ADDEND };
  }
};
