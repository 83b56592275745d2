/** Steps of QPs of UC and UD against the model: of these it has the verbs states, and no packets. */
import type { PlainGlimpse } from '../../impl/sim/glimpse.ts';
import type { WorldStep } from '../../impl/sim/world.ts';
import type { QpEvent, QpPart } from '../../model/context.ts';
import { connected } from '../../model/initial.ts';
import { verbs } from '../../model/verbs.ts';
import { type Call, callOf } from './call.ts';
import { called } from './inputs.ts';
import { type Snapshot, stepperOf } from './stepper.ts';

/** What the verbs states ask of the parts that are not there: a consumer, and whether the send queue has drained. */
const beside: QpPart = {
  regions: {},
  guards: { 'verbs.consumer': () => true, 'queue.drained': ({ context }) => context.una === context.sent },
  updates: {},
  sends: {},
};
const STEP = stepperOf([verbs, beside]);

/** A QP on watch: whether a send of it may fail, for it has no memory to send from. */
type Plain = { readonly type: 'UC' | 'UD'; readonly mayFail: boolean; nic: number; now: Snapshot };

const fresh = (type: Plain['type']): Snapshot => ({
  value: { verbs: 'RESET', self: 'RUNNING', peer: 'REACHABLE', requester: 'ENGINE', responder: 'ENGINE' },
  context: { ...connected(0, 1, 0), qpType: type },
});

/** Told of an edge that was taken, and of a state. */
type Took = (edges: readonly string[], state: PlainGlimpse['state']) => void;

export class PlainRefinement {
  readonly #qps = new Map<number, Plain>();
  readonly #took: Took;
  steps = 0;

  constructor(took: Took) {
    this.#took = took;
  }

  /** A QP that has just been created; later it is watched where it was restored last. */
  watch(nic: number, qpn: number, type: Plain['type'], mayFail: boolean): void {
    this.#qps.set(qpn, { type, mayFail, nic, now: fresh(type) });
  }

  /** What the model does not have of a step; undefined where it has all of it. */
  judge(step: WorldStep, done: boolean): string | undefined {
    const call = step.input.type === 'act' ? callOf(step.input.name) : undefined;
    if (call?.verb === 'restore' && done)
      for (const qpn of step.after.keys()) {
        const qp = this.#qps.get(qpn);
        if (qp !== undefined) qp.nic = step.nic;
      }
    for (const [qpn, before] of step.before) {
      const qp = this.#qps.get(qpn);
      const after = step.after.get(qpn);
      if (qp?.nic !== step.nic || before.type === 'RC' || after === undefined || after.type === 'RC') continue;
      this.steps += 1;
      const says = this.#judge(qp, qpn, call, before, after, done);
      if (says !== undefined) return `${qp.type} QP ${qpn}, ${step.input.type}: ${says}`;
    }
    return undefined;
  }

  #judge(
    qp: Plain,
    qpn: number,
    call: Call | undefined,
    before: PlainGlimpse,
    after: PlainGlimpse,
    done: boolean,
  ): string | undefined {
    const events = call === undefined || before.phase === 'STOPPED' ? [] : called(call, qpn);
    const drained = before.draining === 'DRAINING' ? 1 : 0;
    qp.now = { ...qp.now, context: { ...qp.now.context, una: 0, sent: drained } };
    for (const event of events) {
      if (event.type === 'stop' || event.type === 'resume' || event.type === 'destroy') continue;
      if (!done && STEP(qp.now, event) !== undefined) return `${event.type} is refused, the model takes it`;
      if (done) this.#take(qp, event);
    }
    if (qp.mayFail && after.state !== qp.now.value.verbs) this.#take(qp, { type: 'send.error' });
    const { state, sends, receives } = after;
    if (state !== qp.now.value.verbs) return `${state}, the model ${qp.now.value.verbs}`;
    if ((state === 'ERR' || state === 'SQE') && sends > 0) return `QP-38, QP-43: ${sends} sends are not flushed`;
    return state === 'ERR' && receives > 0 ? `QP-38: ${receives} receives are not flushed` : undefined;
  }

  #take(qp: Plain, event: QpEvent): void {
    const step = STEP(qp.now, event);
    if (step === undefined) return;
    qp.now = step.after;
    this.#took(
      step.taken.map(({ edge }) => edge),
      step.after.value.verbs,
    );
  }
}
