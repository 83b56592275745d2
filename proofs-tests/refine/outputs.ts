/** What a QP sends, against what the model sends: answers in their order, and one `transmit` for each request. */
import type { Outcome, WorldStep } from '../../impl/sim/world.ts';
import type { QpEvent } from '../../model/context.ts';
import type { Packet } from '../../model/packet.ts';
import type { Copy } from '../../model/protocol.ts';
import type { Coverage } from './coverage.ts';
import { type Heard, type Hearing, tell } from './hearing.ts';
import { refusalOf } from './left-out.ts';
import { isSamePacket, said } from './packets.ts';
import type { Shadow } from './shadow.ts';

/** Says what the model does not have. */
export type Depart = (says: string) => void;

const NOTHING: readonly Packet[] = [];

/** Takes an event if the model has it here; what it sends. */
export const follow = (shadow: Shadow, event: QpEvent, coverage: Coverage): readonly Packet[] => {
  const step = shadow.step(event);
  if (step === undefined || shadow.isBarred(step)) return NOTHING;
  const refusal = refusalOf(shadow.frame, event, step);
  if (refusal !== undefined) return [refusal, ...follow(shadow, { type: 'fatal' }, coverage)];
  shadow.take(event, step);
  coverage.took(shadow, step.taken);
  return step.sent.length === 0 ? NOTHING : step.sent.map(({ packet }) => packet);
};

type Request = Extract<Packet, { type: 'rx.request' }>;

/** One QP of a step under comparison. */
export class Outputs {
  readonly #shadow: Shadow;
  readonly #coverage: Coverage;
  readonly #depart: Depart;
  /** What the model has sent and nobody has heard yet. */
  readonly #due: Packet[] = [];

  constructor(shadow: Shadow, coverage: Coverage, depart: Depart) {
    this.#shadow = shadow;
    this.#coverage = coverage;
    this.#depart = depart;
  }

  /** What befell the QP. */
  follow(event: QpEvent): void {
    this.#owe(follow(this.#shadow, event, this.#coverage));
  }

  /** What follows a packet is all of the QP that it was for. */
  compare(shadow: Shadow, { input }: WorldStep, { outputs }: Outcome, hearing: Hearing): void {
    const { frame } = shadow;
    for (const output of outputs) {
      const heard = hearing.of(output);
      if (!heard.ok) this.#depart(`sends what does not decode: ${heard.reason}`);
      else if (heard.packet.destQp === frame.peerQpn) this.#compareOne(shadow, heard);
      else if (input.type === 'packet') this.#depart(`sends to QP ${heard.packet.destQp}, which is not its peer`);
    }
    for (const missing of this.#due) this.#depart(`does not send ${said(missing)}`);
  }

  #compareOne(shadow: Shadow, heard: Heard): void {
    const sent = tell(heard, shadow.frame, 'out');
    const to = shadow.frame.hostOf(heard.to);
    const { peerHost } = shadow.copy.context;
    if (to !== peerHost) this.#depart(`sends to host ${to}, its peer is at ${peerHost}`);
    if (sent?.type === 'rx.request') this.#transmit(shadow, sent);
    const expected = this.#due.shift();
    if (sent === undefined || expected === undefined || !isAsExpected(sent, expected, shadow.copy.value.verbs))
      this.#depart(`sends ${said(sent)}, the model ${said(expected)}`);
  }

  #transmit(shadow: Shadow, sent: Request): void {
    const { part, ackReq, op } = sent;
    const { nxt, sent: ever, una } = shadow.copy.context;
    if (!ackReq && (part === 'only' || part === 'last')) this.#depart('RC-5: a last packet without AckReq');
    if (!ackReq && nxt === una && nxt < ever) this.#depart('RC-6: a retransmission begins without AckReq');
    const answered = follow(shadow, { type: 'transmit', ackReq: op === 'READ' || ackReq }, this.#coverage);
    if (answered.length === 0) this.#depart(`sends ${said(sent)}, the model may not send`);
    this.#owe(answered);
  }

  #owe(packets: readonly Packet[]): void {
    for (const packet of packets) this.#due.push(packet);
  }
}

/** Before RTS nobody has told the QP the PSN at which it begins: its resume carries any. */
const isAsExpected = (sent: Packet, expected: Packet, verbs: Copy['value']['verbs']): boolean => {
  const isUnread = verbs === 'RTR' && sent.type === 'rx.resume';
  return isSamePacket(isUnread ? { ...sent, psn: expected.psn } : sent, expected);
};
