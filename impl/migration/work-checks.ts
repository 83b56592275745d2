// Owns the judgement whether a send in an image is one that posting would have taken. Chapter 60.
import type { QpCap } from '../qp/attributes.ts';
import type { SendWqeData } from '../qp/capture-core.ts';
import type { QpType } from '../qp/state.ts';
import { INLINE, OPCODE_SETS, recvMistake, WINDOW_ACCESS } from '../verbs/wr-check.ts';
import type { Place } from './place.ts';

/** Longest message, bytes. */
const MAX_LENGTH = 2 ** 31;

/** Bytes of an atomic. */
const WORD = 8;

/** Whom the send was posted to. */
export type Poster = { readonly type: QpType; readonly cap: QpCap; readonly sqSigAll: boolean };

const listedBytes = ({ sgList }: SendWqeData): number => {
  let bytes = 0;
  for (const { length } of sgList) bytes += length;
  return bytes;
};

const inlineMistake = (
  { opcode, inline, sgList }: SendWqeData,
  listed: number,
  { cap }: Poster,
): string | undefined => {
  if (inline === undefined) return undefined;
  if (!INLINE.has(opcode)) return `${opcode} inline`;
  if (inline.length > cap.maxInlineData) return `${inline.length} bytes inline, at most ${cap.maxInlineData}`;
  return sgList.length > 0 && listed !== inline.length ? `${inline.length} bytes inline of ${listed}` : undefined;
};

const lengthMistake = ({ opcode, inline, length }: SendWqeData, listed: number): string | undefined => {
  if (length > MAX_LENGTH || listed > MAX_LENGTH) return `${length} bytes, at most ${MAX_LENGTH}`;
  const bytes = inline?.length ?? listed;
  if (opcode !== 'FLUSH' && length !== bytes) return `${length} bytes, its contents have ${bytes}`;
  const isWord = opcode === 'ATOMIC_CMP_AND_SWP' || opcode === 'ATOMIC_FETCH_AND_ADD' || opcode === 'ATOMIC_WRITE';
  return isWord && length !== WORD ? `an atomic has ${WORD} bytes, not ${length}` : undefined;
};

/** What is wrong with what only some opcodes and QPs have. */
const targetMistake = ({ opcode, bind, ah }: SendWqeData, type: QpType): string | undefined => {
  if ((type === 'UD') !== (ah !== undefined)) return type === 'UD' ? 'UD needs a destination' : 'not a UD QP';
  if ((opcode === 'BIND_MW') !== (bind !== undefined))
    return `${opcode} ${bind === undefined ? 'without' : 'with'} a binding`;
  if (bind === undefined) return undefined;
  if (bind.mr === 0 && (bind.addr !== 0 || bind.length !== 0)) return 'a window without a region';
  return (bind.access & ~WINDOW_ACCESS) === 0 ? undefined : `window access ${bind.access}`;
};

//= IMG-24
/** Refuses a send that posting would have refused. */
export const checkSend = (place: Place, wqe: SendWqeData, poster: Poster): void => {
  const { type, cap, sqSigAll } = poster;
  const listed = listedBytes(wqe);
  const mistake =
    (OPCODE_SETS[type].has(wqe.opcode) ? undefined : `${wqe.opcode} on ${type}`) ??
    recvMistake(wqe, cap.maxSendSge) ??
    inlineMistake(wqe, listed, poster) ??
    lengthMistake(wqe, listed) ??
    targetMistake(wqe, type) ??
    (sqSigAll && !wqe.signaled ? 'not signaled, where all are' : undefined);
  if (mistake !== undefined) place.refuse(mistake, 'IMG-24');
};
