// Owns posting. Chapter 40.
import { reaches } from '../memory/key-table.ts';
import { completeSend, failRecv } from '../qp/completing.ts';
import { fillSendWqe } from '../qp/send-queue.ts';
import { ABILITIES } from '../qp/state.ts';
import type { RecvWr, SendWr } from '../qp/work-request.ts';
import { EMPTY } from '../wire/packet.ts';
import type { Mr } from './mr.ts';
import type { Qp } from './qp.ts';
import { DONE, fail, type Result, VerbsError } from './result.ts';
import { recvMistake, sendMistake } from './wr-check.ts';

//= VRB-48
/** Posts each of a list, in order, up to the first that is refused. */
export const postEach = <Wr>(wrs: readonly Wr[], post: (wr: Wr) => Result<void>): Result<void> => {
  for (const [i, wr] of wrs.entries()) {
    const posted = post(wr);
    if (!posted.ok) return { ok: false, error: new VerbsError(posted.error.errno, posted.error.message, i) };
  }
  return DONE;
};

export const isList = <Wr extends object>(wrs: Wr | readonly Wr[]): wrs is readonly Wr[] => Array.isArray(wrs);

/**
 * `ibv_post_send`. A WR that is refused is not queued, nor are those behind it in a list; `error.badWr` is its index.
 * EINVAL: the state does not take sends, or the WR is malformed for the QP's type; ENOMEM: the send queue is full;
 * EAGAIN: the context is stopped; ENODEV: the device is closed.
 */
export const postSend = (qp: Qp, wr: SendWr | readonly SendWr[]): Result<void> =>
  isList(wr) ? postEach(wr, (each) => postOneSend(qp, each)) : postOneSend(qp, wr);

const postOneSend = (qp: Qp, wr: SendWr): Result<void> => {
  if (wr.opcode !== 'BIND_MW') return enqueueSend(qp, wr);
  const mw = qp.context.mws.get(wr.mw.handle);
  const { mr } = wr.bind;
  if (mw === undefined || mw !== wr.mw) return fail('EINVAL', 'no such memory window');
  if (mr !== undefined && qp.context.mrs.get(mr.handle) !== mr) return fail('EINVAL', 'no such memory region');
  if (mw.window.type !== 2) return fail('EINVAL', 'a type 1 window is bound by bindMw');
  const posted = enqueueSend(qp, wr);
  if (posted.ok) mw.rkey = wr.rkey;
  return posted;
};

/** As `postSend`, for a window of either type. */
export const enqueueSend = (qp: Qp, wr: SendWr): Result<void> => {
  const { engine, context } = qp;
  if (qp.gone) return fail('EINVAL', 'the QP is gone'); //= VRB-11
  const { refusal } = context;
  if (refusal !== undefined) return refusal;
  const { postSend: allowed, flushSend } = ABILITIES[engine.state];
  if (!allowed) return fail('EINVAL', `no sends in ${engine.state}`); //= QP-30
  const mistake = sendMistake(wr, engine, qp.pd, context.device.limits.maxMsgSize);
  if (mistake !== undefined) return fail('EINVAL', mistake);
  if (engine.sq.full) return fail('ENOMEM', 'the send queue is full'); //= VRB-44
  const inline = wr.inline === undefined || wr.inline === false ? undefined : inlineBytes(qp, wr);
  if (wr.inline === true && inline === undefined) return fail('EINVAL', 'inline data is not in registered memory');
  const wqe = engine.sq.free();
  fillSendWqe(wqe, wr, engine.sqSigAll || wr.signaled === true, inline);
  if (flushSend) {
    completeSend(engine, wqe, 'WR_FLUSH_ERR'); //= QP-39
    return DONE;
  }
  engine.sq.head++;
  context.device.schedule(engine);
  return DONE;
};

//= VRB-43
/**
 * A copy of the bytes. Inline data is read by the consumer's processor: its address counts; its lkey only tells apart regions
 * that the consumer has put at one address.
 */
const inlineBytes = ({ context }: Qp, { inline, sgList = [] }: SendWr): Uint8Array | undefined => {
  if (inline instanceof Uint8Array) return inline.length === 0 ? EMPTY : inline.slice();
  const bytes = new Uint8Array(sgList.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const { addr, length, lkey } of sgList) {
    if (length === 0) continue;
    const holds = ({ region }: Mr): boolean => reaches(region, addr, length);
    const mr = context.mrs.find((each) => each.lkey === lkey && holds(each)) ?? context.mrs.find(holds);
    if (mr === undefined) return undefined;
    bytes.set(mr.region.bytes.subarray(addr - mr.addr, addr - mr.addr + length), at);
    at += length;
  }
  return bytes;
};

/** `ibv_post_recv`. Errors as `postSend`; EINVAL also: the QP has an SRQ. */
export const postRecv = (qp: Qp, wr: RecvWr | readonly RecvWr[]): Result<void> =>
  isList(wr) ? postEach(wr, (each) => postOneRecv(qp, each)) : postOneRecv(qp, wr);

const postOneRecv = (qp: Qp, wr: RecvWr): Result<void> => {
  const { engine, context } = qp;
  if (qp.gone) return fail('EINVAL', 'the QP is gone');
  const { refusal } = context;
  if (refusal !== undefined) return refusal;
  const { postRecv: allowed, flushRecv } = ABILITIES[engine.state];
  if (!allowed) return fail('EINVAL', `no receives in ${engine.state}`); //= QP-31
  if (engine.srq !== undefined) return fail('EINVAL', 'the QP receives from an SRQ'); //= VRB-31
  const mistake = recvMistake(wr, engine.cap.maxRecvSge);
  if (mistake !== undefined) return fail('EINVAL', mistake);
  if (engine.rq.full) return fail('ENOMEM', 'the receive queue is full');
  if (flushRecv)
    failRecv(engine, wr.wrId, 'WR_FLUSH_ERR'); //= QP-39
  else engine.rq.post(wr);
  return DONE;
};
