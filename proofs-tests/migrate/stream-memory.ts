// Owns the layout of a stream's registered memory: all that the application knows lies here, so that a restored
// process goes on from memory alone.

const MAGIC = 0x53575447;
const SLOTS_AT = 256;
/** Behind the slots of messages: the counter, what is written, what is read back, and the mailbox of the other end. */
const ONE_SIDED_SLOTS = 4;

/** Byte offsets of the 32-bit little-endian counters and settings. */
const FIELDS = {
  magic: 0,
  stream: 4,
  direction: 8,
  seed: 12,
  /** Messages this end sends and receives in all. */
  toSend: 16,
  toReceive: 20,
  /** Messages handed to the send queue, and completed. */
  posted: 24,
  completed: 28,
  /** Messages received and judged. */
  received: 32,
  /** Completions with another status than SUCCESS. */
  failed: 36,
  /** Messages that were not the next one, or not what was sent. */
  wrong: 40,
  mtu: 44,
  window: 48,
  depth: 52,
  qpn: 56,
  imm: 60,
  /** 1 if the stream works on the other end's memory too. */
  oneSided: 64,
  /** Rounds of one-sided operations finished, and operations of the present round that have not completed. */
  rounds: 68,
  pending: 72,
  remoteRkey: 76,
} as const;

const BYTES_AT = 80;
const REMOTE_ADDR_AT = 88;
const SENT_CHAIN_AT = 96;
const RECEIVED_CHAIN_AT = 128;
const CHAIN_SIZE = 32;

export type StreamField = keyof typeof FIELDS;

/** What a stream is told when it is made. */
export type StreamSettings = {
  readonly stream: number;
  /** 0 or 1: which end this is; both ends send, and their messages differ. */
  readonly direction: number;
  readonly seed: number;
  readonly messages: number;
  /** Path MTU in bytes; messages are up to four times as long. */
  readonly mtu: number;
  /** Sends outstanding at most. */
  readonly window: number;
  /** Receives posted. */
  readonly depth: number;
  /** 1 if every second message carries immediate data. */
  readonly imm: number;
  /** 1 if the stream also writes, reads and counts in the other end's memory. */
  readonly oneSided: number;
};

/** Longest message of a stream, bytes. */
export const slotSize = (mtu: number): number => 4 * mtu;

/** Bytes of registered memory a stream needs. */
export const streamMemorySize = ({ mtu, window, depth }: StreamSettings): number =>
  SLOTS_AT + (window + depth + ONE_SIDED_SLOTS) * slotSize(mtu);

/** Reads and writes a stream's memory in place; holds nothing itself. */
export class StreamMemory {
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get(field: StreamField): number {
    return this.#view.getUint32(FIELDS[field], true);
  }

  set(field: StreamField, value: number): void {
    this.#view.setUint32(FIELDS[field], value, true);
  }

  add(field: StreamField, amount: number): void {
    this.set(field, this.get(field) + amount);
  }

  /** Payload bytes received; a double counts exactly far beyond any run. */
  get receivedBytes(): number {
    return this.#view.getFloat64(BYTES_AT, true);
  }

  set receivedBytes(value: number) {
    this.#view.setFloat64(BYTES_AT, value, true);
  }

  /** Virtual address of the other end's memory of this stream. */
  get remoteAddr(): number {
    return this.#view.getFloat64(REMOTE_ADDR_AT, true);
  }

  set remoteAddr(value: number) {
    this.#view.setFloat64(REMOTE_ADDR_AT, value, true);
  }

  /** What the other end has counted up in this memory. */
  get counter(): number {
    return Number(this.#view.getBigUint64(this.place('counter'), true));
  }

  /** What the last FETCH_ADD found. */
  get fetched(): number {
    return Number(this.#view.getBigUint64(this.place('counter') + 8, true));
  }

  /** Where the pieces of one-sided work lie, here and at the other end. */
  place(piece: 'counter' | 'written' | 'readBack' | 'mailbox'): number {
    const slots = this.get('window') + this.get('depth') + ['counter', 'written', 'readBack', 'mailbox'].indexOf(piece);
    return SLOTS_AT + slots * slotSize(this.get('mtu'));
  }

  /** The running hash over all messages sent, in order. */
  get sentChain(): Uint8Array {
    return this.bytes.subarray(SENT_CHAIN_AT, SENT_CHAIN_AT + CHAIN_SIZE);
  }

  /** The running hash over all messages received, in order. */
  get receivedChain(): Uint8Array {
    return this.bytes.subarray(RECEIVED_CHAIN_AT, RECEIVED_CHAIN_AT + CHAIN_SIZE);
  }

  /** Offset of the buffer of the nth message sent. */
  sendSlot(n: number): number {
    return SLOTS_AT + (n % this.get('window')) * slotSize(this.get('mtu'));
  }

  /** Offset of the buffer of the nth message received. */
  receiveSlot(n: number): number {
    return SLOTS_AT + (this.get('window') + (n % this.get('depth'))) * slotSize(this.get('mtu'));
  }
}

/** Lays a new stream out in zeroed memory of `streamMemorySize` bytes. */
export const layOut = (bytes: Uint8Array, settings: StreamSettings): StreamMemory => {
  const memory = new StreamMemory(bytes);
  memory.set('magic', MAGIC);
  for (const field of ['stream', 'direction', 'seed', 'mtu', 'window', 'depth', 'imm', 'oneSided'] as const) {
    memory.set(field, settings[field]);
  }
  memory.set('toSend', settings.messages);
  memory.set('toReceive', settings.messages);
  return memory;
};

/** The stream that lives in `bytes`; undefined if none does. */
export const streamIn = (bytes: Uint8Array): StreamMemory | undefined => {
  if (bytes.length < SLOTS_AT) return undefined;
  const memory = new StreamMemory(bytes);
  return memory.get('magic') === MAGIC ? memory : undefined;
};
