/** Where the bytes of a run's messages are, and what they are. */
import type { Side } from '../../model/packet.ts';
import type { Stream } from '../refine/frame.ts';
import type { Run, RunMessage } from './run.ts';

/** A message of the run; all have the same fields. */
export type PlannedMessage = {
  readonly op: NonNullable<RunMessage['op']>;
  readonly bytes: number;
  readonly imm: number | undefined;
  readonly bad: RunMessage['bad'] | undefined;
  /** Offset in the memory of the side that sends it, and of the side that gets it. */
  readonly from: number;
  readonly to: number;
};

export type Plan = {
  readonly connections: number;
  /** By connection. */
  readonly sends: { readonly [side in Side]: readonly (readonly PlannedMessage[])[] };
  /** Bytes that each side sends; its memory has these first, then what it gets. */
  readonly sent: { readonly [side in Side]: number };
};

export const SIDES = ['A', 'B'] as const;
export const otherSide = (side: Side): Side => (side === 'A' ? 'B' : 'A');

/** Bytes of memory of a message: the next one begins where an atomic may. */
const roomOf = (bytes: number): number => Math.ceil(bytes / 8) * 8;

const bytesOf = (messages: readonly (readonly RunMessage[])[]): number =>
  messages.reduce((sum, list) => list.reduce((all, { bytes }) => all + roomOf(bytes), sum), 0);

export const planOf = ({ sends }: Run): Plan => {
  const sent = { A: bytesOf(sends.A.messages), B: bytesOf(sends.B.messages) };
  const connections = Math.max(sends.A.messages.length, sends.B.messages.length);
  const place = (side: Side) => {
    let from = 0;
    let to = sent[otherSide(side)];
    return Array.from({ length: connections }, (_, k) =>
      (sends[side].messages[k] ?? []).map(({ op = 'SEND', bytes, imm, bad }): PlannedMessage => {
        const planned = { op, bytes, imm, bad, from, to };
        from += roomOf(bytes);
        to += roomOf(bytes);
        return planned;
      }),
    );
  };
  return { connections, sends: { A: place('A'), B: place('B') }, sent };
};

const byteAt = (side: Side, i: number): number =>
  (i * 37 + (i >> 8) * 11 + (i >> 16) * 5 + (side === 'A' ? 1 : 128)) & 0xff;

const patterns = { A: new Uint8Array(0), B: new Uint8Array(0) };

/** The first bytes of what a side sends: neighbours differ, and so do packets at any path MTU. */
const pattern = (side: Side, length: number): Uint8Array => {
  if (patterns[side].length < length)
    patterns[side] = Uint8Array.from({ length: 2 * length }, (_, i) => byteAt(side, i));
  return patterns[side].subarray(0, length);
};

/** Memory as it is before a run: what is sent, what a peer will READ; nothing yet where something is to come. */
export const fill = ({ sends, sent }: Plan, side: Side, memory: Uint8Array): void => {
  memory.set(pattern(side, sent[side]));
  memory.fill(0, sent[side]);
  for (const list of sends[side])
    for (const { op, from, bytes } of list)
      if (op === 'READ' || op === 'ATOMIC') memory.fill(op === 'READ' ? 0 : 0xff, from, from + bytes);
  const peer = otherSide(side);
  for (const list of sends[peer])
    for (const { op, from, to, bytes } of list)
      if (op === 'READ') memory.set(pattern(peer, from + bytes).subarray(from), to);
};

const { compare } = Buffer.prototype;

/** Whether `length` bytes are the same; views of them would cost more than to compare them. */
export const isSameAt = (a: Uint8Array, from: number, b: Uint8Array, to: number, length: number): boolean =>
  compare.call(a, b, to, to + length, from, from + length) === 0;

/** Whether bytes are those that a side sends from an offset on. */
const isSent = (side: Side, offset: number, bytes: Uint8Array, at: number, length: number): boolean =>
  isSameAt(bytes, at, pattern(side, offset + length), offset, length);

export const packetsOf = (bytes: number, mtu: number): number => Math.max(1, Math.ceil(bytes / mtu));

/** What one connection carries from a side, as the model reads it: these messages from this PSN on. */
export const streamOf = (
  { mtu }: Run,
  side: Side,
  messages: readonly PlannedMessage[],
  initialPsn: number,
): Stream => ({
  initialPsn,
  works: messages.map(({ op, bytes }) => ({ op, packets: packetsOf(bytes, mtu) })),
  says: (number, offset, { payload, imm }) => {
    const message = messages[number];
    if (message === undefined) return false;
    if (message.op === 'ATOMIC' || (message.op === 'READ' && payload.length === 0)) return payload.length === 0;
    const start = offset * mtu;
    const size = Math.min(mtu, message.bytes - start);
    const isLast = start + size === message.bytes;
    if (payload.length !== size || imm !== (isLast ? message.imm : undefined)) return false;
    return isSent(side, message.from + start, payload, 0, payload.length);
  },
  fails: (number) => messages[number]?.bad === 'at the sender',
  isRefused: (number) => messages[number]?.bad === 'at the peer',
});

/** Whether a message has arrived unharmed, at the end that gets its bytes. */
export const isSame = (memory: Uint8Array, { op, from, to, bytes }: PlannedMessage, sender: Side): boolean => {
  const at = op === 'READ' ? from : to;
  return at + bytes <= memory.length && isSent(sender, from, memory, at, bytes);
};

/** What an atomic adds to the zero that stands where it is to work: executed twice, it leaves another number. */
export const ADDEND = 5n;

/** Whether an atomic found the zero and left its addend, once. */
export const isOnce = (own: Uint8Array, peer: Uint8Array, { from, to }: PlannedMessage): boolean => {
  const word = (memory: Uint8Array, at: number): bigint =>
    new DataView(memory.buffer, memory.byteOffset + at, 8).getBigUint64(0, true);
  return word(own, from) === 0n && word(peer, to) === ADDEND;
};
