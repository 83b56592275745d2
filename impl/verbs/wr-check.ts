// Owns the judgement of work requests at posting. Chapter 40.
import { ACCESS } from '../memory/access.ts';
import type { QpCap } from '../qp/attributes.ts';
import type { QpType } from '../qp/state.ts';
import type { MwBindInfo, RecvWr, SendWr, Sge, UdDestination, WrOpcode } from '../qp/work-request.ts';
import { isAccess, isU24, isU32, isU64 } from './ranges.ts';

/** What is wrong with a scatter/gather list; undefined if nothing is. */
const sgeMistake = (sgList: readonly Sge[], maxSge: number): string | undefined => {
  if (sgList.length > maxSge) return `${sgList.length} SGEs, at most ${maxSge}`;
  for (const { addr, length, lkey } of sgList) {
    if (!isU32(lkey)) return `lkey ${lkey}`;
    if (!Number.isInteger(length) || length < 0 || length > 2 ** 31) return `SGE length ${length}`;
    if (!Number.isSafeInteger(addr) || addr < 0) return `SGE address ${addr}`;
  }
  return undefined;
};

const wrIdMistake = (wrId: number): string | undefined =>
  Number.isSafeInteger(wrId) && wrId >= 0 ? undefined : `wrId ${wrId} is not a safe integer from 0 up`;

//= VRB-41
/** What is wrong with a receive; undefined if nothing is. */
export const recvMistake = ({ wrId, sgList = [] }: RecvWr, maxSge: number): string | undefined =>
  wrIdMistake(wrId) ?? sgeMistake(sgList, maxSge);

const RC_OPCODES: readonly WrOpcode[] = [
  'SEND',
  'SEND_WITH_IMM',
  'SEND_WITH_INV',
  'RDMA_WRITE',
  'RDMA_WRITE_WITH_IMM',
  'RDMA_READ',
  'ATOMIC_CMP_AND_SWP',
  'ATOMIC_FETCH_AND_ADD',
  'ATOMIC_WRITE',
  'FLUSH',
  'LOCAL_INV',
  'BIND_MW',
];

//= UC-1, UD-1
/** What each QP type can send. */
export const OPCODES_OF: Readonly<Record<QpType, readonly WrOpcode[]>> = {
  RC: RC_OPCODES,
  UC: ['SEND', 'SEND_WITH_IMM', 'RDMA_WRITE', 'RDMA_WRITE_WITH_IMM', 'LOCAL_INV', 'BIND_MW'],
  UD: ['SEND', 'SEND_WITH_IMM'],
};

export const OPCODE_SETS: Readonly<Record<QpType, ReadonlySet<WrOpcode>>> = {
  RC: new Set(OPCODES_OF.RC),
  UC: new Set(OPCODES_OF.UC),
  UD: new Set(OPCODES_OF.UD),
};

/** What may be posted inline: requests that carry the consumer's bytes. */
export const INLINE: ReadonlySet<WrOpcode> = new Set([
  'SEND',
  'SEND_WITH_IMM',
  'SEND_WITH_INV',
  'RDMA_WRITE',
  'RDMA_WRITE_WITH_IMM',
  'ATOMIC_WRITE',
]);

/** What a send is judged by. */
type Poster = { readonly type: QpType; readonly cap: QpCap };

const totalLength = (sgList: readonly Sge[]): number => {
  let total = 0;
  for (const { length } of sgList) total += length;
  return total;
};

/** The QPN of multicast. */
const MULTICAST_QPN = 0xffffff;

//= VRB-47
/** What is wrong with the destination of a SEND; a connected QP has none of its own. */
const destinationMistake = (ud: UdDestination | undefined, type: QpType, pd: object): string | undefined => {
  if (type !== 'UD') return ud === undefined ? undefined : 'not a UD QP';
  if (ud === undefined) return 'UD needs a destination';
  if (ud.ah.gone) return 'the AH is gone';
  if (ud.ah.pd !== pd) return 'an AH of another protection domain';
  if (!isU24(ud.remoteQpn) || ud.remoteQpn === MULTICAST_QPN) return `remoteQpn ${ud.remoteQpn}`; //= VRB-18
  return isU32(ud.remoteQkey) ? undefined : `remoteQkey ${ud.remoteQkey}`;
};

/** What a window can open: no more than these. */
export const WINDOW_ACCESS =
  ACCESS.REMOTE_WRITE | ACCESS.REMOTE_READ | ACCESS.REMOTE_ATOMIC | ACCESS.FLUSH_GLOBAL | ACCESS.FLUSH_PERSISTENT;

//= VRB-55
/** What is wrong with a binding, whatever the region is. */
const bindMistake = ({ mr, addr, length, access }: MwBindInfo): string | undefined => {
  if (!Number.isSafeInteger(length) || length < 0) return `window length ${length}`;
  if (!Number.isSafeInteger(addr) || addr < 0) return `window address ${addr}`;
  if (mr === undefined && (addr !== 0 || length !== 0)) return 'a window without a region';
  return isAccess(access, WINDOW_ACCESS) ? undefined : `window access ${access}`;
};

const immMistake = (imm: number): string | undefined => (isU32(imm) ? undefined : `immediate ${imm}`);

const invalidateMistake = (rkey: number): string | undefined => (isU32(rkey) ? undefined : `invalidateRkey ${rkey}`);

type Remote = { readonly remoteAddr: number | bigint; readonly rkey: number };

const remoteMistake = ({ remoteAddr, rkey }: Remote): string | undefined => {
  if (!isU32(rkey)) return `rkey ${rkey}`;
  return isU64(remoteAddr) ? undefined : `remoteAddr ${remoteAddr}`;
};

const operandMistake = (operand: bigint): string | undefined =>
  typeof operand === 'bigint' && isU64(operand) ? undefined : `operand ${operand}`;

const wordMistake = (length: number): string | undefined =>
  length === 8 ? undefined : `an atomic has 8 bytes, not ${length}`;

const flushMistake = ({
  length,
  placement,
  selectivity,
}: SendWr & { readonly opcode: 'FLUSH' }): string | undefined => {
  if (placement !== 'GLOBAL' && placement !== 'PERSISTENT') return `placement ${placement}`;
  if (selectivity !== 'RANGE' && selectivity !== 'MR') return `selectivity ${selectivity}`;
  return isU32(length) && length <= 2 ** 31 ? undefined : `FLUSH length ${length}`;
};

/** What is wrong with the fields that only some opcodes have. */
const fieldMistake = (wr: SendWr, length: number, type: QpType, pd: object): string | undefined => {
  switch (wr.opcode) {
    case 'SEND':
      return destinationMistake(wr.ud, type, pd);
    case 'SEND_WITH_IMM':
      return immMistake(wr.imm) ?? destinationMistake(wr.ud, type, pd);
    case 'SEND_WITH_INV':
    case 'LOCAL_INV':
      return invalidateMistake(wr.invalidateRkey);
    case 'RDMA_WRITE':
    case 'RDMA_READ':
      return remoteMistake(wr);
    case 'RDMA_WRITE_WITH_IMM':
      return immMistake(wr.imm) ?? remoteMistake(wr);
    case 'ATOMIC_CMP_AND_SWP':
      return remoteMistake(wr) ?? operandMistake(wr.compareAdd) ?? operandMistake(wr.swap) ?? wordMistake(length);
    case 'ATOMIC_FETCH_AND_ADD':
      return remoteMistake(wr) ?? operandMistake(wr.compareAdd) ?? wordMistake(length);
    case 'ATOMIC_WRITE':
      return remoteMistake(wr) ?? wordMistake(length);
    case 'FLUSH':
      return remoteMistake(wr) ?? flushMistake(wr);
    case 'BIND_MW':
      return isU32(wr.rkey) ? bindMistake(wr.bind) : `rkey ${wr.rkey}`;
  }
};

const isFlag = (flag: boolean | undefined): boolean => flag === undefined || typeof flag === 'boolean';

//= VRB-40, VRB-42
/** What is wrong with a send; undefined if nothing is. */
export const sendMistake = (wr: SendWr, { type, cap }: Poster, pd: object, maxMsgSize: number): string | undefined => {
  if (!OPCODE_SETS[type].has(wr.opcode)) return `${wr.opcode} on ${type}`;
  const { sgList = [] } = wr;
  if (!isFlag(wr.signaled) || !isFlag(wr.fence) || !isFlag(wr.solicited))
    return 'a flag that is neither true nor false';
  const mistake = wrIdMistake(wr.wrId) ?? sgeMistake(sgList, cap.maxSendSge);
  if (mistake !== undefined) return mistake;
  const bytes = wr.inline instanceof Uint8Array ? wr.inline : undefined;
  if (bytes !== undefined && sgList.length > 0) return 'inline bytes beside a list';
  const length = bytes === undefined ? totalLength(sgList) : bytes.length;
  if (length > maxMsgSize) return `${length} bytes, at most ${maxMsgSize}`;
  if (bytes === undefined && typeof (wr.inline ?? false) !== 'boolean')
    return 'inline that is neither bytes nor a flag';
  if (wr.inline !== undefined && wr.inline !== false) {
    if (!INLINE.has(wr.opcode)) return `${wr.opcode} inline`;
    if (length > cap.maxInlineData) return `${length} bytes inline, at most ${cap.maxInlineData}`;
  }
  return fieldMistake(wr, length, type, pd);
};
