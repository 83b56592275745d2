import type { Side } from '../../model/packet.ts';
import type { SideEvent } from '../../model/side-state.ts';
import type { Action, State, System } from '../../model/system.ts';
import type { placeFinder } from './places.ts';
import { copyWords, packetWords, type Vocabulary } from './words.ts';

export type Cause = { readonly at: number; readonly text: string };

/** What happens to a copy or its host by its own doing, in a verb or two. */
const eventWords = (event: Exclude<SideEvent, { kind: 'coordinator' }>, resuming: boolean): string => {
  switch (event.kind) {
    case 'copy':
      switch (event.event.type) {
        case 'transmit':
          return 'transmit';
        case 'ackTimeout':
          return resuming ? 'resume timeout' : 'ACK timeout';
        case 'rnrTimeout':
          return 'RNR timer over';
        case 'record.answer':
          return 'the record answers';
        case 'post.receive':
          return 'post receive';
        default:
          return event.event.type;
      }
    case 'consumer':
      return `consumer: ${event.event.type.replace('modify.', 'modify QP to ').replace(/ (\w+)$/, (name) => name.toUpperCase())}`;
    case 'orderAgain':
      return `an order comes again, to ${ORDERS[event.event.type] ?? event.event.type}`;
    case 'restoreAgain':
      return 'an order comes again, to restore';
    case 'destroy':
      return 'old copy';
    case 'entomb':
      return 'migration over';
    case 'retire':
      return 'retire';
    case 'dark':
      return 'HOST GOES DARK';
    case 'dies':
      return 'HOST DIES';
    case 'reuse':
      return 'QPN given away';
    default:
      return event satisfies never;
  }
};

const ORDERS: { readonly [order: string]: string } = { activate: 'start', unstop: 'start' };

const ON_TARGET = ['restore', 'resume', 'commit'];
const COORDINATOR = {
  dumpMemory: 'dump memory',
  stop: 'stop',
  halt: 'hears of the intent, stops',
  dump: 'dump',
  restore: 'restore',
  resume: 'resume',
  commit: 'commit, activate',
  start: 'hears of the decision, starts',
  goOn: 'application goes on, works through its other connection',
  abort: 'ABORT',
  crash: 'COORDINATOR CRASHES',
  return: 'coordinator returns',
  declareDead: 'recorded as lost',
} as const;

/** Where a decision takes effect later than it is entered. */
const DECISIONS: { readonly [step: string]: string } = {
  stop: 'the record has: intent',
  commit: 'the record has: commit',
  abort: 'the record has: abort',
};

/** What a step does that is no packet's arrival, and at which column. */
export const causeWords = (
  words: Vocabulary,
  system: System,
  find: ReturnType<typeof placeFinder>,
  action: Action,
  before: State,
): Cause | undefined => {
  if (action.kind === 'forge') {
    const text = words.scenario.faults.earlier ? 'an old message is on its way' : 'forges';
    return { at: find(action.packet.side, action.packet.from), text };
  }
  if (action.kind !== 'side') return undefined;
  const { side, event } = action;
  const state = before.sides[side];
  if (event.kind !== 'coordinator') {
    const resuming = system.side[side].selfOf(state.copies[event.host]) === 'RESUMING';
    return { at: find(side, event.host), text: eventWords(event, resuming) };
  }
  const { route, hop } = system.side[side].machines.coordinator(state.coordinator).context;
  const host = route[ON_TARGET.includes(event.type) ? hop + 1 : hop] ?? route[hop] ?? 0;
  const decides = words.scenario.assumptions.record === 'later' && DECISIONS[event.type];
  const text =
    event.type === 'dump' ? `dump, image: ${imageWords(words, system, side, before)}` : COORDINATOR[event.type];
  return { at: find(side, host), text: decides || text };
};

/** What the image of the copy about to be dumped says. */
const imageWords = (words: Vocabulary, system: System, side: Side, { sides }: State): string => {
  const { machines, authority } = system.side[side];
  const { local } = authority(sides[side]);
  return local ? copyWords(words, side, machines.copy(local)).slice(1).join(', ') : '';
};

/** Status with which work completes when a step takes a QP to ERR. */
export const errorWords = (action: Action): string | undefined => {
  if (action.kind === 'side') {
    const type = action.event.kind === 'copy' ? action.event.event.type : undefined;
    return type === 'ackTimeout' || type === 'record.answer' ? 'RETRY_EXC_ERR' : undefined;
  }
  const { packet } = action.packet;
  if (packet.type === 'rx.rnrNak') return 'RNR_RETRY_EXC_ERR';
  return packet.type === 'rx.nak' && packet.code === 'INVALID_REQUEST' ? 'REM_INV_REQ_ERR' : undefined;
};

/** A step in one line, for lists. */
export const actionWords = (words: Vocabulary, action: Action): string => {
  if (action.kind !== 'side') {
    const { side, to, packet } = action.packet;
    const [name] = packetWords(words, side, packet);
    return `${VERBS[action.kind]} ${name} for ${words.at(side, to)}`;
  }
  const { side, event } = action;
  if (event.kind === 'coordinator') return `coordinator of ${side}: ${COORDINATOR[event.type]}`;
  return `${words.at(side, event.host)}: ${eventWords(event, false)}`;
};

const VERBS = {
  arrive: 'arrives:',
  lose: 'is lost:',
  duplicate: 'arrives, and a copy stays:',
  forge: 'is forged:',
} as const;
