// Owns shared receive queues. Chapter 40.
import { ReceiveQueue } from '../qp/receive-queue.ts';
import { SharedReceiveQueue } from '../qp/shared-receive-queue.ts';
import type { RecvWr } from '../qp/work-request.ts';
import type { Context } from './context.ts';
import { isGonePd, type Pd } from './pd.ts';
import { isList, postEach } from './post.ts';
import { DONE, fail, ok, type Result } from './result.ts';
import { recvMistake } from './wr-check.ts';

/** `ibv_srq`. */
export type Srq = {
  readonly context: Context;
  readonly pd: Pd;
  readonly handle: number;
  readonly queue: SharedReceiveQueue;
  /** It has been destroyed. */
  gone: boolean;
};

/** What `modifySrq` may be given (`ibv_srq_attr`). */
export type SrqAttr = {
  /** Receives it can hold. */
  readonly maxWr?: number;
  /** Arms the limit event; 0 disarms it. */
  readonly srqLimit?: number;
};

/** `ibv_srq_init_attr`. */
export type SrqInit = {
  /** Receives it can hold, 1 to the device's limit. */
  readonly maxWr: number;
  /** Pieces of the list of one receive. */
  readonly maxSge: number;
  /** With fewer receives left than this SRQ_LIMIT_REACHED is raised, once; default 0: never. */
  readonly srqLimit?: number;
  /** For restores: the handle to have. */
  readonly handle?: number;
};

/** `ibv_create_srq`. EINVAL: a capacity outside the device's limits; EEXIST: handle taken. */
export const createSrq = (pd: Pd, init: SrqInit): Result<Srq> => {
  const { context } = pd;
  const { maxWr, maxSge, srqLimit = 0, handle = context.srqs.next() } = init;
  const { limits } = context.device;
  if (isGonePd(pd)) return fail('EINVAL', 'the protection domain is gone');
  if (!Number.isInteger(maxWr) || maxWr < 1 || maxWr > limits.maxSrqWr) return fail('EINVAL', `maxWr ${maxWr}`);
  if (!Number.isInteger(maxSge) || maxSge < 0 || maxSge > limits.maxSge) return fail('EINVAL', `maxSge ${maxSge}`);
  if (!isLimit(srqLimit, maxWr)) return fail('EINVAL', `srqLimit ${srqLimit}`);
  const refused = context.srqs.refusal(handle, 'SRQ');
  if (refused !== undefined) return refused;
  const queue = new SharedReceiveQueue(handle, pd.number, new ReceiveQueue(maxWr, maxSge), () =>
    context.raise({ type: 'SRQ_LIMIT_REACHED', srq: handle }),
  );
  queue.limit = srqLimit;
  const srq: Srq = { context, pd, handle, queue, gone: false };
  context.srqs.set(handle, srq);
  return ok(srq);
};

const isLimit = (limit: number, capacity: number): boolean =>
  Number.isInteger(limit) && limit >= 0 && limit <= capacity;

//= VRB-32, VRB-33
/**
 * `ibv_modify_srq`: changes the capacity, arms the limit event. EINVAL, and nothing is changed: a capacity outside the
 * device's limits or less than what is posted, or a limit above the capacity; EAGAIN, ENODEV: as `postSend`.
 */
export const modifySrq = (srq: Srq, { maxWr, srqLimit }: SrqAttr): Result<void> => {
  if (srq.gone) return fail('EINVAL', 'the SRQ is gone');
  const { refusal } = srq.context;
  if (refusal !== undefined) return refusal;
  const { queue } = srq.queue;
  const capacity = maxWr ?? queue.capacity;
  const fits = Number.isInteger(capacity) && capacity >= Math.max(queue.count, 1);
  if (!fits || capacity > srq.context.device.limits.maxSrqWr) return fail('EINVAL', `maxWr ${maxWr}`);
  if (!isLimit(srqLimit ?? srq.queue.limit, capacity)) return fail('EINVAL', `srqLimit ${srqLimit ?? srq.queue.limit}`);
  if (capacity !== queue.capacity) queue.resize(capacity);
  if (srqLimit !== undefined) srq.queue.arm(srqLimit);
  return DONE;
};

/** `ibv_query_srq`. */
export const querySrq = ({ queue, gone }: Srq): Result<Required<Omit<SrqInit, 'handle'>>> =>
  gone
    ? fail('EINVAL', 'the SRQ is gone')
    : ok({ maxWr: queue.queue.capacity, maxSge: queue.queue.maxSge, srqLimit: queue.limit });

/** `ibv_post_srq_recv`. EINVAL as for `postRecv`; ENOMEM: full; EAGAIN, ENODEV: as `postSend`. */
export const postSrqRecv = (srq: Srq, wr: RecvWr | readonly RecvWr[]): Result<void> =>
  isList(wr) ? postEach(wr, (each) => postOne(srq, each)) : postOne(srq, wr);

const postOne = (srq: Srq, wr: RecvWr): Result<void> => {
  if (srq.gone) return fail('EINVAL', 'the SRQ is gone');
  const { refusal } = srq.context;
  if (refusal !== undefined) return refusal;
  const { queue } = srq.queue;
  const mistake = recvMistake(wr, queue.maxSge);
  if (mistake !== undefined) return fail('EINVAL', mistake);
  if (queue.full) return fail('ENOMEM', 'the shared receive queue is full');
  queue.post(wr);
  return DONE;
};

/** `ibv_destroy_srq`. EBUSY while a QP uses it. */
export const destroySrq = (srq: Srq): Result<void> => {
  if (srq.gone) return fail('EINVAL', 'the SRQ is gone');
  if (srq.context.qps.find((qp) => qp.srq === srq) !== undefined) return fail('EBUSY', 'a QP uses the SRQ');
  srq.context.srqs.delete(srq.handle);
  srq.gone = true;
  srq.context.forget((event) => 'srq' in event && event.srq === srq.handle);
  return DONE;
};
