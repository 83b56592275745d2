import type { Envelope, Side } from '../../model/packet.ts';
import type { Copy } from '../../model/protocol.ts';
import { completedWork } from '../../model/requester.ts';
import type { Action, State, System } from '../../model/system.ts';

import type { Happening } from '../checker/run.ts';
import { causeWords, errorWords } from './causes.ts';
import { type Place, placeFinder } from './places.ts';
import { changeWords, copyWords, packetWords, type Vocabulary } from './words.ts';

/** A packet between two columns. A tag names one that does not arrive at once. */
export type Arrow = {
  readonly from: number;
  readonly to: number;
  readonly words: readonly string[];
  readonly kind: 'leaves' | 'arrives' | 'lost' | 'arrives and stays';
  readonly tag: string | undefined;
  /** Why an arrival changes nothing. */
  readonly fate: string | undefined;
};

/** What stands at a column after a step. */
export type Life = 'none' | 'runs' | 'held' | 'tombstone';

/** One step as a reader sees it. */
export type Beat = {
  /** Counted from 1. */
  readonly step: number;
  readonly arrow: Arrow | undefined;
  readonly notes: readonly { readonly at: number; readonly text: string }[];
  readonly departures: readonly Arrow[];
  readonly lives: readonly Life[];
};

type Flying = { readonly key: string; readonly from: number; tag: string | undefined };

const TAGS = 'abcdefghijklmnopqrstuvwxyz';
const keyOf = (envelope: Envelope): string => JSON.stringify(envelope);

export const copyAt = (system: System, state: State, { side, host }: Place): Copy | undefined => {
  if (side === 'nobody') return undefined;
  const local = state.sides[side].copies[host];
  return local ? system.side[side].machines.copy(local) : undefined;
};

const lifeOf = (copy: Copy | undefined): Life => {
  if (!copy || copy.value.self === 'GONE') return 'none';
  if (copy.value.self === 'TOMBSTONE') return 'tombstone';
  return copy.value.self === 'STOPPED' || copy.value.peer === 'PAUSED' ? 'held' : 'runs';
};

export const livesIn = (system: System, places: readonly Place[], state: State): readonly Life[] =>
  places.map((place) => lifeOf(copyAt(system, state, place)));

/** Packets that a step sends, with the host they leave from. */
const sentBy = (system: System, { action, before }: Happening): { envelope: Envelope; side: Side; host: number }[] => {
  if (action.kind === 'lose') return [];
  if (action.kind === 'forge') return [{ envelope: action.packet, side: action.packet.side, host: action.packet.from }];
  const side = action.kind === 'side' ? action.side : action.packet.side;
  const state = before.sides[side];
  const step =
    action.kind === 'side' ? system.stepSide(side, state, action.event) : system.arrival(side, state, action.packet);
  if (!step) return [];
  const envelopes = system.envelopes(side, step.out);
  return step.out.flatMap(({ host }, k) => {
    const envelope = envelopes[k];
    return envelope ? [{ envelope, side, host }] : [];
  });
};

class Teller {
  readonly #words: Vocabulary;
  readonly #system: System;
  readonly #places: readonly Place[];
  readonly #find: ReturnType<typeof placeFinder>;
  readonly #flying: Flying[] = [];
  #tags = 0;

  constructor(words: Vocabulary, system: System, places: readonly Place[]) {
    this.#words = words;
    this.#system = system;
    this.#places = places;
    this.#find = placeFinder(places);
  }

  beat(happening: Happening, next: Action | undefined, step: number): Beat {
    const { action, after } = happening;
    const arrow = action.kind === 'side' || action.kind === 'forge' ? undefined : this.#arrival(happening, action);
    const departures = this.#departures(sentBy(this.#system, happening), next);
    return {
      step,
      arrow,
      notes: this.#notes(happening),
      departures,
      lives: livesIn(this.#system, this.#places, after),
    };
  }

  #arrival({ before, after }: Happening, { kind, packet }: Extract<Action, { packet: Envelope }>): Arrow {
    const key = keyOf(packet);
    const at = this.#flying.findIndex((flying) => flying.key === key);
    const flying = this.#flying[at];
    if (!flying) throw new Error('a packet arrives that was never sent');
    if (kind === 'duplicate') flying.tag ??= this.#tag();
    else this.#flying.splice(at, 1);
    return {
      from: flying.from,
      to: this.#find(packet.side, packet.to),
      words: packetWords(this.#words, packet.side, packet.packet),
      kind: kind === 'lose' ? 'lost' : kind === 'duplicate' ? 'arrives and stays' : 'arrives',
      tag: flying.tag,
      fate: kind === 'lose' ? undefined : this.#fate(before, after, packet),
    };
  }

  #fate(before: State, after: State, { side, to, packet }: Envelope): string | undefined {
    const system = this.#system;
    if (!system.side[side].lives(before.sides[side].copies[to])) return 'no QP there';
    const sent = after.network.packets.length > before.network.packets.length - 1;
    const changed = JSON.stringify(before.sides[side]) !== JSON.stringify(after.sides[side]);
    return changed || (sent && packet.type !== 'rx.ack') ? undefined : 'ignored';
  }

  #departures(sent: ReturnType<typeof sentBy>, next: Action | undefined): readonly Arrow[] {
    const arrows: Arrow[] = [];
    for (const { envelope, side, host } of sent) {
      const key = keyOf(envelope);
      const from = this.#find(side, host);
      const atOnce =
        next?.kind === 'arrive' && keyOf(next.packet) === key && !this.#flying.some((flying) => flying.key === key);
      const tag = atOnce ? undefined : this.#tag();
      this.#flying.push({ key, from, tag });
      const to = this.#find(envelope.side, envelope.to);
      const words = packetWords(this.#words, envelope.side, envelope.packet);
      if (!atOnce) arrows.push({ from, to, words, kind: 'leaves', tag, fate: undefined });
    }
    return arrows;
  }

  #tag(): string {
    this.#tags += 1;
    const round = Math.ceil(this.#tags / TAGS.length);
    return `${TAGS[(this.#tags - 1) % TAGS.length]}${round > 1 ? round : ''}`;
  }

  #notes({ action, before, after }: Happening): Beat['notes'] {
    const cause = causeWords(this.#words, this.#system, this.#find, action, before);
    const status = errorWords(action);
    const failing = status === undefined ? 'ERR' : `ERR, ${status}`;
    return this.#places.flatMap((place, at) => {
      const said = cause?.at === at ? [cause.text] : [];
      const changes = this.#changes(place, before, after).map((text) => (text === 'ERR' ? failing : text));
      const text = [...said, changes.join(', ')].filter((each) => each !== '').join(': ');
      return text === '' ? [] : [{ at, text }];
    });
  }

  #changes(place: Place, before: State, after: State): readonly string[] {
    if (place.side === 'nobody') return [];
    const [was, is] = [copyAt(this.#system, before, place), copyAt(this.#system, after, place)];
    if (was === is || !is) return [];
    if (!was) return copyWords(this.#words, place.side, is);
    const { work } = this.#words.scenario.sides[place.side];
    const completed = [completedWork(work, was.context), completedWork(work, is.context)] as const;
    return changeWords(this.#words, place.side, was, is, completed);
  }
}

/** A run as a reader follows it, column by column. */
export const tell = (
  words: Vocabulary,
  system: System,
  places: readonly Place[],
  run: readonly Happening[],
): readonly Beat[] => {
  const teller = new Teller(words, system, places);
  return run.map((happening, k) => teller.beat(happening, run[k + 1]?.action, k + 1));
};

/** How a column begins. */
export const beginning = (words: Vocabulary, system: System, places: readonly Place[], state: State) =>
  places.map((place): readonly string[] => {
    if (place.side === 'nobody') return [words.scenario.faults.earlier ? 'an earlier connection' : 'attacker'];
    const copy = copyAt(system, state, place);
    return copy ? copyWords(words, place.side, copy) : [];
  });
