// Owns the messages of the stream application: numbered, hashed, of sizes around the path MTU, in registered memory.
import { createHash } from 'node:crypto';
import { chance, subSeed } from '../../impl/udp/chance.ts';
import { type StreamMemory, slotSize } from './stream-memory.ts';

// number, length, stream, direction: 32-bit little-endian; then 16 bytes of SHA-256 over these and the rest.
const HASH_AT = 16;
const HASH_SIZE = 16;
const BODY_AT = HASH_AT + HASH_SIZE;

const ROUND_CONCERN = 7;

/** What one message is: a function of the run's seed, the stream, the direction and the message's number. */
type MessageKey = {
  readonly seed: number;
  readonly stream: number;
  readonly direction: number;
  readonly number: number;
};

const generator = ({ seed, stream, direction, number }: MessageKey): (() => number) =>
  chance(subSeed(subSeed(seed, stream * 2 + direction), number));

/** Half of all sizes sit on an MTU boundary or one byte beside it, where segmentation goes wrong if it does. */
const sizeOf = (random: () => number, mtu: number): number => {
  const most = slotSize(mtu);
  const edge = Math.ceil(random() * 4) * mtu + Math.floor(random() * 3) - 1;
  const size = random() < 0.5 ? edge : Math.floor(random() * most);
  return Math.min(most, Math.max(BODY_AT, size));
};

const hashOf = (message: Uint8Array): Uint8Array =>
  createHash('sha256').update(message.subarray(0, HASH_AT)).update(message.subarray(BODY_AT)).digest().subarray(0, 16);

const extend = (chain: Uint8Array, hash: Uint8Array): void => {
  chain.set(createHash('sha256').update(chain).update(hash).digest());
};

const fill = (body: Uint8Array, random: () => number): void => {
  let word = Math.floor(random() * 2 ** 32) | 1;
  for (let i = 0; i < body.length; i++) {
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    body[i] = word;
  }
};

/** Writes the nth message into its send slot and extends the sent chain; returns its length in bytes. */
export const compose = (memory: StreamMemory, number: number): number => {
  const [stream, direction, seed, mtu] = [
    memory.get('stream'),
    memory.get('direction'),
    memory.get('seed'),
    memory.get('mtu'),
  ];
  const random = generator({ seed, stream, direction, number });
  const length = sizeOf(random, mtu);
  const at = memory.sendSlot(number);
  const message = memory.bytes.subarray(at, at + length);
  const view = new DataView(message.buffer, message.byteOffset, length);
  view.setUint32(0, number, true);
  view.setUint32(4, length, true);
  view.setUint32(8, stream, true);
  view.setUint32(12, direction, true);
  fill(message.subarray(BODY_AT), random);
  const hash = hashOf(message);
  message.set(hash, HASH_AT);
  extend(memory.sentChain, hash);
  return length;
};

/** Writes what the present round puts into the other end's mailbox; returns its length in bytes. */
export const composeRound = (memory: StreamMemory): number => {
  const [seed, stream, direction] = [memory.get('seed'), memory.get('stream'), memory.get('direction')];
  const random = generator({ seed: subSeed(seed, ROUND_CONCERN), stream, direction, number: memory.get('rounds') });
  const length = sizeOf(random, memory.get('mtu'));
  const at = memory.place('written');
  fill(memory.bytes.subarray(at, at + length), random);
  return length;
};

/** What arrived in the receive slot of the nth message: 'right', or what is wrong with it. */
export type Judgement = 'right' | 'length' | 'stream' | 'number' | 'hash';

/** Judges the bytes in the memory of the nth receive, and extends the received chain by what is really there. */
export const judge = (memory: StreamMemory, number: number, byteLen: number): Judgement => {
  const at = memory.receiveSlot(number);
  if (byteLen < BODY_AT || byteLen > slotSize(memory.get('mtu'))) return 'length';
  const message = memory.bytes.subarray(at, at + byteLen);
  const view = new DataView(message.buffer, message.byteOffset, byteLen);
  const hash = hashOf(message);
  extend(memory.receivedChain, hash);
  if (view.getUint32(4, true) !== byteLen) return 'length';
  if (view.getUint32(8, true) !== memory.get('stream')) return 'stream';
  if (view.getUint32(12, true) !== 1 - memory.get('direction')) return 'stream';
  if (view.getUint32(0, true) !== number) return 'number';
  return hash.every((byte, i) => message[HASH_AT + i] === byte) ? 'right' : 'hash';
};
