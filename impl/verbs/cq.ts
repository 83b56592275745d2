// Owns completion queues as the consumer has them. Chapter 40.
import { CompletionQueue } from '../qp/completion-queue.ts';
import type { WorkCompletion } from '../qp/work-completion.ts';
import type { CompChannel } from './comp-channel.ts';
import type { Context } from './context.ts';
import { DONE, fail, ok, type Result } from './result.ts';

/** `ibv_cq`. */
export type Cq = {
  readonly context: Context;
  readonly handle: number;
  readonly queue: CompletionQueue;
  readonly channel: CompChannel | undefined;
  /** Events taken from the channel, or waiting there, and not acknowledged. */
  unacked: number;
  /** It has been destroyed. */
  gone: boolean;
};

export type CqInit = {
  /** Completions it can hold, 1 to the device's limit; one more is lost and ends the QPs of the CQ (VRB-24). */
  readonly cqe: number;
  /** Where its events go when it is armed; without one it cannot be. */
  readonly channel?: CompChannel;
  /** For restores: the handle to have. */
  readonly handle?: number;
};

const validCqe = (context: Context, cqe: number): boolean =>
  Number.isInteger(cqe) && cqe >= 1 && cqe <= context.device.limits.maxCqe;

/** `ibv_create_cq`. EINVAL: `cqe` outside 1 and the device's limit, or a channel that is gone or of another context; EEXIST: handle taken. */
export const createCq = (context: Context, { cqe, channel, handle = context.cqs.next() }: CqInit): Result<Cq> => {
  if (!validCqe(context, cqe)) return fail('EINVAL', `cqe ${cqe}`);
  if (channel !== undefined && context.channels.get(channel.handle) !== channel)
    return fail('EINVAL', 'no such channel');
  const refused = context.cqs.refusal(handle, 'CQ');
  if (refused !== undefined) return refused;
  const cq: Cq = {
    context,
    handle,
    queue: new CompletionQueue(handle, cqe, context),
    channel,
    unacked: 0,
    gone: false,
  };
  context.cqs.set(handle, cq);
  return ok(cq);
};

//= VRB-22
/** `ibv_resize_cq`. EINVAL: outside the limits, or fewer than the completions present; EAGAIN: the context is stopped; ENODEV: the device is closed. */
export const resizeCq = (cq: Cq, cqe: number): Result<void> => {
  if (cq.gone) return fail('EINVAL', 'the CQ is gone');
  const { refusal } = cq.context;
  if (refusal !== undefined) return refusal;
  if (!validCqe(cq.context, cqe)) return fail('EINVAL', `cqe ${cqe}`);
  return cq.queue.resize(cqe) ? DONE : fail('EINVAL', `${cq.queue.count} completions do not fit`);
};

//= VRB-23
/** `ibv_destroy_cq`. EBUSY while a QP uses it or events are not acknowledged. */
export const destroyCq = (cq: Cq): Result<void> => {
  const { context } = cq;
  if (cq.gone) return fail('EINVAL', 'the CQ is gone');
  if (context.qps.find(({ sendCq, recvCq }) => sendCq === cq || recvCq === cq) !== undefined) {
    return fail('EBUSY', 'a QP uses the CQ');
  }
  if (cq.unacked > 0) return fail('EBUSY', `${cq.unacked} events are not acknowledged`);
  context.cqs.delete(cq.handle);
  cq.gone = true;
  context.forget((event) => 'cq' in event && event.cq === cq.handle);
  cq.channel?.onCqGone?.(cq);
  return DONE;
};

//= VRB-20
/** `ibv_poll_cq`: up to `max` completions, oldest first; none while the context is stopped or after the CQ is gone. */
export const pollCq = (cq: Cq, max = 16): WorkCompletion[] => (cq.context.stopped || cq.gone ? [] : cq.queue.poll(max));

//= VRB-25
/** `ibv_req_notify_cq`. EINVAL: the CQ has no channel; ENODEV: the device is closed. */
export const reqNotifyCq = (cq: Cq, solicitedOnly = false): Result<void> => {
  if (cq.gone) return fail('EINVAL', 'the CQ is gone');
  if (cq.channel === undefined) return fail('EINVAL', 'the CQ has no completion channel');
  if (cq.context.closed) return fail('ENODEV', 'the device is closed');
  cq.queue.arm(solicitedOnly);
  return DONE;
};

//= VRB-29
/** `ibv_ack_cq_events`. EINVAL: more than have been taken from the channel and not acknowledged. */
export const ackCqEvents = (cq: Cq, count: number): Result<void> => {
  if (cq.gone) return fail('EINVAL', 'the CQ is gone');
  const waiting = cq.channel?.events.filter((each) => each === cq).length ?? 0;
  if (!Number.isInteger(count) || count < 0 || count > cq.unacked - waiting) return fail('EINVAL', `${count} events`);
  cq.unacked -= count;
  return DONE;
};
