/** The model's copy of one QP, at implementation size: it takes the same events, and says what should have happened. */
import type { QpContext, QpEvent, QpPart } from '../../model/context.ts';
import { connected } from '../../model/initial.ts';
import { PUBLISHED, tardis } from '../../model/migration/tardis.ts';
import type { Host } from '../../model/packet.ts';
import type { Copy } from '../../model/protocol.ts';
import type { QpValue } from '../../model/qp.ts';
import { requester } from '../../model/requester.ts';
import { responder } from '../../model/responder.ts';
import { verbs } from '../../model/verbs.ts';
import { boundsOf, type Frame, type Stream } from './frame.ts';
import { type Snapshot, type Step, type Stepper, stepperOf } from './stepper.ts';

export const partsAt = (frame: Frame): readonly QpPart[] => {
  const [own, theirs] = [boundsOf(frame, frame.sends), boundsOf(frame, frame.gets)];
  return [verbs, requester(own, frame.sends.works), responder(theirs), tardis(own, PUBLISHED, theirs)];
};

const NOTHING: Stream = { initialPsn: 0, works: [], says: () => false };

/** Before a QP is connected it does not matter what it will send. */
const UNCONNECTED = stepperOf(
  partsAt({
    sends: NOTHING,
    gets: NOTHING,
    peerQpn: -1,
    mtu: 256,
    window: 1,
    retryCnt: 7,
    rnrRetry: 7,
    responderResources: 1,
    hostOf: () => -1,
  }),
);

const RUNS = { self: 'RUNNING', peer: 'REACHABLE', requester: 'ENGINE', responder: 'ENGINE' } as const;

/** Rules by which a NAK, or an answer that implies one, starts a retransmission. */
const BY_NAK = ['RC-26', 'RC-29', 'RC-30', 'RC-31'];

export class Shadow {
  readonly frame: Frame;
  readonly #stepper: Stepper;
  #now: Snapshot;
  /** RC-39, which the model leaves out: a NAK has started a retransmission that has not moved una yet. */
  nakHandled = false;

  private constructor(frame: Frame, stepper: Stepper, now: Snapshot) {
    this.frame = frame;
    this.#stepper = stepper;
    this.#now = now;
  }

  /** A QP of which nothing has been sent or received yet. */
  static fresh(frame: Frame, verbs: 'RESET' | 'INIT', host: Host, peerHost: Host, receives: number): Shadow {
    const value: QpValue = { verbs, ...RUNS };
    const stepper = verbs === 'RESET' ? UNCONNECTED : stepperOf(partsAt(frame));
    return new Shadow(frame, stepper, { value, context: connected(host, peerHost, receives) });
  }

  /** A copy made of this one's image elsewhere. */
  restored({ value, context }: Copy): Shadow {
    const copy = new Shadow(this.frame, this.#stepper, { value, context });
    copy.nakHandled = this.nakHandled;
    return copy;
  }

  get copy(): Snapshot {
    return this.#now;
  }

  /** What the model does with an event. */
  step(event: QpEvent): Step | undefined {
    return this.#stepper(this.#now, event);
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
    const byNak = taken.some(({ edge, rules }) => edge.includes('.rx.') && BY_NAK.includes(rules[0] ?? ''));
    const failed = after.value.verbs === 'ERR';
    return byNak && (failed || retries === (una === was.una ? was.retries : 0) + 1);
  }
}
