/**
 * Every step of the implementation against the model: the named events, then one `transmit` for each request sent; the
 * model must accept them, send the same, and stand where α of the implementation stands.
 */
import type { Glimpse } from '../../impl/sim/glimpse.ts';
import type { WorldStep } from '../../impl/sim/world.ts';
import { decodePacket } from '../../impl/wire/decode.ts';
import type { QpEvent } from '../../model/context.ts';
import type { Host, Packet } from '../../model/packet.ts';
import type { Safety } from '../../model/properties.ts';
import type { Copy } from '../../model/protocol.ts';
import { tardisAsRead } from '../../model/protocols.ts';
import { alpha } from './alpha.ts';
import { callOf } from './call.ts';
import { differences, mistakeBeside } from './compare.ts';
import { Coverage } from './coverage.ts';
import type { Frame } from './frame.ts';
import { eventsOf } from './inputs.ts';
import { failsLocally, refusalOf } from './left-out.ts';
import { bare, packetOf, streamOf } from './packets.ts';
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

const keyOf = ({ nic, qpn }: Place): number => nic * 2 ** 24 + qpn;

type Depart = (says: string, property?: Departure['property']) => void;

export class Refinement {
  readonly coverage = new Coverage();
  readonly departures: Departure[] = [];
  steps = 0;
  readonly #shadows = new Map<number, Shadow>();
  /** By QPN: what was dumped last. */
  readonly #images = new Map<number, Shadow>();
  readonly #abstraction: Abstraction;
  readonly plain = new PlainRefinement((edges, state) => this.coverage.tookPlain(edges, state));

  constructor(abstraction: Abstraction = alpha) {
    this.#abstraction = abstraction;
  }

  /** Watches a QP that has just been created. */
  watch(place: Place, frame: Frame): void {
    const shadow = Shadow.fresh(frame, 'RESET', place.nic, -1, 0);
    this.#shadows.set(keyOf(place), shadow);
    this.coverage.reach(shadow);
  }

  /** QP-42: of a QP in RESET nothing is left, what migration made of it and of its peer neither. */
  #clear(place: Place, { frame, copy: { context } }: Shadow): Shadow {
    const cleared = Shadow.fresh(frame, 'RESET', place.nic, context.peerHost, 0);
    this.#shadows.set(keyOf(place), cleared);
    return cleared;
  }

  /** A QP in INIT will be connected: what it sends and gets, and where its peer is, is known from now on. */
  reframe(place: Place, frame: Frame, peerHost: Host): void {
    const old = this.#shadows.get(keyOf(place));
    if (old === undefined) return;
    const { receives } = old.copy.context;
    this.#shadows.set(keyOf(place), Shadow.fresh(frame, 'INIT', place.nic, peerHost, receives));
  }

  readonly observe = (step: WorldStep): void => {
    // Behind the first departure model and implementation have parted.
    if (this.departures.length > 0) return;
    const call = step.input.type === 'act' ? callOf(step.input.name) : undefined;
    const { nic } = step;
    const says = this.plain.judge(step, isDone(step));
    if (says !== undefined)
      this.departures.push({ property: 'REFINES', says: `at ${step.at} ns, device ${nic}, ${says}` });
    if (call?.verb === 'restore' && isDone(step)) for (const qpn of step.after.keys()) this.#restore({ nic, qpn });
    for (const qpn of (call?.verb === 'restore' ? step.after : step.before).keys()) {
      const place = { nic, qpn };
      const shadow = this.#shadows.get(keyOf(place));
      if (shadow === undefined) continue;
      this.steps += 1;
      this.#judge(place, shadow, step);
      if (call?.verb === 'dump') this.#images.set(qpn, shadow.restored(shadow.copy));
      if (call?.verb === 'destroy') this.#shadows.delete(keyOf(place));
    }
  };

  #restore(place: Place): void {
    const image = this.#images.get(place.qpn);
    if (image === undefined || this.#shadows.has(keyOf(place))) return;
    this.#shadows.set(keyOf(place), image.restored(restored(image.copy, place.nic)));
  }

  #judge(place: Place, shadow: Shadow, step: WorldStep): void {
    const [before, after] = [step.before.get(place.qpn), step.after.get(place.qpn)];
    const events = before?.type === 'RC' ? eventsOf(shadow.frame, place.qpn, before, step.input) : [];
    const depart: Depart = (says, property = 'REFINES') => {
      const input = step.input.type === 'act' ? step.input.name : step.input.type;
      const named = [input, ...events.map(said)].join(' + ');
      this.departures.push({
        property,
        says: `at ${step.at} ns, device ${place.nic}, QP ${place.qpn}, ${named}: ${says}`,
      });
    };
    const due: Packet[] = [];
    const done = isDone(step);
    if (done) for (const event of events) due.push(...this.#take(shadow, event));
    // What a consumer asks for is refused where the model does not have it.
    else if (events.some((event) => shadow.step(event) !== undefined)) depart('is refused, the model takes it');
    const now = done && isReset(events) ? this.#clear(place, shadow) : shadow;
    this.#compareOutputs(now, step, due, depart);
    if (after?.type === 'RC' && failsLocally(now, after)) this.#take(now, { type: 'send.error' });
    if (after !== undefined) this.#compareStates(place, now, after, depart);
  }

  /** Takes an event if the model has it here; what it sends. */
  #take(shadow: Shadow, event: QpEvent): readonly Packet[] {
    const step = shadow.step(event);
    if (step === undefined || shadow.isBarred(step)) return [];
    const refusal = refusalOf(shadow.frame, event, step);
    if (refusal !== undefined) return [refusal, ...this.#take(shadow, { type: 'fatal' })];
    shadow.take(event, step);
    this.coverage.took(shadow, step.taken);
    return step.sent.map(({ packet }) => bare(packet));
  }

  /** What follows a packet is all of the QP that it was for. */
  #compareOutputs(shadow: Shadow, { outputs, input }: WorldStep, due: Packet[], depart: Depart): void {
    const { frame } = shadow;
    const answers = input.type === 'packet';
    for (const { bytes, path } of outputs) {
      const decoded = decodePacket(bytes, path);
      if (!decoded.ok) {
        depart(`sends what does not decode: ${decoded.reason}`);
        continue;
      }
      if (decoded.packet.destQp !== frame.peerQpn) {
        if (answers) depart(`sends to QP ${decoded.packet.destQp}, which is not its peer`);
        continue;
      }
      const origin = frame.hostOf(path.source);
      const sent = packetOf(frame, streamOf(frame, decoded.packet, 'out'), decoded.packet, origin);
      const to = frame.hostOf(path.destination);
      const { peerHost } = shadow.copy.context;
      if (to !== peerHost) depart(`sends to host ${to}, its peer is at ${peerHost}`);
      if (sent?.type === 'rx.request') due.push(...this.#transmit(shadow, sent, depart));
      const expected = due.shift();
      if (sent === undefined || !isEqualPacket(sent, expected, shadow.copy.value.verbs))
        depart(`sends ${said(sent)}, the model ${said(expected)}`);
    }
    for (const missing of due) depart(`does not send ${said(missing)}`);
  }

  #transmit(
    shadow: Shadow,
    sent: Extract<Packet, { type: 'rx.request' }>,
    depart: (says: string) => void,
  ): readonly Packet[] {
    const { part, ackReq, op } = sent;
    const { nxt, sent: ever, una } = shadow.copy.context;
    if (!ackReq && (part === 'only' || part === 'last')) depart('RC-5: a last packet without AckReq');
    if (!ackReq && nxt === una && nxt < ever) depart('RC-6: a retransmission begins without AckReq');
    const answered = this.#take(shadow, { type: 'transmit', ackReq: op === 'READ' || ackReq });
    if (answered.length === 0) depart(`sends ${said(sent)}, the model may not send`);
    return answered;
  }

  #compareStates(place: Place, shadow: Shadow, data: Glimpse, depart: Depart): void {
    if (data.type !== 'RC') return;
    const seen = this.#abstraction(shadow.frame, data, place.nic);
    for (const difference of differences(seen, shadow.copy)) depart(difference);
    const { broke } = shadow.copy.context.ghost;
    if (broke) depart(`the model saw ${broke} broken`, broke);
    const mistake = mistakeBeside(seen, shadow);
    if (mistake !== undefined) depart(mistake);
  }
}

/** Before RTS nobody has told the QP the PSN at which it begins: its resume carries any. */
const isEqualPacket = (sent: Packet, expected: Packet | undefined, verbs: Copy['value']['verbs']): boolean => {
  const unread = verbs === 'RTR' && sent.type === 'rx.resume' ? { ...sent, psn: expected?.psn ?? sent.psn } : sent;
  return JSON.stringify(bare(unread)) === JSON.stringify(expected);
};

const isReset = (events: readonly QpEvent[]): boolean => events.some(({ type }) => type === 'modify.reset');

/** Whether the verb, if it was one, did what it was to do. */
const isDone = ({ result }: WorldStep): boolean =>
  !(typeof result === 'object' && result !== null && 'ok' in result && result.ok === false);

/** A copy as the implementation restores it: in any state, where the published protocol knows four. */
const restored = (image: Copy, host: Host): Copy =>
  PROTOCOL.restore(image, host) ?? {
    value: { ...image.value, self: 'STOPPED' },
    context: { ...image.context, host },
  };

const said = (thing: object | undefined): string =>
  thing === undefined
    ? 'nothing'
    : Object.entries(thing)
        .map(([name, value]) => (name === 'type' ? String(value) : `${name} ${JSON.stringify(value)}`))
        .join(' ');
