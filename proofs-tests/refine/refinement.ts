/**
 * Every step of the implementation against the model: the named events, then one `transmit` for each request sent; the
 * model must accept them, send the same, and stand where α of the implementation stands.
 */
import type { Observer, Outcome, WorldStep } from '../../impl/sim/world.ts';
import type { QpEngine } from '../../impl/verbs/device.ts';
import type { QpEvent } from '../../model/context.ts';
import type { Host } from '../../model/packet.ts';
import type { Safety } from '../../model/properties.ts';
import type { Copy } from '../../model/protocol.ts';
import { tardisAsRead } from '../../model/protocols.ts';
import { alpha } from './alpha.ts';
import { type Call, callOf } from './call.ts';
import { differences, mistakeBeside } from './compare.ts';
import { concernedBy } from './concerned.ts';
import { Coverage } from './coverage.ts';
import type { Frame } from './frame.ts';
import { Hearing } from './hearing.ts';
import { eventsOf } from './inputs.ts';
import { failsLocally } from './left-out.ts';
import { follow, Outputs } from './outputs.ts';
import { said } from './packets.ts';
import { PlainRefinement } from './plain.ts';
import { Shadow } from './shadow.ts';

/** A step that the model does not have. */
export type Departure = {
  /** `REFINES`, or the safety property that the model's ghosts saw broken. */
  readonly property: 'REFINES' | Safety;
  /** When, where, after what. */
  readonly says: string;
};

/** α, which a test of the test may falsify. */
export type Abstraction = typeof alpha;

const PROTOCOL = tardisAsRead({});

/** An end on watch: device and QPN. */
type Place = { readonly nic: number; readonly qpn: number };

/** A QP on watch that an input concerns, and what is about to befall it. */
type Concerned = { readonly qpn: number; readonly shadow: Shadow; readonly events: readonly QpEvent[] };

type Depart = (says: string, property?: Departure['property']) => void;

const NOTHING: readonly QpEvent[] = [];

export class Refinement implements Observer {
  readonly coverage = new Coverage();
  readonly departures: Departure[] = [];
  steps = 0;
  /** By device and QPN. */
  readonly #shadows = new Map<number, Map<number, Shadow>>();
  /** By QPN: what was dumped last. */
  readonly #images = new Map<number, Shadow>();
  readonly #hearing = new Hearing();
  readonly #abstraction: Abstraction;
  readonly plain = new PlainRefinement((edges, state) => this.coverage.tookPlain(edges, state));
  #call: Call | undefined;
  #concerned: Concerned[] = [];

  constructor(abstraction: Abstraction = alpha) {
    this.#abstraction = abstraction;
  }

  /** Watches a QP that has just been created. */
  watch({ nic, qpn }: Place, frame: Frame): void {
    const shadow = Shadow.fresh(frame, 'RESET', nic, -1, 0);
    this.#at(nic).set(qpn, shadow);
    this.coverage.reach(shadow);
  }

  /** QP-42: of a QP in RESET nothing is left, what migration made of it and of its peer neither. */
  #clear(nic: number, qpn: number, { frame, copy: { context } }: Shadow): Shadow {
    const cleared = Shadow.fresh(frame, 'RESET', nic, context.peerHost, 0);
    this.#at(nic).set(qpn, cleared);
    return cleared;
  }

  /** A QP in INIT will be connected: what it sends and gets, and where its peer is, is known from now on. */
  reframe({ nic, qpn }: Place, frame: Frame, peerHost: Host): void {
    const old = this.#at(nic).get(qpn);
    if (old === undefined) return;
    const { receives } = old.copy.context;
    this.#at(nic).set(qpn, Shadow.fresh(frame, 'INIT', nic, peerHost, receives));
  }

  #at(nic: number): Map<number, Shadow> {
    const known = this.#shadows.get(nic);
    if (known !== undefined) return known;
    const made = new Map<number, Shadow>();
    this.#shadows.set(nic, made);
    return made;
  }

  readonly before = (step: WorldStep): void => {
    this.#concerned = [];
    // Behind the first departure model and implementation have parted.
    if (this.departures.length > 0) return;
    const { input, nic, device } = step;
    this.#call = input.type === 'act' ? callOf(input.name) : undefined;
    this.plain.before(step, this.#call);
    if (this.#call?.verb !== 'restore')
      concernedBy(step, this.#at(nic), (qpn, shadow) => {
        const qp = device.qp(qpn);
        if (qp === undefined) return;
        const events = qp.type === 'RC' ? eventsOf(shadow.frame, qp, step, this.#call, this.#hearing) : NOTHING;
        this.#concerned.push({ qpn, shadow, events });
      });
  };

  readonly after = (step: WorldStep, outcome: Outcome): void => {
    if (this.departures.length > 0) return;
    const { at, nic, device } = step;
    const verb = this.#call?.verb;
    const done = isDone(outcome);
    const says = this.plain.after(step, done);
    if (says !== undefined) this.departures.push({ property: 'REFINES', says: `at ${at} ns, device ${nic}, ${says}` });
    if (verb === 'restore') {
      if (done) for (const { qpn } of device.qps) this.#restore(nic, qpn);
      for (const [qpn, shadow] of this.#at(nic))
        if (device.qp(qpn) !== undefined) this.#concerned.push({ qpn, shadow, events: NOTHING });
    }
    for (const concerned of this.#concerned) {
      const { qpn, shadow } = concerned;
      this.steps += 1;
      this.#judge(concerned, step, outcome, done);
      if (verb === 'dump') this.#images.set(qpn, shadow.restored(shadow.copy));
      if (verb === 'destroy') this.#at(nic).delete(qpn);
    }
  };

  #restore(nic: number, qpn: number): void {
    const image = this.#images.get(qpn);
    if (image === undefined || this.#at(nic).has(qpn)) return;
    this.#at(nic).set(qpn, image.restored(restored(image.copy, nic)));
  }

  #judge({ qpn, shadow, events }: Concerned, step: WorldStep, outcome: Outcome, done: boolean): void {
    const depart: Depart = (says, property = 'REFINES') => {
      const input = step.input.type === 'act' ? step.input.name : step.input.type;
      const named = [input, ...events.map(said)].join(' + ');
      this.departures.push({ property, says: `at ${step.at} ns, device ${step.nic}, QP ${qpn}, ${named}: ${says}` });
    };
    const outputs = new Outputs(shadow, this.coverage, depart);
    if (done) for (const event of events) outputs.follow(event);
    // What a consumer asks for is refused where the model does not have it.
    else if (events.some((event) => shadow.step(event) !== undefined)) depart('is refused, the model takes it');
    const now = done && isReset(events) ? this.#clear(step.nic, qpn, shadow) : shadow;
    outputs.compare(now, step, outcome, this.#hearing);
    const qp = step.device.qp(qpn);
    if (qp?.type === 'RC' && failsLocally(now, qp)) follow(now, { type: 'send.error' }, this.coverage);
    if (qp !== undefined) this.#compareStates(step.nic, now, qp, depart);
  }

  #compareStates(nic: number, shadow: Shadow, qp: QpEngine, depart: Depart): void {
    if (qp.type !== 'RC') return;
    const seen = this.#abstraction(shadow.frame, qp, nic);
    for (const difference of differences(seen, shadow.copy)) depart(difference);
    const { broke } = shadow.copy.context.ghost;
    if (broke) depart(`the model saw ${broke} broken`, broke);
    const mistake = mistakeBeside(seen, shadow);
    if (mistake !== undefined) depart(mistake);
  }
}

const isReset = (events: readonly QpEvent[]): boolean => events.length > 0 && events[0]?.type === 'modify.reset';

/** Whether the verb, if it was one, did what it was to do. */
const isDone = ({ result }: Outcome): boolean =>
  !(typeof result === 'object' && result !== null && 'ok' in result && result.ok === false);

/** A copy as the implementation restores it: in any state, where the published protocol knows four. */
const restored = (image: Copy, host: Host): Copy =>
  PROTOCOL.restore(image, host) ?? {
    value: { ...image.value, self: 'STOPPED' },
    context: { ...image.context, host },
  };
