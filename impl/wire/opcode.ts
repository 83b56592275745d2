// Owns the opcode table: for each opcode its number, headers and what an engine needs to know of it. Chapter 10.
import { bth, EXTENSION_HEADERS, type HeaderName } from './headers.ts';
import type { PayloadRule } from './payload-rule.ts';

export type Service = 'RC' | 'UC' | 'UD' | 'CNP';

export type Operation =
  | 'SEND'
  | 'WRITE'
  | 'READ_REQUEST'
  | 'READ_RESPONSE'
  | 'ACKNOWLEDGE'
  | 'ATOMIC_ACKNOWLEDGE'
  | 'COMPARE_SWAP'
  | 'FETCH_ADD'
  | 'FLUSH'
  | 'ATOMIC_WRITE'
  | 'RESUME'
  /** An RC opcode to which nobody has given a meaning: the responder refuses it. */
  | 'RESERVED'
  | 'CNP';

/** What is known of an opcode without a packet. */
export type OpcodeInfo = {
  /** The byte on the wire. */
  readonly value: number;
  readonly service: Service;
  readonly operation: Operation;
  /** Place of the packet in its message. */
  readonly position: 'FIRST' | 'MIDDLE' | 'LAST' | 'ONLY';
  /** Whether the packet begins its message: FIRST or ONLY. */
  readonly starts: boolean;
  /** Whether the packet ends its message: LAST or ONLY. */
  readonly ends: boolean;
  /** Who handles it at the receiver: responder, completer, or neither (CNP). */
  readonly role: 'request' | 'response' | 'notification';
  /** Whether a responder answers it: RC requests. */
  readonly ackable: boolean;
  /** Extension headers in the order in which they follow the BTH. */
  readonly headers: readonly HeaderName[];
  /** Where each extension header begins, in bytes from the BTH; 0 if the opcode has none. */
  readonly offsets: Readonly<Record<HeaderName, number>>;
  /** Bytes of BTH and extension headers. */
  readonly headerBytes: number;
  readonly payload: PayloadRule;
};

type Position = OpcodeInfo['position'];

const row =
  (service: Service, role: OpcodeInfo['role']) =>
  (
    value: number,
    operation: Operation,
    position: Position,
    payload: PayloadRule,
    ...headers: HeaderName[]
  ): OpcodeInfo => ({
    value,
    service,
    operation,
    position,
    starts: position === 'FIRST' || position === 'ONLY',
    ends: position === 'LAST' || position === 'ONLY',
    role,
    ackable: service === 'RC' && role === 'request',
    headers,
    ...place(headers),
    payload,
  });

const place = (headers: readonly HeaderName[]): Pick<OpcodeInfo, 'offsets' | 'headerBytes'> => {
  const offsets = { RETH: 0, AETH: 0, DETH: 0, AtomicETH: 0, AtomicAckETH: 0, ImmDt: 0, IETH: 0, FETH: 0 };
  let headerBytes = bth.size;
  for (const header of headers) {
    offsets[header] = headerBytes;
    headerBytes += EXTENSION_HEADERS[header].size;
  }
  return { offsets, headerBytes };
};

const rc = row('RC', 'request');
const rcResponse = row('RC', 'response');
const uc = row('UC', 'request');
const ud = row('UD', 'request');
const cnp = row('CNP', 'notification');
const reserved = (value: number): OpcodeInfo => rc(value, 'RESERVED', 'ONLY', 'UP_TO_MTU');

//= WIRE-10, WIRE-11, WIRE-14
/** Every opcode godwit knows, by name. */
export const OPCODES = {
  RC_SEND_FIRST: rc(0x00, 'SEND', 'FIRST', 'MTU'),
  RC_SEND_MIDDLE: rc(0x01, 'SEND', 'MIDDLE', 'MTU'),
  RC_SEND_LAST: rc(0x02, 'SEND', 'LAST', 'ONE_TO_MTU'),
  RC_SEND_LAST_WITH_IMM: rc(0x03, 'SEND', 'LAST', 'ONE_TO_MTU', 'ImmDt'),
  RC_SEND_ONLY: rc(0x04, 'SEND', 'ONLY', 'UP_TO_MTU'),
  RC_SEND_ONLY_WITH_IMM: rc(0x05, 'SEND', 'ONLY', 'UP_TO_MTU', 'ImmDt'),
  RC_WRITE_FIRST: rc(0x06, 'WRITE', 'FIRST', 'MTU', 'RETH'),
  RC_WRITE_MIDDLE: rc(0x07, 'WRITE', 'MIDDLE', 'MTU'),
  RC_WRITE_LAST: rc(0x08, 'WRITE', 'LAST', 'ONE_TO_MTU'),
  RC_WRITE_LAST_WITH_IMM: rc(0x09, 'WRITE', 'LAST', 'ONE_TO_MTU', 'ImmDt'),
  RC_WRITE_ONLY: rc(0x0a, 'WRITE', 'ONLY', 'UP_TO_MTU', 'RETH'),
  RC_WRITE_ONLY_WITH_IMM: rc(0x0b, 'WRITE', 'ONLY', 'UP_TO_MTU', 'RETH', 'ImmDt'),
  RC_READ_REQUEST: rc(0x0c, 'READ_REQUEST', 'ONLY', 'NONE', 'RETH'),
  RC_READ_RESPONSE_FIRST: rcResponse(0x0d, 'READ_RESPONSE', 'FIRST', 'MTU', 'AETH'),
  RC_READ_RESPONSE_MIDDLE: rcResponse(0x0e, 'READ_RESPONSE', 'MIDDLE', 'MTU'),
  RC_READ_RESPONSE_LAST: rcResponse(0x0f, 'READ_RESPONSE', 'LAST', 'ONE_TO_MTU', 'AETH'),
  RC_READ_RESPONSE_ONLY: rcResponse(0x10, 'READ_RESPONSE', 'ONLY', 'UP_TO_MTU', 'AETH'),
  RC_ACKNOWLEDGE: rcResponse(0x11, 'ACKNOWLEDGE', 'ONLY', 'NONE', 'AETH'),
  RC_ATOMIC_ACKNOWLEDGE: rcResponse(0x12, 'ATOMIC_ACKNOWLEDGE', 'ONLY', 'NONE', 'AETH', 'AtomicAckETH'),
  RC_COMPARE_SWAP: rc(0x13, 'COMPARE_SWAP', 'ONLY', 'NONE', 'AtomicETH'),
  RC_FETCH_ADD: rc(0x14, 'FETCH_ADD', 'ONLY', 'NONE', 'AtomicETH'),
  RC_RESERVED_15: reserved(0x15),
  RC_SEND_LAST_WITH_INV: rc(0x16, 'SEND', 'LAST', 'ONE_TO_MTU', 'IETH'),
  RC_SEND_ONLY_WITH_INV: rc(0x17, 'SEND', 'ONLY', 'UP_TO_MTU', 'IETH'),
  RC_RESERVED_18: reserved(0x18),
  RC_RESUME: rc(0x19, 'RESUME', 'ONLY', 'NONE', 'AETH'),
  RC_RESERVED_1A: reserved(0x1a),
  RC_RESERVED_1B: reserved(0x1b),
  RC_FLUSH: rc(0x1c, 'FLUSH', 'ONLY', 'NONE', 'FETH', 'RETH'),
  RC_ATOMIC_WRITE: rc(0x1d, 'ATOMIC_WRITE', 'ONLY', 'EIGHT', 'RETH'),
  RC_RESERVED_1E: reserved(0x1e),
  RC_RESERVED_1F: reserved(0x1f),
  UC_SEND_FIRST: uc(0x20, 'SEND', 'FIRST', 'MTU'),
  UC_SEND_MIDDLE: uc(0x21, 'SEND', 'MIDDLE', 'MTU'),
  UC_SEND_LAST: uc(0x22, 'SEND', 'LAST', 'ONE_TO_MTU'),
  UC_SEND_LAST_WITH_IMM: uc(0x23, 'SEND', 'LAST', 'ONE_TO_MTU', 'ImmDt'),
  UC_SEND_ONLY: uc(0x24, 'SEND', 'ONLY', 'UP_TO_MTU'),
  UC_SEND_ONLY_WITH_IMM: uc(0x25, 'SEND', 'ONLY', 'UP_TO_MTU', 'ImmDt'),
  UC_WRITE_FIRST: uc(0x26, 'WRITE', 'FIRST', 'MTU', 'RETH'),
  UC_WRITE_MIDDLE: uc(0x27, 'WRITE', 'MIDDLE', 'MTU'),
  UC_WRITE_LAST: uc(0x28, 'WRITE', 'LAST', 'ONE_TO_MTU'),
  UC_WRITE_LAST_WITH_IMM: uc(0x29, 'WRITE', 'LAST', 'ONE_TO_MTU', 'ImmDt'),
  UC_WRITE_ONLY: uc(0x2a, 'WRITE', 'ONLY', 'UP_TO_MTU', 'RETH'),
  UC_WRITE_ONLY_WITH_IMM: uc(0x2b, 'WRITE', 'ONLY', 'UP_TO_MTU', 'RETH', 'ImmDt'),
  UD_SEND_ONLY: ud(0x64, 'SEND', 'ONLY', 'UP_TO_MTU', 'DETH'),
  UD_SEND_ONLY_WITH_IMM: ud(0x65, 'SEND', 'ONLY', 'UP_TO_MTU', 'DETH', 'ImmDt'),
  CNP: cnp(0x81, 'CNP', 'ONLY', 'SIXTEEN'),
} as const satisfies Record<string, OpcodeInfo>;

export type OpcodeName = keyof typeof OPCODES;

/** An opcode with its name. */
export type NamedOpcode = { readonly name: OpcodeName; readonly info: OpcodeInfo };

/** Every opcode name, in table order. */
export const OPCODE_NAMES = Object.keys(OPCODES) as OpcodeName[];

const BY_VALUE: (NamedOpcode | undefined)[] = Array.from({ length: 256 }, () => undefined);
for (const name of OPCODE_NAMES) BY_VALUE[OPCODES[name].value] = { name, info: OPCODES[name] };

/** The opcode of a wire byte; undefined if none is assigned. */
export const opcodeOf = (value: number): NamedOpcode | undefined => BY_VALUE[value];

/** Its name. */
export const opcodeName = (value: number): OpcodeName | undefined => BY_VALUE[value]?.name;

let lastName: OpcodeName = 'CNP';
let lastInfo: OpcodeInfo = OPCODES[lastName];

/** What is known of an opcode. */
export const opcodeInfo = (name: OpcodeName): OpcodeInfo => {
  // Packets of one kind come in bursts, and to compare is cheaper than to look up.
  if (name === lastName) return lastInfo;
  lastName = name;
  lastInfo = OPCODES[name];
  return lastInfo;
};
