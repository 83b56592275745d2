/** What a consumer knows of one of its connections. */
import type { Qp, SendWr, Sge, WorkCompletion } from '../../impl/index.ts';
import type { Side } from '../../model/packet.ts';
import { ADDEND, isSame, type PlannedMessage } from './plan.ts';

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
  /** It is another after a migration. */
  readonly memory: () => Uint8Array;
  readonly addr: number;
  readonly key: number;
  /** Messages executed on a connection in one of its lives, in order. */
  readonly executed: (connection: number, life: number) => number;
};

export const NOTHING_DONE = { posted: 0, completed: 0, settled: 0, received: 0, taken: 0, receivesPosted: 0 };

export const isSend = ({ op }: PlannedMessage): boolean => op === 'SEND';

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

export const wrIdOf = (life: number, k: number, isReceive: boolean, n: number): number =>
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
export const standingOf = (connection: Connection, over: boolean): Standing => {
  const { sends, gets, posted, completed, settled, received, taken, receivesPosted } = connection;
  const { engine } = connection.qp;
  if (engine.state === 'ERR') return over && settled === posted && taken === receivesPosted ? 'OVER' : 'WORKING';
  if (over && (engine.state === 'RESET' || engine.state === 'INIT')) return 'OVER';
  const calm = engine.migration.phase === 'RUNNING' && (engine.type !== 'RC' || engine.resuming === undefined);
  if (!calm) return 'WORKING';
  if (engine.state === 'RTS' && completed === sends.length && received === gets.length) return 'COMPLETE';
  const silent = posted === sends.length || engine.state === 'RTR';
  return over && silent && posted === settled ? 'IDLE' : 'WORKING';
};

/** The work request of a message; written out by kind, for to spread one into another is what posting would cost most. */
export const requestOf = (
  { op, imm }: PlannedMessage,
  wrId: number,
  sgList: readonly Sge[],
  remoteAddr: number,
  rkey: number,
): SendWr => {
  switch (op) {
    case 'SEND':
      return imm === undefined
        ? { opcode: 'SEND', wrId, sgList, signaled: true }
        : { opcode: 'SEND_WITH_IMM', wrId, sgList, signaled: true, imm };
    case 'WRITE':
      return { opcode: 'RDMA_WRITE', wrId, sgList, signaled: true, remoteAddr, rkey };
    case 'READ':
      return { opcode: 'RDMA_READ', wrId, sgList, signaled: true, remoteAddr, rkey };
    case 'ATOMIC':
      return { opcode: 'ATOMIC_FETCH_AND_ADD', wrId, sgList, signaled: true, remoteAddr, rkey, compareAdd: ADDEND };
  }
};

/** What is wrong with a message that has arrived as receive `n`. @param memory of the receiver. */
export const mistakeIn = (
  { gets }: Connection,
  n: number,
  { byteLen, imm }: WorkCompletion,
  memory: Uint8Array,
  sender: Side,
): string | undefined => {
  const message = gets[n];
  if (message === undefined) return `receive ${n} completed, which nobody has posted`;
  if (byteLen !== message.bytes) return `message ${n} has ${byteLen} of ${message.bytes} bytes`;
  if (imm !== message.imm) return `message ${n} has immediate data ${imm}, not ${message.imm}`;
  return isSame(memory, message, sender) ? undefined : `message ${n} has other bytes`;
};
