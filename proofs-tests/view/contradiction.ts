import type { Side } from '../../model/packet.ts';
import type { PropertyId } from '../../model/properties.ts';
import type { Copy } from '../../model/protocol.ts';
import { STRANGER } from '../../model/side-state.ts';
import { otherSide, SIDES, type State, type System } from '../../model/system.ts';
import { type Happening, judgeRun } from '../checker/run.ts';
import { packetWords, stateWords, type Vocabulary } from './words.ts';

type Living = { readonly side: Side; readonly host: number; readonly copy: Copy };

const livingIn = (system: System, { sides }: State, side: Side): readonly Living[] =>
  sides[side].copies.flatMap((local, host) =>
    local ? [{ side, host, copy: system.side[side].machines.copy(local) }] : [],
  );

const count = (messages: number): string => `${messages} message${messages === 1 ? '' : 's'}`;

const executedLess = (words: Vocabulary, system: System, state: State): readonly string[] => {
  const { facts } = judgeRun(system, words.scenario);
  return SIDES.flatMap((side) => {
    const peer = otherSide(side);
    const [own, other] = [facts[side](state.sides[side]), facts[peer](state.sides[peer])];
    return own.completed > other.executed
      ? [
          `QP ${side} has completed ${count(own.completed)} with SUCCESS, of which ` +
            `${system.side[peer].authority(state.sides[peer]).at === 'image' ? 'the image of ' : ''}QP ${peer} has executed ` +
            `${other.executed === 0 ? 'none' : `only ${other.executed}`}`,
        ]
      : [];
  });
};

const outOfTurn = (words: Vocabulary, system: System, state: State, id: PropertyId): readonly string[] =>
  SIDES.flatMap((side) =>
    livingIn(system, state, side).flatMap(({ host, copy }) =>
      copy.context.ghost.broke === id
        ? [`at ${words.at(side, host)} QP ${side} executed or completed another message than the one due`]
        : [],
    ),
  );

/** What an image holds and a STOPPED copy must not change, in words. */
const DUMPED = [
  ['una', 'una'],
  ['nxt', 'the next PSN to send'],
  ['expected', 'its expected PSN'],
  ['nakSent', 'whether it has sent a NAK'],
  ['retries', 'its count of retries'],
  ['peerHost', 'the address of its peer'],
  ['peerEpoch', 'the epoch of its peer'],
] as const;

/** What differs between the image and the copy that it was taken from. */
const changedUnderImage = (words: Vocabulary, system: System, state: State): readonly string[] =>
  SIDES.flatMap((side) => {
    const { at, local } = system.side[side].authority(state.sides[side]);
    if (at !== 'image' || !local) return [];
    const { context: image } = system.side[side].machines.copy(local);
    const source = livingIn(system, state, side).find(
      ({ host, copy }) => host === image.host && copy.value.self === 'STOPPED',
    );
    if (!source) return [];
    const { context } = source.copy;
    const names = DUMPED.flatMap(([key, name]) => (context[key] === image[key] ? [] : [name]));
    if (context.ghost.executed > image.ghost.executed)
      return [
        `the memory in the image of QP ${side} is older than the QP: it lacks a message that the QP has executed`,
      ];
    return names.length === 0
      ? []
      : [
          `QP ${side}, STOPPED at ${words.at(side, source.host)}, changes ${names.join(' and ')} after its image was taken`,
        ];
  });

const runningTwice = (words: Vocabulary, system: System, state: State): readonly string[] =>
  SIDES.flatMap((side) => {
    const running = livingIn(system, state, side).filter(
      ({ copy }) =>
        copy.context.epoch !== STRANGER && (copy.value.self === 'RUNNING' || copy.value.self === 'RESUMING'),
    );
    return running.length > 1
      ? [
          `${running.length} copies of QP ${side} run: at ${running.map(({ host }) => words.at(side, host)).join(' and ')}`,
        ]
      : [];
  });

/** What an end had done and has no longer. */
const undone = (words: Vocabulary, system: System, { before, after }: Happening): readonly string[] => {
  const { facts } = judgeRun(system, words.scenario);
  return SIDES.flatMap((side) => {
    const [was, is] = [facts[side](before.sides[side]), facts[side](after.sides[side])];
    return is.executed < was.executed && !is.lost
      ? [`QP ${side} had executed ${count(was.executed)}; its consumer's memory now shows ${is.executed}`]
      : [];
  });
};

const failed = (words: Vocabulary, system: System, state: State): readonly string[] => {
  const { facts } = judgeRun(system, words.scenario);
  return SIDES.flatMap((side) => {
    const { failed: fails } = facts[side](state.sides[side]);
    const { at, local } = system.side[side].authority(state.sides[side]);
    if (!fails || !local) return [];
    const { value } = system.side[side].machines.copy(local);
    const place = at === 'image' ? 'in its image' : `at ${words.at(side, at)}`;
    return [`QP ${side} is in ${value.verbs} ${place}: its work completes with an error that migration brought about`];
  });
};

/** What an application did through another connection that it should not have done yet. */
const goneOn = (words: Vocabulary, system: System, state: State): readonly string[] =>
  SIDES.flatMap((side) => {
    const { elsewhere } = system.side[side].machines.coordinator(state.sides[side].coordinator).context;
    if (elsewhere === 'lost work')
      return [
        `what the application of QP ${side} did through its other connection was done by a copy that is given up`,
      ];
    return elsewhere === 'work'
      ? [`the application of QP ${side} has worked through its other connection`, ...failed(words, system, state)]
      : [];
  });

/** A control message that should have had no effect, or a stranger that took a message. */
const obeyed = (words: Vocabulary, system: System, { action, after }: Happening): readonly string[] => {
  if (action.kind === 'side') return [];
  const { side, to, packet } = action.packet;
  const copy = livingIn(system, after, side).find(({ host }) => host === to);
  if (copy?.copy.context.epoch === STRANGER)
    return [`the stranger at ${words.at(side, to)} executed a message meant for QP ${side}`];
  const [name] = packetWords({ ...words, epochs: true }, side, packet);
  return copy
    ? [
        `${name} changed QP ${side} at ${words.at(side, to)}: it is ${stateWords(copy.copy.value)} and takes its peer to be at ${words.at(otherSide(side), copy.copy.context.peerHost)}`,
      ]
    : [];
};

const pausedActs = (words: Vocabulary, system: System, { action, after }: Happening): readonly string[] => {
  const side = action.kind === 'side' ? action.side : action.packet.side;
  return livingIn(system, after, side)
    .filter(({ copy }) => copy.value.peer === 'PAUSED')
    .map(({ host, copy }) =>
      copy.context.retries > 0
        ? `QP ${side} at ${words.at(side, host)} is PAUSED and has counted ${copy.context.retries} of its ${words.scenario.bounds.retryCnt} retries`
        : `QP ${side} at ${words.at(side, host)} is PAUSED and sent a request`,
    );
};

/** What is wrong where a safety property is broken; nothing where there are no better words than the property's own. */
export const contradiction = (
  words: Vocabulary,
  system: System,
  id: PropertyId,
  last: Happening,
): readonly string[] => {
  switch (id) {
    case 'SAFE-1':
      return executedLess(words, system, last.after);
    case 'SAFE-2':
    case 'SAFE-3':
    case 'SAFE-8':
      return outOfTurn(words, system, last.after, id);
    case 'SAFE-4':
      return changedUnderImage(words, system, last.after);
    case 'SAFE-5':
      return pausedActs(words, system, last);
    case 'SAFE-6':
      return runningTwice(words, system, last.after);
    case 'SAFE-7':
      return failed(words, system, last.after);
    case 'SAFE-9':
      return obeyed(words, system, last);
    case 'SAFE-10':
      return goneOn(words, system, last.after);
    case 'THM-1':
      return [
        ...undone(words, system, last),
        ...executedLess(words, system, last.after),
        ...failed(words, system, last.after),
      ];
    default:
      return [];
  }
};
