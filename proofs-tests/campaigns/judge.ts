/** Runs and judges: what the consumers saw, what crossed the wire, whether it ended, and each step against the model. */
import type { Nic } from '../../impl/nic/nic.ts';
import type { InFlight } from '../../impl/sim/medium.ts';
import type { QpEngine } from '../../impl/verbs/device.ts';
import type { Side } from '../../model/packet.ts';
import { Coverage } from '../refine/coverage.ts';
import type { Frame, Stream } from '../refine/frame.ts';
import { type Abstraction, Refinement } from '../refine/refinement.ts';
import { conduct, stageOf } from './conduct.ts';
import { firstPsnOf, RESPONDER_RESOURCES } from './link.ts';
import { otherSide, type PlannedMessage, SIDES, streamOf } from './plan.ts';
import type { Run } from './run.ts';
import { hostOf, type Stage } from './stage.ts';
import { suppositionsOf } from './suppositions.ts';
import type { Known, Violation } from './violation.ts';
import { WireWatch } from './wire-watch.ts';

export type Judgement = {
  readonly violations: readonly Violation[];
  /** What the published protocol cannot do, and the model of it neither. */
  readonly known: readonly Known[];
  readonly migrations: number;
  readonly packets: number;
  readonly lost: number;
  readonly retransmitted: number;
  /** How often what has been done. */
  readonly happened: ReadonlyMap<string, number>;
  /** Of all that was sent, when and in which order. */
  readonly hash: number;
  /** Inputs compared with the model; 0 where refinement was off. */
  readonly compared: number;
  readonly coverage: Coverage;
};

export type JudgeOptions = {
  /** Compare each step with the model. */
  readonly refine: boolean;
  /** End with the first violation. */
  readonly brief?: boolean;
  readonly abstraction?: Abstraction;
  /** Sees every datagram as it is sent. */
  readonly sent?: (now: number, packet: InFlight) => void;
};

/** RC-7: a READ takes one place in the window of the implementation, and one for each of its PSNs in the model's. */
const NO_WINDOW = 2 ** 22;

/** What a side sends in a life, by its messages: one for both ends, so that what one has told the other needs not read anew. */
const STREAMS = new WeakMap<readonly PlannedMessage[], Stream>();

const streamIn = (run: Run, from: Side, messages: readonly PlannedMessage[], life: number): Stream => {
  const initialPsn = firstPsnOf(run, from, life);
  const known = STREAMS.get(messages);
  if (known?.initialPsn === initialPsn) return known;
  const made = streamOf(run, from, messages, initialPsn);
  STREAMS.set(messages, made);
  return made;
};

/** How an end of a connection is read in its present life. */
const frameOf = ({ run, parties, links }: Stage, side: Side, k: number): Frame => {
  const [own, peer] = [parties[side].connections[k], parties[otherSide(side)].connections[k]];
  const life = links[k]?.life ?? 0;
  const sends = own?.sends ?? [];
  return {
    sends: streamIn(run, side, sends, life),
    gets: streamIn(run, otherSide(side), peer?.sends ?? [], life),
    peerQpn: peer?.qp.qpNum ?? -1,
    mtu: run.mtu,
    window: sends.some(({ op }) => op === 'READ') ? NO_WINDOW : run.window,
    retryCnt: run.retryCnt,
    rnrRetry: run.rnrRetry,
    responderResources: RESPONDER_RESOURCES,
    hostOf,
  };
};

/** The first of each property: what follows a violation is mostly more of it. */
const firsts = <T extends Violation>(violations: readonly T[]): readonly T[] => {
  const seen = new Set<string>();
  return violations.filter(({ property }) => !seen.has(property) && seen.add(property) !== undefined);
};

const watch = (refinement: Refinement, stage: Stage): void => {
  for (const { ends } of stage.plain)
    for (const side of SIDES) {
      const { qp, type, failsToSend } = ends[side];
      refinement.plain.watch(stage.at[side], qp.qpNum, type, failsToSend);
    }
  for (const side of SIDES)
    for (const [k, { qp }] of stage.parties[side].connections.entries())
      refinement.watch({ nic: stage.at[side], qpn: qp.qpNum }, frameOf(stage, side, k));
};

const strangersIn = ({ strangers }: Stage): readonly Violation[] =>
  strangers.flatMap(({ nic, engine: { qpn, responder } }) =>
    responder.msn === 0
      ? []
      : [{ property: 'SAFE-9', says: `a stranger that has QPN ${qpn} at device ${nic} executes what is not for it` }],
  );

const NOTHING_FOUND: Pick<Judgement, 'violations' | 'known'> = { violations: [], known: [] };

/** What a run may fall into is known: the model of the protocol has it too. */
const sorted = (run: Run, found: readonly Violation[]): Pick<Judgement, 'violations' | 'known'> => {
  if (found.length === 0) return NOTHING_FOUND;
  const suppositions = suppositionsOf(run);
  const holeOf = ({ property }: Violation) =>
    suppositions.find(({ falls }) => falls.some((each) => each === property))?.scenario;
  const known = found.flatMap((each): readonly Known[] => {
    const scenario = holeOf(each);
    return scenario === undefined ? [] : [{ ...each, scenario }];
  });
  return { violations: firsts(found.filter((each) => holeOf(each) === undefined)), known: firsts(known) };
};

/** The QP of a device that talks to this QPN: mostly the one that has done so before. */
const senderOf = (nic: Nic, destQp: number, last: QpEngine | undefined): QpEngine | undefined => {
  if (last !== undefined && last.peerQpn === destQp && nic.qp(last.qpn) === last) return last;
  for (const engine of nic.qps) if (engine.peerQpn === destQp) return engine;
  return undefined;
};

export const judge = (run: Run, { refine, brief = false, abstraction, sent }: JudgeOptions): Judgement => {
  const refinement = refine ? new Refinement(abstraction) : undefined;
  const wire = new WireWatch((nic, destQp, last) => senderOf(stage.world.nic(nic), destQp, last));
  const stage = stageOf(run, {
    sent: (now, packet) => {
      wire.sent(now, packet);
      sent?.(now, packet);
    },
    ...(refinement === undefined ? {} : { observer: refinement }),
    connecting: (each, side, k) => {
      const { parties, at } = each;
      const qpn = parties[side].connections[k]?.qp.qpNum ?? -1;
      refinement?.reframe({ nic: at[side], qpn }, frameOf(each, side, k), at[otherSide(side)]);
    },
  });
  if (refinement !== undefined) watch(refinement, stage);
  const { A, B } = stage.parties;
  const departures: readonly Violation[] = refinement?.departures ?? [];
  const plain = stage.plain.flatMap(({ ends }) => [ends.A.violations, ends.B.violations]);
  const lists = [departures, wire.violations, A.violations, B.violations, ...plain];
  const end: Violation[] = [];
  try {
    const ending = conduct(stage, () => brief && lists.some(({ length }) => length > 0));
    if (ending === 'late') end.push({ property: 'LIVE-1', says: `not done: ${unfinished(stage)}` });
  } catch (error) {
    const says = error instanceof Error ? (error.stack ?? error.message) : String(error);
    end.push({ property: 'CRASH', says });
  }
  const compared = refinement === undefined ? 0 : refinement.steps + refinement.plain.steps;
  const coverage = refinement?.coverage ?? new Coverage();
  const found = sorted(run, [...lists.flat(), ...strangersIn(stage), ...end]);
  return { hash: wire.hash >>> 0, compared, coverage, ...found, ...figures(stage) };
};

const unfinished = ({ parties, world }: Stage): string => {
  const each = SIDES.flatMap((side) =>
    parties[side].connections.map(
      ({ qp: { engine }, completed, settled, sends, received, gets }, k) =>
        `${side}${k} ${engine.state} ${engine.migration.phase}, ${completed} of ${sends.length} sent, ` +
        `${settled - completed} failed, ${received} of ${gets.length} received`,
    ),
  );
  return `${each.join('; ')}; at ${world.now} ns`;
};

/** What devices count that belongs to a run's story. */
const TALLIES = {
  ackTimeouts: 'ACK timeout',
  rnrTimeouts: 'RNR timeout',
  sequenceNaksSent: 'sequence NAK',
  rnrNaksSent: 'RNR NAK',
  impliedNaks: 'implied NAK',
  nakStoppedSent: 'NAK_STOPPED',
  resumesSent: 'RESUME',
} as const;
const STRUCK = { drop: 'packet lost', duplicate: 'packet doubled', delay: 'packet late' } as const;

const figures = ({ world, migrations, happened, parties, struck, plain }: Stage) => {
  const add = (what: string, times: number): void => {
    if (times > 0) happened.set(what, (happened.get(what) ?? 0) + times);
  };
  let [packets, retransmitted] = [0, 0];
  for (let nic = 0; nic < world.count; nic += 1) {
    const { packetsSent, tallies } = world.nic(nic).counters;
    packets += packetsSent;
    retransmitted += tallies.retransmissions;
    for (const [tally, what] of entriesOf(TALLIES)) add(what, tallies[tally]);
  }
  for (const side of SIDES) for (const [what, times] of parties[side].happened) add(what, times);
  for (const { ends } of plain)
    for (const side of SIDES) add(`message of ${ends[side].type} received`, ends[side].received);
  for (const [kind, what] of entriesOf(STRUCK)) add(what, struck[kind]);
  return { migrations, packets, lost: struck.drop, retransmitted, happened };
};

const entriesOf = <K extends string, V>(record: Readonly<Record<K, V>>): readonly (readonly [K, V])[] =>
  Object.entries(record) as unknown as readonly (readonly [K, V])[];
