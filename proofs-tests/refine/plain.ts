/** Steps of QPs of UC and UD against the model: of these it has the verbs states, and no packets. */
import type { MigrationState } from '../../impl/qp/migration-state.ts';
import type { Draining } from '../../impl/qp/qp-core.ts';
import type { QpState } from '../../impl/qp/state.ts';
import type { WorldStep } from '../../impl/sim/world.ts';
import type { QpEngine } from '../../impl/verbs/device.ts';
import type { QpEvent, QpPart } from '../../model/context.ts';
import { connected } from '../../model/initial.ts';
import { verbs } from '../../model/verbs.ts';
import type { Call } from './call.ts';
import { concernedBy } from './concerned.ts';
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

/** One that an input concerns, as it was before. */
type Concerned = {
  readonly qpn: number;
  readonly qp: Plain;
  readonly phase: MigrationState['phase'];
  readonly draining: Draining;
};

const fresh = (type: Plain['type']): Snapshot => ({
  value: { verbs: 'RESET', self: 'RUNNING', peer: 'REACHABLE', requester: 'ENGINE', responder: 'ENGINE' },
  context: { ...connected(0, 1, 0), qpType: type },
});

/** Told of an edge that was taken, and of a state. */
type Took = (edges: readonly string[], state: QpState) => void;

export class PlainRefinement {
  readonly #qps = new Map<number, Plain>();
  readonly #took: Took;
  #call: Call | undefined;
  #concerned: Concerned[] = [];
  steps = 0;

  constructor(took: Took) {
    this.#took = took;
  }

  /** A QP that has just been created; later it is watched where it was restored last. */
  watch(nic: number, qpn: number, type: Plain['type'], mayFail: boolean): void {
    this.#qps.set(qpn, { type, mayFail, nic, now: fresh(type) });
  }

  /** A device is about to be given an input; `call`, if it is an act. */
  before(step: WorldStep, call: Call | undefined): void {
    if (this.#qps.size === 0) return;
    this.#call = call;
    this.#concerned = [];
    concernedBy(step, this.#qps, (qpn, qp) => {
      const engine = step.device.qp(qpn);
      // Before a restore it is not there; then it is watched as it stands behind it.
      if (engine === undefined || engine.type === 'RC' || (qp.nic !== step.nic && call?.verb !== 'restore')) return;
      const { phase } = engine.migration;
      this.#concerned.push({ qpn, qp, phase, draining: engine.draining });
    });
  }

  /** What the model does not have of a step; undefined where it has all of it. */
  after({ device, nic, input }: WorldStep, done: boolean): string | undefined {
    if (this.#qps.size === 0) return undefined;
    if (this.#call?.verb === 'restore' && done)
      for (const { qpn } of device.qps) {
        const qp = this.#qps.get(qpn);
        if (qp !== undefined) qp.nic = nic;
      }
    for (const each of this.#concerned) {
      const engine = device.qp(each.qpn);
      if (each.qp.nic !== nic || engine === undefined || engine.type === 'RC') continue;
      this.steps += 1;
      const says = this.#judge(each, engine, done);
      if (says !== undefined) return `${each.qp.type} QP ${each.qpn}, ${input.type}: ${says}`;
    }
    return undefined;
  }

  #judge({ qp, qpn, phase, draining }: Concerned, after: QpEngine, done: boolean): string | undefined {
    const events = this.#call === undefined || phase === 'STOPPED' ? [] : called(this.#call, qpn);
    qp.now = { ...qp.now, context: { ...qp.now.context, una: 0, sent: draining === 'DRAINING' ? 1 : 0 } };
    for (const event of events) {
      if (event.type === 'stop' || event.type === 'resume' || event.type === 'destroy') continue;
      if (!done && STEP(qp.now, event) !== undefined) return `${event.type} is refused, the model takes it`;
      if (done) this.#take(qp, event);
    }
    if (qp.mayFail && after.state !== qp.now.value.verbs) this.#take(qp, { type: 'send.error' });
    const { state, sq, rq } = after;
    const sends = sq.head - sq.tail;
    if (state !== qp.now.value.verbs) return `${state}, the model ${qp.now.value.verbs}`;
    if ((state === 'ERR' || state === 'SQE') && sends > 0) return `QP-38, QP-43: ${sends} sends are not flushed`;
    return state === 'ERR' && rq.count > 0 ? `QP-38: ${rq.count} receives are not flushed` : undefined;
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
