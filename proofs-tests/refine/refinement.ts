/**
 * Every step of the implementation against the model: the named events, then one `transmit` for each request sent; the
 * model must accept them, send the same, and stand where α of the implementation stands.
 */
import type { Glimpse } from '../../impl/sim/glimpse.ts';
import type { InFlight } from '../../impl/sim/medium.ts';
import type { WorldStep } from '../../impl/sim/world.ts';
import { decodePacket } from '../../impl/wire/decode.ts';
import type { QpEvent } from '../../model/context.ts';
import type { Host, Packet } from '../../model/packet.ts';
import type { Safety } from '../../model/properties.ts';
import { tardisAsRead } from '../../model/protocols.ts';
import { completedWork } from '../../model/requester.ts';
import { alpha, comparable } from './alpha.ts';
import { callOf } from './call.ts';
import { Coverage } from './coverage.ts';
import type { Frame } from './frame.ts';
import { eventsOf } from './inputs.ts';
import { bare, packetOf, streamOf } from './packets.ts';
import { Shadow } from './shadow.ts';

/** A step that the model does not have. */
export type Departure = {
  /** `REFINES`, or the safety property that the model's ghosts saw broken. */
  readonly property: 'REFINES' | Safety;
  readonly at: number;
  readonly nic: number;
  readonly qpn: number;
  readonly events: readonly string[];
  readonly says: string;
};

/** α, which a test of the test may falsify. */
export type Abstraction = typeof alpha;

const PROTOCOL = tardisAsRead({});

/** An end on watch: device, QPN, and how to read it. */
type Place = { readonly nic: number; readonly qpn: number };

const keyOf = ({ nic, qpn }: Place): string => `${nic}/${qpn}`;

export class Refinement {
  readonly coverage = new Coverage();
  readonly departures: Departure[] = [];
  steps = 0;
  readonly #shadows = new Map<string, Shadow>();
  /** By QPN: what was dumped last. */
  readonly #images = new Map<number, Shadow>();
  readonly #abstraction: Abstraction;

  constructor(abstraction: Abstraction = alpha) {
    this.#abstraction = abstraction;
  }

  /** Watches a QP that has just been connected. */
  watch(place: Place, frame: Frame, peerHost: Host, receives: number): void {
    const shadow = Shadow.at(frame, 'RTS', place.nic, peerHost, receives);
    this.#shadows.set(keyOf(place), shadow);
    this.coverage.reach(shadow);
  }

  readonly observe = (step: WorldStep): void => {
    // Behind the first departure model and implementation have parted.
    if (this.departures.length > 0) return;
    const call = step.input.type === 'act' ? callOf(step.input.name) : undefined;
    for (const qpn of new Set([...step.before.keys(), ...step.after.keys()])) {
      const place = { nic: step.nic, qpn };
      if (call?.verb === 'restore') this.#restore(place);
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
    const copy = PROTOCOL.restore(image.copy, place.nic);
    if (copy !== undefined) this.#shadows.set(keyOf(place), image.restored(copy));
  }

  #judge(place: Place, shadow: Shadow, step: WorldStep): void {
    const [before, after] = [step.before.get(place.qpn), step.after.get(place.qpn)];
    const events = before?.type === 'RC' ? eventsOf(shadow.frame, place.qpn, before, step.input) : [];
    const depart = (says: string, property: Departure['property'] = 'REFINES'): void => {
      const names = [step.input.type === 'act' ? step.input.name : step.input.type, ...events.map(said)];
      this.departures.push({ property, at: step.at, ...place, events: names, says });
    };
    const due: Packet[] = [];
    for (const event of events) {
      const sent = this.#take(shadow, event);
      if (sent !== undefined) due.push(...sent);
    }
    this.#compareOutputs(place, shadow, step.outputs, due, depart);
    if (after !== undefined) this.#compareStates(place, shadow, after, depart);
  }

  /** Takes an event if the model has it here; what it sends. */
  #take(shadow: Shadow, event: QpEvent): readonly Packet[] | undefined {
    const step = shadow.step(event);
    if (step === undefined || shadow.isBarred(step)) return undefined;
    shadow.take(event, step);
    this.coverage.took(shadow, step.taken);
    return step.sent.map(({ packet }) => bare(packet));
  }

  #compareOutputs(
    { qpn }: Place,
    shadow: Shadow,
    outputs: readonly InFlight[],
    due: Packet[],
    depart: (says: string) => void,
  ): void {
    const { frame } = shadow;
    for (const { bytes, path } of outputs) {
      const decoded = decodePacket(bytes, path);
      if (!decoded.ok) {
        depart(`sends what does not decode: ${decoded.reason}`);
        continue;
      }
      if (decoded.packet.destQp !== frame.peerQpn) continue;
      const origin = frame.hostOf(path.source);
      const sent = packetOf(frame, streamOf(frame, decoded.packet, 'out'), decoded.packet, origin);
      const to = frame.hostOf(path.destination);
      if (to !== shadow.copy.context.peerHost)
        depart(`QP ${qpn} sends to host ${to}, its peer is at ${shadow.copy.context.peerHost}`);
      if (sent?.type === 'rx.request') due.push(...this.#transmit(shadow, sent, depart));
      const expected = due.shift();
      if (sent === undefined || JSON.stringify(bare(sent)) !== JSON.stringify(expected))
        depart(`sends ${said(sent)}, the model ${said(expected)}`);
    }
    for (const missing of due) depart(`does not send ${said(missing)}`);
  }

  #transmit(shadow: Shadow, sent: Extract<Packet, { type: 'rx.request' }>, depart: (says: string) => void) {
    const { part, ackReq, op } = sent;
    const { nxt, sent: ever, una } = shadow.copy.context;
    if (!ackReq && (part === 'only' || part === 'last')) depart('RC-5: a last packet without AckReq');
    if (!ackReq && nxt === una && nxt < ever) depart('RC-6: a retransmission begins without AckReq');
    const answered = this.#take(shadow, { type: 'transmit', ackReq: op === 'READ' || ackReq });
    if (answered === undefined) depart(`sends ${said(sent)}, the model may not send`);
    return answered ?? [];
  }

  #compareStates(place: Place, shadow: Shadow, data: Glimpse, depart: (says: string, property?: Safety) => void): void {
    if (data.type !== 'RC') return;
    const { copy, frame, nakHandled } = shadow;
    const seen = this.#abstraction(frame, data, place.nic);
    const [model, implementation] = [comparable(copy), comparable(seen)];
    for (const [name, value] of differences(implementation, model)) depart(`${name}: ${value}`);
    const { ghost } = copy.context;
    if (ghost.broke) depart(`the model saw ${ghost.broke} broken`, ghost.broke);
    if (copy.value.verbs !== 'RTS') return;
    const completed = completedWork(frame.sends.works, copy.context);
    if (seen.completed !== completed) depart(`RC-22: completed ${seen.completed}, the model ${completed}`);
    if (seen.nakHandled !== nakHandled) depart(`RC-39: nakHandled ${seen.nakHandled}, expected ${nakHandled}`);
    // A STOPPED QP keeps what its timer had left.
    if (copy.value.self === 'STOPPED') return;
    const runs = timerRuns(shadow);
    if (seen.ackTimer !== runs) depart(`RC-40: the ACK timer ${seen.ackTimer ? 'runs' : 'does not run'}`);
  }
}

/** RC-40, MIG-7: whether the ACK timer has to run. */
const timerRuns = ({ copy: { value, context } }: Shadow): boolean =>
  value.self === 'RUNNING' && value.peer === 'REACHABLE' && context.una < context.nxt && context.rnrWait === 0;

const said = (thing: object | undefined): string =>
  thing === undefined
    ? 'nothing'
    : Object.entries(thing)
        .map(([name, value]) => (name === 'type' ? String(value) : `${name} ${JSON.stringify(value)}`))
        .join(' ');

const isEqual = (a: unknown, b: unknown): boolean =>
  a === b || (typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b));

const differences = (implementation: object, model: object): readonly (readonly [string, string])[] => {
  const ours: Readonly<Record<string, unknown>> = { ...implementation };
  const theirs: Readonly<Record<string, unknown>> = { ...model };
  return Object.keys({ ...ours, ...theirs })
    .filter((name) => !isEqual(ours[name], theirs[name]))
    .map((name) => [name, `${JSON.stringify(ours[name])}, the model ${JSON.stringify(theirs[name])}`]);
};
