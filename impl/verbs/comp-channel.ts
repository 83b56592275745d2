// Owns completion channels: the place where events of armed CQs wait. Chapter 40.
import type { Context } from './context.ts';
import type { Cq } from './cq.ts';
import { DONE, fail, ok, type Result } from './result.ts';

/** `ibv_comp_channel`. */
export class CompChannel {
  readonly context: Context;
  readonly handle: number;
  #events: Cq[] = [];
  /** Told of each event, for consumers that wait. It may look, poll and post; the device is at work and must keep its QPs. */
  onEvent: ((cq: Cq) => void) | undefined;
  /** Told of each CQ of the channel that is destroyed, for consumers that wait. */
  onCqGone: ((cq: Cq) => void) | undefined;
  /** Told that the device has been closed, for consumers that wait. */
  onClosed: (() => void) | undefined;

  constructor(context: Context, handle: number) {
    this.context = context;
    this.handle = handle;
  }

  /** A CQ of this channel has got what it was armed for. */
  push(cq: Cq): void {
    this.#events.push(cq);
    cq.unacked++;
    this.onEvent?.(cq);
  }

  /** `ibv_get_cq_event` without waiting: the CQ of the oldest event; undefined if there is none. */
  getCqEvent(): Cq | undefined {
    return this.#events.shift();
  }

  /** CQs whose events have not been taken, oldest first. */
  get events(): readonly Cq[] {
    return this.#events;
  }
}

/** `ibv_create_comp_channel`. */
export const createCompChannel = (context: Context, handle = context.channels.next()): Result<CompChannel> => {
  const refused = context.channels.refusal(handle, 'channel');
  if (refused !== undefined) return refused;
  const channel = new CompChannel(context, handle);
  context.channels.set(handle, channel);
  return ok(channel);
};

/** `ibv_destroy_comp_channel`. EBUSY while a CQ uses it. */
export const destroyCompChannel = (channel: CompChannel): Result<void> => {
  if (channel.context.channels.get(channel.handle) !== channel) return fail('EINVAL', 'the channel is gone');
  if (channel.context.cqs.find((cq) => cq.channel === channel) !== undefined)
    return fail('EBUSY', 'a CQ uses the channel');
  channel.context.channels.delete(channel.handle);
  return DONE;
};
