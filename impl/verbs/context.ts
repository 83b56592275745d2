// Owns an opened device: every object created through it, by handle, and its async events. Chapter 40.
import type { AsyncEvent } from '../qp/async-event.ts';
import type { CompletionQueue, CqListener } from '../qp/completion-queue.ts';
import type { QpCore } from '../qp/qp-core.ts';
import type { SendWqe } from '../qp/send-queue.ts';
import type { QpState } from '../qp/state.ts';
import type { Ah } from './ah.ts';
import type { CompChannel } from './comp-channel.ts';
import type { Cq } from './cq.ts';
import type { QpOwner, VerbsDevice } from './device.ts';
import type { Mr } from './mr.ts';
import { bind, type Mw } from './mw.ts';
import type { Pd } from './pd.ts';
import { enterError, type Qp } from './qp.ts';
import { isU32 } from './ranges.ts';
import { type Failure, fail } from './result.ts';
import type { Srq } from './srq.ts';

/** Objects of one kind by handle. Handles are small integers, unique within kind and context. */
export class Handles<T> {
  readonly #byHandle = new Map<number, T>();
  #last = 0;

  /** A handle that is free. */
  next(): number {
    do this.#last++;
    while (this.#byHandle.has(this.#last));
    return this.#last;
  }

  /** Why a new object cannot have this handle; undefined if it can. */
  refusal(handle: number, what: string): Failure | undefined {
    if (!isU32(handle) || handle === 0) return fail('EINVAL', `${what} handle ${handle}`);
    return this.#byHandle.has(handle) ? fail('EEXIST', `${what} handle ${handle} is taken`) : undefined;
  }

  get(handle: number): T | undefined {
    return this.#byHandle.get(handle);
  }

  set(handle: number, object: T): void {
    this.#byHandle.set(handle, object);
  }

  delete(handle: number): void {
    this.#byHandle.delete(handle);
  }

  get size(): number {
    return this.#byHandle.size;
  }

  /** All, in no order that matters. */
  values(): Iterable<T> {
    return this.#byHandle.values();
  }

  /** The first, in no order that matters, for which `wanted` holds. */
  find(wanted: (object: T) => boolean): T | undefined {
    for (const object of this.#byHandle.values()) if (wanted(object)) return object;
    return undefined;
  }

  /** All, in the order of their handles. */
  list(): readonly T[] {
    return [...this.#byHandle].sort(([a], [b]) => a - b).map(([, object]) => object);
  }
}

/** Where a QP has no work that could be lost with its CQ. */
const HAS_NO_WORK: readonly QpState[] = ['RESET', 'ERR'];

/** An opened device (`ibv_context`): the unit that is stopped, dumped and restored. */
export class Context implements QpOwner, CqListener {
  readonly device: VerbsDevice;
  readonly pds = new Handles<Pd>();
  readonly mrs = new Handles<Mr>();
  readonly mws = new Handles<Mw>();
  readonly cqs = new Handles<Cq>();
  readonly srqs = new Handles<Srq>();
  readonly qps = new Handles<Qp>();
  readonly ahs = new Handles<Ah>();
  readonly channels = new Handles<CompChannel>();
  //= VRB-6
  /** Stopped for a migration: its consumer is not to run, so no verb may change anything. */
  stopped = false;
  #closed = false;
  #events: AsyncEvent[] = [];
  /** CQs whose QPs are about to be moved to ERR. */
  readonly #failing = new Set<CompletionQueue>();
  /** Told of each async event, for consumers that wait. It may look, poll and post; the device is at work and must keep its QPs. */
  onAsyncEvent: ((event: AsyncEvent) => void) | undefined;
  /** Told that the device has been closed, for consumers that wait. */
  onClosed: (() => void) | undefined;

  constructor(device: VerbsDevice) {
    this.device = device;
  }

  /** Its device has been closed: nothing more will happen here. */
  get closed(): boolean {
    return this.#closed;
  }

  //= VRB-15, VRB-16
  /** The device is closed. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.onClosed?.();
    for (const channel of this.channels.values()) channel.onClosed?.();
  }

  //= VRB-6, VRB-16
  /** Why a call that gives the device work is refused whatever it asks for; undefined if it is not. */
  get refusal(): Failure | undefined {
    if (this.#closed) return fail('ENODEV', 'the device is closed');
    return this.stopped ? fail('EAGAIN', 'the context is stopped') : undefined;
  }

  /** Queues an async event. */
  raise(event: AsyncEvent): void {
    this.#events.push(event);
    this.onAsyncEvent?.(event);
  }

  /** Takes the oldest async event; undefined if there is none. */
  getAsyncEvent(): AsyncEvent | undefined {
    return this.#events.shift();
  }

  /** Async events not yet taken. */
  get asyncEvents(): readonly AsyncEvent[] {
    return this.#events;
  }

  //= VRB-51
  /** Binds a window for a work request of one of its QPs. */
  bindWindow(qp: QpCore, { mw: handle, bind: info, rkey }: SendWqe): boolean {
    const mw = this.mws.get(handle);
    return mw !== undefined && info !== undefined && mw.window.pd === qp.pd && bind(mw, info, rkey, qp.qpn);
  }

  cqEvent(queue: CompletionQueue): void {
    const cq = this.cqs.get(queue.handle);
    cq?.channel?.push(cq);
  }

  //= VRB-24
  cqOverrun(queue: CompletionQueue, first: boolean): void {
    if (first) this.raise({ type: 'CQ_ERR', cq: queue.handle });
    if (this.#failing.has(queue)) return;
    this.#failing.add(queue);
    this.device.defer(() => {
      for (const qp of this.qps.list()) {
        const { engine } = qp;
        if ((engine.sendCq !== queue && engine.recvCq !== queue) || HAS_NO_WORK.includes(engine.state)) continue;
        this.raise({ type: 'QP_FATAL', qpNum: qp.qpNum });
        enterError(qp);
      }
      this.#failing.delete(queue);
    });
  }

  //= VRB-12
  /** An object is gone: what was to be said of it, and has not been taken, is not said any more. */
  forget(about: (event: AsyncEvent) => boolean): void {
    this.#events = this.#events.filter((event) => !about(event));
  }
}
