import { type Bounds, wirePsn } from '../../model/bounds.ts';
import type { Whereabouts } from '../../model/context.ts';
import type { Packet, Side } from '../../model/packet.ts';
import type { Copy } from '../../model/protocol.ts';
import { extendedState, type QpValue } from '../../model/qp.ts';
import type { Scenario } from '../../model/scenario.ts';
import { STRANGER } from '../../model/side-state.ts';
import { otherSide } from '../../model/system.ts';

type Request = Extract<Packet, { type: 'rx.request' }>;

/** What names mean in one scenario: how PSNs are counted, whether control messages carry epochs, who is where. */
export type Vocabulary = {
  readonly scenario: Scenario;
  readonly epochs: boolean;
  /** Name of the place of one end's copy at a host. */
  readonly at: (side: Side, host: number) => string;
};

const requestWords = ({ op, part, psn, psns, message, ackReq }: Request): readonly string[] => {
  const name = part === 'only' ? op : `${op} ${part}`;
  const range = psns > 1 ? `psn ${psn}, ${psns} responses` : `psn ${psn}`;
  const ends = part === 'only' || part === 'last';
  const asks = ends === ackReq ? '' : ackReq ? ' AckReq' : ' no AckReq';
  return [`${name} ${range} "message ${message}"${asks}`, `${name} ${range}`];
};

/** A packet in words of the wire, the longest form first. @param side the end it is for. */
export const packetWords = ({ scenario, epochs }: Vocabulary, side: Side, packet: Packet): readonly string[] => {
  const forged = 'signed' in packet && !packet.signed ? (scenario.faults.earlier ? 'old ' : 'forged ') : '';
  const of = (epoch: number) => (epochs ? ` epoch ${epoch}` : '');
  switch (packet.type) {
    case 'rx.request':
      return requestWords(packet);
    case 'rx.ack':
      return [`ACK psn ${packet.psn}`];
    case 'rx.nak': {
      const code = packet.code === 'SEQUENCE' ? 'PSN sequence error' : 'invalid request';
      return [`NAK psn ${packet.psn}: ${code}`, `NAK psn ${packet.psn}`];
    }
    case 'rx.rnrNak':
      return [`RNR NAK psn ${packet.psn}`];
    case 'rx.response': {
      const op = scenario.sides[side].work[packet.message]?.op ?? 'READ';
      return [`${op} response psn ${packet.psn} "message ${packet.message}"`, `${op} response psn ${packet.psn}`];
    }
    case 'rx.nakStopped':
      return [`${forged}NAK_STOPPED psn ${packet.psn}${of(packet.epoch)}`, `${forged}NAK_STOPPED`];
    case 'rx.resume':
      return [`${forged}RESUME psn ${packet.psn}${of(packet.epoch)}`, `${forged}RESUME`];
    case 'rx.resumed':
      return [
        `RESUMED psn ${packet.psn}${of(packet.epoch)}, answers epoch ${packet.answers}`,
        `RESUMED psn ${packet.psn}`,
        'RESUMED',
      ];
    default:
      return packet satisfies never;
  }
};

/** The state of a copy by its nine names, with what an onlooker would also want to know. */
export const stateWords = (value: QpValue): string => {
  if (value.self === 'GONE') return 'destroyed';
  if (value.self === 'TOMBSTONE') return 'tombstone';
  const name = extendedState(value) ?? value.verbs;
  const beneath = name === 'STOPPED' ? ` (${value.verbs}${value.peer === 'PAUSED' ? ', peer paused' : ''})` : '';
  return `${name}${value.self === 'RESUMING' ? ', resume unanswered' : ''}${beneath}`;
};

const counters = (bounds: Bounds, { context }: Copy): string =>
  `una ${wirePsn(bounds, context.una)} nxt ${wirePsn(bounds, context.nxt)} ePSN ${wirePsn(bounds, context.expected)}`;

/** A copy as a whole, for the top of a column and for images. */
export const copyWords = (words: Vocabulary, side: Side, copy: Copy): readonly string[] => {
  if (copy.context.epoch === STRANGER) return ['a stranger has the QPN'];
  const epoch = words.epochs ? [`epoch ${copy.context.epoch}`] : [];
  return [`QP ${side} ${stateWords(copy.value)}`, counters(words.scenario.bounds, copy), ...epoch];
};

const messages = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, k) => `"message ${from + k}"`).join(', ');

/** What a step changed in a copy that still counts. */
export const changeWords = (
  words: Vocabulary,
  side: Side,
  was: Copy,
  is: Copy,
  completed: readonly [number, number],
) => {
  const { bounds } = words.scenario;
  const said: string[] = [];
  const [old, now] = [was.context, is.context];
  if (stateWords(was.value) !== stateWords(is.value))
    said.push(
      is.value.self === 'TOMBSTONE' ? `tombstone, forwards to ${words.at(side, now.forwardTo)}` : stateWords(is.value),
    );
  if (is.value.self === 'GONE' || is.value.self === 'TOMBSTONE') return said;
  if (old.epoch !== now.epoch && words.epochs) said.push(`epoch ${now.epoch}`);
  if (old.peerHost !== now.peerHost) said.push(`peer now at ${words.at(otherSide(side), now.peerHost)}`);
  if (old.peerEpoch !== now.peerEpoch && words.epochs) said.push(`peer epoch ${now.peerEpoch}`);
  if (old.una !== now.una || old.nxt !== now.nxt)
    said.push(`una ${wirePsn(bounds, now.una)} nxt ${wirePsn(bounds, now.nxt)}`);
  if (completed[1] > completed[0])
    said.push(`${messages(...completed)} complete${completed[1] - completed[0] > 1 ? '' : 's'}`);
  if (old.expected !== now.expected) said.push(`ePSN ${wirePsn(bounds, now.expected)}`);
  if (old.ghost.executed < now.ghost.executed)
    said.push(`${messages(old.ghost.executed, now.ghost.executed)} executed`);
  if (old.retries < now.retries) said.push(`retry ${now.retries} of ${bounds.retryCnt}`);
  if (old.rnrRetries < now.rnrRetries) said.push(`RNR retry ${now.rnrRetries} of ${bounds.rnrRetry}`);
  const [question] = now.asked;
  if (question && old.asked.length === 0)
    said.push(`asks the record, which says: ${recordWords(words, side, question)}`);
  return said;
};

const recordWords = (words: Vocabulary, side: Side, { epoch, at, moving, dead }: Whereabouts): string => {
  if (dead) return 'dead';
  return moving ? `moving, epoch ${epoch}` : `epoch ${epoch} at ${words.at(otherSide(side), at)}`;
};
