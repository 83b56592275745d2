// Owns shared receive queues. Chapter 40.
import { ReceiveQueue } from '../qp/receive-queue.ts';
import { SharedReceiveQueue } from '../qp/shared-receive-queue.ts';
import type { RecvWr } from '../qp/work-request.ts';
import type { Context } from './context.ts';
import type { Pd } from './pd.ts';
import { DONE, fail, ok, type Result } from './result.ts';
import { recvMistake } from './wr-check.ts';

/** `ibv_srq`. */
export type Srq = {
  readonly context: Context;
  readonly pd: Pd;
  readonly handle: number;
  readonly queue: SharedReceiveQueue;
};

export type SrqInit = {
  readonly maxWr: number;
  readonly maxSge: number;
  readonly srqLimit?: number;
  readonly handle?: number;
};

/** `ibv_create_srq`. EINVAL: a capacity outside the device's limits; EEXIST: handle taken. */
export const createSrq = (pd: Pd, init: SrqInit): Result<Srq> => {
  const { context } = pd;
  const { maxWr, maxSge, srqLimit = 0, handle = context.srqs.next() } = init;
  const { limits } = context.device;
  if (!Number.isInteger(maxWr) || maxWr < 1 || maxWr > limits.maxSrqWr) return fail('EINVAL', `maxWr ${maxWr}`);
  if (!Number.isInteger(maxSge) || maxSge < 0 || maxSge > limits.maxSge) return fail('EINVAL', `maxSge ${maxSge}`);
  if (context.srqs.get(handle) !== undefined) return fail('EEXIST', `SRQ handle ${handle} is taken`);
  const queue = new SharedReceiveQueue(handle, pd.number, new ReceiveQueue(maxWr, maxSge), () =>
    context.raise({ type: 'SRQ_LIMIT_REACHED', srq: handle }),
  );
  queue.limit = srqLimit;
  const srq: Srq = { context, pd, handle, queue };
  context.srqs.set(handle, srq);
  return ok(srq);
};

//= VRB-31
/** `ibv_modify_srq` with IBV_SRQ_LIMIT: arms the limit event. EINVAL: outside 0 and the capacity. */
export const modifySrq = (srq: Srq, { srqLimit }: { readonly srqLimit: number }): Result<void> => {
  const { queue } = srq.queue;
  if (!Number.isInteger(srqLimit) || srqLimit < 0 || srqLimit > queue.capacity) {
    return fail('EINVAL', `srqLimit ${srqLimit}`);
  }
  srq.queue.limit = srqLimit;
  return DONE;
};

/** `ibv_query_srq`. */
export const querySrq = ({ queue }: Srq): Required<Omit<SrqInit, 'handle'>> => ({
  maxWr: queue.queue.capacity,
  maxSge: queue.queue.maxSge,
  srqLimit: queue.limit,
});

/** `ibv_post_srq_recv`. EINVAL as for `postRecv`; ENOMEM: full; EAGAIN: the context is stopped. */
export const postSrqRecv = (srq: Srq, wr: RecvWr): Result<void> => {
  if (srq.context.stopped) return fail('EAGAIN', 'the context is stopped');
  const { queue } = srq.queue;
  const mistake = recvMistake(wr, queue.maxSge);
  if (mistake !== undefined) return fail('EINVAL', mistake);
  if (queue.full) return fail('ENOMEM', 'the shared receive queue is full');
  queue.post(wr);
  return DONE;
};

/** `ibv_destroy_srq`. EBUSY while a QP uses it. */
export const destroySrq = (srq: Srq): Result<void> => {
  if (srq.context.qps.find((qp) => qp.srq === srq) !== undefined) return fail('EBUSY', 'a QP uses the SRQ');
  srq.context.srqs.delete(srq.handle);
  return DONE;
};
