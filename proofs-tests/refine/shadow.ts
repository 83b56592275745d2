/** The model's copy of one QP, at implementation size: it takes the same events, and says what should have happened. */
import type { Bounds } from '../../model/bounds.ts';
import type { QpContext, QpEvent, QpPart } from '../../model/context.ts';
import { connected } from '../../model/initial.ts';
import { PUBLISHED, tardis } from '../../model/migration/tardis.ts';
import type { Host } from '../../model/packet.ts';
import type { Copy } from '../../model/protocol.ts';
import type { QpValue } from '../../model/qp.ts';
import { requester } from '../../model/requester.ts';
import { responder } from '../../model/responder.ts';
import { verbs } from '../../model/verbs.ts';
import type { Work } from '../../model/workload.ts';
import { boundsOf, type Frame, type Stream } from './frame.ts';
import { copyOf, type Snapshot, type Step, stepperOf } from './stepper.ts';

export const partsAt = (own: Bounds, theirs: Bounds, works: readonly Work[]): readonly QpPart[] => [
  verbs,
  requester(own, works),
  responder(theirs),
  tardis(own, PUBLISHED, theirs),
];

/** Before a QP is connected it does not matter what it will send. */
const NOTHING: Stream = { initialPsn: 0, works: [], says: () => false };
const UNCONNECTED: Frame = {
  sends: NOTHING,
  gets: NOTHING,
  peerQpn: -1,
  mtu: 256,
  window: 1,
  retryCnt: 7,
  rnrRetry: 7,
  responderResources: 1,
  hostOf: () => -1,
};

/**
 * One machine for all QPs, for to make one takes as long as a run: it reads the bounds and the work of whose turn it is.
 */
class Machine {
  readonly #own = { ...boundsOf(UNCONNECTED, NOTHING) };
  readonly #theirs = { ...boundsOf(UNCONNECTED, NOTHING) };
  readonly #works: Work[] = [];
  readonly #stepper = stepperOf(partsAt(this.#own, this.#theirs, this.#works));
  #frame = UNCONNECTED;

  step(frame: Frame, before: Snapshot, event: QpEvent): Step | undefined {
    if (frame !== this.#frame) this.#turnTo(frame);
    return this.#stepper(before, event);
  }

  #turnTo(frame: Frame): void {
    const { sends, gets } = frame;
    this.#frame = frame;
    Object.assign(this.#own, boundsOf(frame, sends));
    Object.assign(this.#theirs, boundsOf(frame, gets));
    this.#works.length = 0;
    for (const work of sends.works) this.#works.push(work);
  }
}

const MACHINE = new Machine();

/** What the model does with an event at a QP that has this frame. */
export const stepAt = (frame: Frame, before: Snapshot, event: QpEvent): Step | undefined =>
  MACHINE.step(frame, before, event);

const RUNS = { self: 'RUNNING', peer: 'REACHABLE', requester: 'ENGINE', responder: 'ENGINE' } as const;

/** Rules by which a NAK, or an answer that implies one, starts a retransmission. */
const BY_NAK = ['RC-26', 'RC-29', 'RC-30', 'RC-31'];

export class Shadow {
  readonly frame: Frame;
  /** The frame, once the QP is connected. */
  readonly #bound: Frame;
  #now: Snapshot;
  /** RC-39, which the model leaves out: a NAK has started a retransmission that has not moved una yet. */
  nakHandled = false;

  private constructor(frame: Frame, bound: Frame, now: Snapshot) {
    this.frame = frame;
    this.#bound = bound;
    this.#now = now;
  }

  /** A QP of which nothing has been sent or received yet. */
  static fresh(frame: Frame, verbs: 'RESET' | 'INIT', host: Host, peerHost: Host, receives: number): Shadow {
    const value: QpValue = { verbs, ...RUNS };
    return new Shadow(frame, verbs === 'RESET' ? UNCONNECTED : frame, {
      value,
      context: copyOf(connected(host, peerHost, receives)),
    });
  }

  /** A copy made of this one's image elsewhere. */
  restored({ value, context }: Copy): Shadow {
    const copy = new Shadow(this.frame, this.#bound, { value, context: copyOf(context) });
    copy.nakHandled = this.nakHandled;
    return copy;
  }

  get copy(): Snapshot {
    return this.#now;
  }

  /** What the model does with an event. */
  step(event: QpEvent): Step | undefined {
    return stepAt(this.#bound, this.#now, event);
  }

  /** Whether RC-39 forbids the retransmission that this step would start. */
  isBarred(step: Step): boolean {
    return this.nakHandled && this.#startsByNak(step) && step.after.context.una === this.#now.context.una;
  }

  take(event: QpEvent, step: Step): void {
    const starts = this.#startsByNak(step);
    if (step.after.context.una !== this.#now.context.una) this.nakHandled = false;
    if (starts) this.nakHandled = true;
    const resumed = event.type === 'rx.resume' && this.#now.value.self !== 'STOPPED';
    if (resumed || event.type === 'resume' || event.type === 'ackTimeout') this.nakHandled = false;
    this.#now = step.after;
  }

  #startsByNak({ taken, after }: Step): boolean {
    const was: QpContext = this.#now.context;
    const { una, retries } = after.context;
    if (after.value.verbs !== 'ERR' && retries !== (una === was.una ? was.retries : 0) + 1) return false;
    return taken.some(({ edge, rules }) => edge.includes('.rx.') && BY_NAK.includes(rules[0] ?? ''));
  }
}
