/** The model's copy of one QP, at implementation size: it takes the same events, and says what should have happened. */
import { type AnyMachineSnapshot, type AnyStateMachine, transition } from 'xstate';
import type { QpContext, QpEvent, QpPart } from '../../model/context.ts';
import { connected } from '../../model/initial.ts';
import type { Taken } from '../../model/machine.ts';
import { PUBLISHED, tardis } from '../../model/migration/tardis.ts';
import type { Host, Transmit } from '../../model/packet.ts';
import type { Copy } from '../../model/protocol.ts';
import { type QpValue, qpMachine } from '../../model/qp.ts';
import { requester } from '../../model/requester.ts';
import { responder } from '../../model/responder.ts';
import { verbs } from '../../model/verbs.ts';
import { boundsOf, type Frame } from './frame.ts';

export const partsAt = (frame: Frame): readonly QpPart[] => {
  const [own, theirs] = [boundsOf(frame, frame.sends), boundsOf(frame, frame.gets)];
  return [verbs, requester(own, frame.sends.works), responder(theirs), tardis(own, PUBLISHED, theirs)];
};

/** What an event did; undefined where it changed nothing and sent nothing. */
export type ShadowStep = {
  readonly after: AnyMachineSnapshot;
  readonly sent: readonly Transmit[];
  readonly taken: readonly Taken[];
};

const RUNS = { verbs: 'RTS', self: 'RUNNING', peer: 'REACHABLE', requester: 'ENGINE', responder: 'ENGINE' } as const;

const key = ({ value, context }: AnyMachineSnapshot): string => JSON.stringify([value, context]);

/** Rules by which a NAK, or an answer that implies one, starts a retransmission. */
const BY_NAK = ['RC-26', 'RC-29', 'RC-30', 'RC-31'];

export class Shadow {
  readonly frame: Frame;
  readonly #machine: AnyStateMachine;
  #now: AnyMachineSnapshot;
  /** RC-39, which the model leaves out: a NAK has started a retransmission that has not moved una yet. */
  nakHandled = false;

  private constructor(frame: Frame, machine: AnyStateMachine, now: AnyMachineSnapshot) {
    this.frame = frame;
    this.#machine = machine;
    this.#now = now;
  }

  /** A QP that has just been connected. */
  static connected(frame: Frame, host: Host, peerHost: Host, receives: number): Shadow {
    const context = connected(host, peerHost, receives);
    const machine = qpMachine(partsAt(frame), context);
    return new Shadow(frame, machine, machine.resolveState({ value: RUNS, context }));
  }

  /** A copy made of this one's image elsewhere. */
  restored({ value, context }: Copy): Shadow {
    const copy = new Shadow(this.frame, this.#machine, this.#machine.resolveState({ value, context }));
    copy.nakHandled = this.nakHandled;
    return copy;
  }

  get copy(): { readonly value: QpValue; readonly context: QpContext } {
    const { value, context } = this.#now;
    return { value: value as QpValue, context: context as QpContext };
  }

  /** What the model does with an event. */
  step(event: QpEvent): ShadowStep | undefined {
    const [after, actions] = transition(this.#machine, this.#now, event);
    const of = <T>(type: string): readonly T[] =>
      actions.flatMap((action) => (action.type === type ? [action.params as T] : []));
    const sent = of<Transmit>('output');
    const taken = of<Taken>('taken');
    if (sent.length === 0 && key(after) === key(this.#now)) return undefined;
    return { after, sent, taken };
  }

  /** Whether RC-39 forbids the retransmission that this step would start. */
  isBarred(step: ShadowStep): boolean {
    return this.nakHandled && this.#startsByNak(step) && this.#una(step.after) === this.#una(this.#now);
  }

  take(event: QpEvent, step: ShadowStep): void {
    const starts = this.#startsByNak(step);
    if (this.#una(step.after) !== this.#una(this.#now)) this.nakHandled = false;
    if (starts) this.nakHandled = true;
    const restarts = event.type === 'rx.resume' || event.type === 'resume' || event.type === 'ackTimeout';
    if (restarts) this.nakHandled = false;
    this.#now = step.after;
  }

  #una({ context }: AnyMachineSnapshot): number {
    return (context as QpContext).una;
  }

  #startsByNak({ taken, after }: ShadowStep): boolean {
    const was = this.copy.context;
    const { una, retries } = after.context as QpContext;
    const byNak = taken.some(({ edge, rules }) => edge.includes('.rx.') && BY_NAK.includes(rules[0] ?? ''));
    const failed = (after.value as QpValue).verbs === 'ERR';
    return byNak && (failed || retries === (una === was.una ? was.retries : 0) + 1);
  }
}
