import type { Side } from '../../model/packet.ts';
import type { Facts, PropertyId } from '../../model/properties.ts';
import type { Copy } from '../../model/protocol.ts';
import { extendedState } from '../../model/qp.ts';
import type { Scenario } from '../../model/scenario.ts';
import { otherSide, SIDES, type State, type System } from '../../model/system.ts';
import type { Compiled } from '../checker/compiled.ts';
import { type Future, futureOf } from '../checker/future.ts';
import { type Happening, judgeRun } from '../checker/run.ts';
import { contradiction } from './contradiction.ts';
import { stateWords, type Vocabulary } from './words.ts';

/** Chapter 70 in one sentence each, for whoever reads a counterexample. */
export const PROPERTY_SAYS: Readonly<Record<PropertyId, string>> = {
  'SAFE-1': 'a work completion with SUCCESS means that the other end has executed that message',
  'SAFE-2': 'messages are executed in post order, each once',
  'SAFE-3': 'an atomic is executed at most once, and only its own response completes it or a READ',
  'SAFE-4': 'a STOPPED QP sends no request and changes nothing that was dumped',
  'SAFE-5': 'a PAUSED QP sends no request and counts no retry',
  'SAFE-6': 'at most one copy of a QP runs at any time',
  'SAFE-7': 'no QP reaches ERR or SQE that would not have without the migration',
  'SAFE-8': 'a PSN is sent again only with the same content, and never below the first unacknowledged one',
  'SAFE-9':
    'control messages that are forged or of a superseded incarnation change nothing, and no stranger executes a message',
  'SAFE-10':
    'no application that has worked through one connection since a migration sees another fail by it, or its work undone',
  'REC-1': 'from every state the connection can still get to where all work is complete and no QP is STOPPED or PAUSED',
  'LIVE-1':
    'with finitely many faults and a fair network, every migration ends and every posted work request completes',
  'THM-1': 'the consumers see nothing that a connection without migration could not have shown them',
};

/** What one end is like in a state. */
type Plight = 'paused' | 'unanswered' | 'stopped' | 'travels' | 'waits' | 'fine';

const plightOf = (system: System, side: Side, { sides }: State, { calm, complete, ended }: Facts): Plight => {
  const { at, local } = system.side[side].authority(sides[side]);
  if (at === 'image') return 'travels';
  if (!local) return 'fine';
  const { value } = system.side[side].machines.copy(local);
  if (value.self === 'STOPPED') return 'stopped';
  if (value.self === 'RESUMING') return 'unanswered';
  if (extendedState(value) === 'PAUSED') return 'paused';
  return ended || (calm && complete) ? 'fine' : 'waits';
};

/** Hosts that a resume for this end is on its way to, in any state that can follow. */
const resumesFor = (compiled: Compiled, { states }: Future, side: Side): ReadonlySet<number> => {
  const hosts = new Set<number>();
  const seen = new Set<number>();
  for (let index = 0; index < states.size; index += 1) {
    const network = states.network(index);
    if (seen.has(network)) continue;
    seen.add(network);
    for (const { packet, side: receiver, to } of compiled.network.state(network).packets)
      if (packet.type === 'rx.resume' && receiver === side) hosts.add(to);
  }
  return hosts;
};

/** The one thing an end is in everything that can follow; undefined when it changes. */
const lasting = (compiled: Compiled, scenario: Scenario, { states }: Future, side: Side): Plight | undefined => {
  const { system } = compiled;
  const { facts } = judgeRun(system, scenario);
  const seen = new Map<number, Plight>();
  for (let index = 0; index < states.size; index += 1) {
    const id = side === 'A' ? states.a(index) : states.b(index);
    if (seen.has(id)) continue;
    const state = compiled.state(states.a(index), states.b(index), states.network(index));
    seen.set(id, plightOf(system, side, state, facts[side](state.sides[side])));
  }
  const plights = new Set(seen.values());
  return plights.size === 1 ? [...plights][0] : undefined;
};

const hostsNow = (system: System, side: Side, { sides }: State): number | 'image' =>
  system.side[side].authority(sides[side]).at;

const copyNow = (system: System, side: Side, { sides }: State): Copy =>
  system.side[side].machines.copy(system.side[side].authority(sides[side]).local);

/** Why a peer that a resume reaches does not answer it. */
const deafness = (words: Vocabulary, compiled: Compiled, future: Future, peer: Side, { sides }: State): string => {
  const { system } = compiled;
  if (!words.scenario.sides[peer].capable) return ': its peer does not know such a message';
  const { local } = system.side[peer].authority(sides[peer]);
  if (!local) return ': its peer is lost';
  if (resumesFor(compiled, future, peer).size === 0) return ', which it does not repeat';
  const state = stateWords(system.side[peer].machines.copy(local).value);
  return state === 'RTS' ? '' : `: QP ${peer} is ${state}`;
};

/** Where the requests of an end go instead of to its peer. */
const misdirection = (words: Vocabulary, system: System, side: Side, end: State): string => {
  const peer = otherSide(side);
  const { peerHost } = copyNow(system, side, end).context;
  const at = hostsNow(system, peer, end);
  if (at === peerHost) return '';
  const there = at === 'image' ? 'an image' : `at ${words.at(peer, at)}`;
  return `: it takes its peer to be at ${words.at(peer, peerHost)}, but that is ${there}`;
};

/** Why an end never gets on, for a state that is never left for good. */
const plightWords = (words: Vocabulary, compiled: Compiled, end: State, future: Future, side: Side): string[] => {
  const { system } = compiled;
  const peer = otherSide(side);
  const at = hostsNow(system, side, end);
  const here = at === 'image' ? 'nowhere, an image' : words.at(side, at);
  switch (lasting(compiled, words.scenario, future, side)) {
    case 'paused': {
      const resumes = [...resumesFor(compiled, future, side)];
      if (resumes.length === 0)
        return [`QP ${side} stays PAUSED at ${here}: no resume is on its way to it and nobody will send one`];
      const astray = resumes.filter((host) => host !== at).map((host) => words.at(side, host));
      return [
        astray.length === resumes.length
          ? `QP ${side} stays PAUSED at ${here}: every resume for it goes to ${astray.join(' and ')}, which it has left`
          : `QP ${side} stays PAUSED at ${here}: it takes none of the resumes that reach it`,
      ];
    }
    case 'unanswered': {
      const copy = copyNow(system, side, end);
      const to = words.at(peer, copy.context.peerHost);
      const peerAt = hostsNow(system, peer, end);
      if (peerAt !== copy.context.peerHost)
        return [
          `QP ${side} at ${here} waits for ever for an answer to its resume: it knows its peer at ${to}, ` +
            (peerAt === 'image' ? 'where it is no longer' : `but that is at ${words.at(peer, peerAt)} now`),
        ];
      return [
        `QP ${side} at ${here} waits for ever for an answer to its resume${deafness(words, compiled, future, peer, end)}`,
      ];
    }
    case 'stopped':
      return [`QP ${side} stays STOPPED at ${here}: nobody will resume it`];
    case 'travels':
      return [
        `QP ${side} is an image of a QP in ${copyNow(system, side, end).value.verbs} that nobody will restore and resume`,
      ];
    case 'waits':
      return [`QP ${side} never completes its work${misdirection(words, system, side, end)}`];
    default:
      return [];
  }
};

/** Where a connection ends up that cannot recover, and why, one sentence for each end that is stuck. */
export const stuckWords = (words: Vocabulary, compiled: Compiled, end: State): readonly string[] => {
  const future = futureOf(compiled, end);
  const said = SIDES.flatMap((side) => plightWords(words, compiled, end, future, side));
  return said.length > 0 ? said : ['the ends wait for each other'];
};

const GOES_ROUND: Readonly<Record<Plight, string>> = {
  paused: 'is PAUSED again and again',
  unanswered: 'never gets an answer to its resume',
  stopped: 'stays STOPPED',
  travels: 'stays an image',
  waits: 'never completes its work',
  fine: '',
};

/** What a round that repeats for ever keeps from both ends, though nothing that waits is left out of it. */
export const roundWords = (words: Vocabulary, system: System, end: State): readonly string[] => {
  const { facts } = judgeRun(system, words.scenario);
  const stuck = SIDES.flatMap((side) => {
    const plight = plightOf(system, side, end, facts[side](end.sides[side]));
    return plight === 'fine' ? [] : [`QP ${side} ${GOES_ROUND[plight]}`];
  });
  return [
    [...stuck, 'though in every round each armed timer fires and each packet that can arrive arrives'].join(', '),
  ];
};

/** What is wrong in the last step of a run that breaks a safety property. */
export const brokenWords = (
  words: Vocabulary,
  system: System,
  id: PropertyId,
  run: readonly Happening[],
): readonly string[] => {
  const last = run.at(-1);
  return last ? contradiction(words, system, id, last) : [];
};
