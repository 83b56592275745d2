/** Where the bytes of a run's messages are, and what they are. */
import type { Side } from '../../model/packet.ts';
import type { Stream } from '../refine/frame.ts';
import type { Run, RunMessage } from './run.ts';

export type PlannedMessage = RunMessage & {
  /** Offset in the memory of the side that sends it, and of the side that gets it. */
  readonly from: number;
  readonly to: number;
};

export type Plan = {
  readonly connections: number;
  /** By connection. */
  readonly sends: { readonly [side in Side]: readonly (readonly PlannedMessage[])[] };
  /** Bytes of memory: first what a side sends, then what it gets. */
  readonly memory: { readonly [side in Side]: number };
};

export const SIDES = ['A', 'B'] as const;
export const otherSide = (side: Side): Side => (side === 'A' ? 'B' : 'A');

const bytesOf = (messages: readonly (readonly RunMessage[])[]): number =>
  messages.reduce((sum, list) => list.reduce((all, { bytes }) => all + bytes, sum), 0);

export const planOf = ({ sends }: Run): Plan => {
  const sent = { A: bytesOf(sends.A.messages), B: bytesOf(sends.B.messages) };
  const connections = Math.max(sends.A.messages.length, sends.B.messages.length);
  const place = (side: Side) => {
    let from = 0;
    let to = sent[otherSide(side)];
    return Array.from({ length: connections }, (_, k) =>
      (sends[side].messages[k] ?? []).map((message): PlannedMessage => {
        const planned = { ...message, from, to };
        from += message.bytes;
        to += message.bytes;
        return planned;
      }),
    );
  };
  const total = sent.A + sent.B;
  return { connections, sends: { A: place('A'), B: place('B') }, memory: { A: total, B: total } };
};

/** Byte `i` of what a side sends: neighbours differ, and so do packets at any path MTU. */
export const byteAt = (side: Side, i: number): number =>
  (i * 37 + (i >> 8) * 11 + (i >> 16) * 5 + (side === 'A' ? 1 : 128)) & 0xff;

export const fill = (plan: Plan, side: Side, bytes: Uint8Array): void => {
  const end = plan.sends[side].reduce((sum, list) => list.reduce((all, message) => all + message.bytes, sum), 0);
  for (let i = 0; i < end; i += 1) bytes[i] = byteAt(side, i);
};

export const packetsOf = (bytes: number, mtu: number): number => Math.max(1, Math.ceil(bytes / mtu));

/** What one connection carries from a side, as the model reads it. */
export const streamOf = (run: Run, plan: Plan, side: Side, connection: number): Stream => {
  const messages = plan.sends[side][connection] ?? [];
  return {
    initialPsn: run.sends[side].firstPsn,
    works: messages.map(({ bytes }) => ({ op: 'SEND', packets: packetsOf(bytes, run.mtu) })),
    says: (number, offset, { payload, imm }) => {
      const message = messages[number];
      if (message === undefined) return false;
      const start = offset * run.mtu;
      const size = Math.min(run.mtu, message.bytes - start);
      const isLast = start + size === message.bytes;
      if (payload.length !== size || imm !== (isLast ? message.imm : undefined)) return false;
      for (let i = 0; i < size; i += 1) if (payload[i] !== byteAt(side, message.from + start + i)) return false;
      return true;
    },
  };
};

/** Whether a message has arrived unharmed. */
export const isSame = (bytes: Uint8Array, { from, to, bytes: length }: PlannedMessage, sender: Side): boolean => {
  for (let i = 0; i < length; i += 1) if (bytes[to + i] !== byteAt(sender, from + i)) return false;
  return true;
};
