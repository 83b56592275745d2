// Owns the shapes of work in an image: work requests in their queues, completions, asynchronous events. Chapter 60.
import type { AhAttr } from '../qp/attributes.ts';
import type { BindWqe } from '../qp/send-queue.ts';
import {
  COMPLETION_OF,
  WC_OPCODE,
  WC_STATUS,
  type WcOpcode,
  type WcStatus,
  type WorkCompletion,
} from '../qp/work-completion.ts';
import type { Sge, WrOpcode } from '../qp/work-request.ts';
import { type IpAddress, parseIp } from '../wire/address.ts';
import { type Psn, psn } from '../wire/psn.ts';
import type { Va } from '../wire/va.ts';
import { mapped, record } from './record-shape.ts';
import {
  boolean,
  bytes,
  list,
  natural,
  oneOf,
  optional,
  type Shape,
  text,
  u24,
  u32,
  u64,
  type ValueOf,
} from './shape.ts';

const isKeyOf = <T extends object>(table: T, name: string): name is keyof T & string => Object.hasOwn(table, name);
const keysOf = <T extends object>(table: T): readonly (keyof T & string)[] =>
  Object.keys(table).filter((name) => isKeyOf(table, name));

/** A PSN. */
export const psnShape: Shape<Psn> = mapped(u24, Number, (raw) => psn(raw));

/** An address in canonical text. */
export const ipShape: Shape<IpAddress> = mapped(text, String, (raw, refuse) => {
  const parsed = parseIp(raw);
  return parsed === raw ? parsed : refuse(`expected an IP address in canonical text, found "${raw}"`);
});

const vaShape: Shape<Va> = {
  says: u64.says,
  parts: [],
  write: (value) => (typeof value === 'bigint' ? u64.write(value) : natural.write(value)),
  read: (from) => from.wideUint(),
};

export const ahAttrShape: Shape<AhAttr> = record('av', { dgid: ipShape, flowLabel: natural });

export const wcStatusShape: Shape<WcStatus> = oneOf(keysOf(WC_STATUS));

const sge: Shape<Sge> = record('sge', { addr: natural, length: u32, lkey: u32 });

/** A receive WQE. */
export const recvWqeShape = record('receive', { wrId: natural, sgList: list(sge) });

const bindInfo: Shape<BindWqe> = record('bind', { mr: natural, addr: natural, length: natural, access: u32 });

/** A send WQE, with what has become of it since it was posted. */
export const sendWqeShape = record('send', {
  wrId: natural,
  opcode: oneOf<WrOpcode>(keysOf(COMPLETION_OF)),
  signaled: boolean,
  fence: boolean,
  solicited: boolean,
  sgList: list(sge),
  inline: optional(bytes),
  length: u32,
  imm: u32,
  remoteAddr: vaShape,
  rkey: u32,
  compareAdd: u64,
  swap: u64,
  invalidateRkey: u32,
  placement: oneOf(['GLOBAL', 'PERSISTENT'] as const),
  selectivity: oneOf(['RANGE', 'MR'] as const),
  mw: natural,
  bind: optional(bindInfo),
  ah: optional(ahAttrShape),
  remoteQpn: u24,
  remoteQkey: u32,
  firstPsn: psnShape,
  psnCount: u32,
  failure: optional(wcStatusShape),
});
export type SendWqeImage = ValueOf<typeof sendWqeShape>;

/** A work completion. */
export const wcShape: Shape<WorkCompletion> = record('completion', {
  wrId: natural,
  status: wcStatusShape,
  opcode: oneOf<WcOpcode>(keysOf(WC_OPCODE)),
  byteLen: u32,
  qpNum: u24,
  imm: optional(u32),
  invalidatedRkey: optional(u32),
  srcQp: u24,
  grh: boolean,
});
