/** Runs and judges: what the consumers saw, what crossed the wire, whether it ended, and each step against the model. */
import type { InFlight } from '../../impl/sim/medium.ts';
import { Coverage } from '../refine/coverage.ts';
import type { Frame } from '../refine/frame.ts';
import { type Abstraction, Refinement } from '../refine/refinement.ts';
import { conduct, hostOf, RESPONDER_RESOURCES, type Stage, stageOf } from './conduct.ts';
import { otherSide, SIDES, streamOf } from './plan.ts';
import type { Run } from './run.ts';
import type { Violation } from './violation.ts';
import { WireWatch } from './wire-watch.ts';

export type Judgement = {
  readonly violations: readonly Violation[];
  readonly migrations: number;
  readonly packets: number;
  readonly lost: number;
  readonly retransmitted: number;
  /** Of all that was sent, when and in which order. */
  readonly hash: number;
  /** Inputs compared with the model; 0 where refinement was off. */
  readonly compared: number;
  readonly coverage: Coverage;
};

export type JudgeOptions = {
  /** Compare each step with the model: many times the cost of the rest. */
  readonly refine: boolean;
  /** End with the first violation. */
  readonly brief?: boolean;
  readonly abstraction?: Abstraction;
  /** Sees every datagram as it is sent. */
  readonly sent?: (now: number, packet: InFlight) => void;
};

/** RC-7: a READ takes one place in the window of the implementation, and one for each of its PSNs in the model's. */
const NO_WINDOW = 2 ** 22;

const frameOf = ({ run, plan, parties }: Stage, side: 'A' | 'B', connection: number): Frame => ({
  sends: streamOf(run, plan, side, connection),
  gets: streamOf(run, plan, otherSide(side), connection),
  peerQpn: parties[otherSide(side)].connections[connection]?.qp.qpNum ?? -1,
  mtu: run.mtu,
  window: plan.sends[side][connection]?.some(({ op }) => op === 'READ') ? NO_WINDOW : run.window,
  retryCnt: run.retryCnt,
  rnrRetry: run.rnrRetry,
  responderResources: RESPONDER_RESOURCES,
  hostOf,
});

/** The first of each property: what follows a violation is mostly more of it. */
const firsts = (violations: readonly Violation[]): readonly Violation[] => {
  const seen = new Set<string>();
  return violations.filter(({ property }) => !seen.has(property) && seen.add(property) !== undefined);
};

export const judge = (run: Run, { refine, brief = false, abstraction, sent }: JudgeOptions): Judgement => {
  const refinement = refine ? new Refinement(abstraction) : undefined;
  const sender = (nic: number, destQp: number) => {
    for (const engine of stage.world.nic(nic).qps) if (engine.peerQpn === destQp) return engine;
    return undefined;
  };
  const wire = new WireWatch(sender);
  const stage = stageOf(run, {
    sent: (now, packet) => {
      wire.sent(now, packet);
      sent?.(now, packet);
    },
    ...(refinement === undefined ? {} : { observer: refinement.observe }),
    connected: (each) => {
      if (refinement === undefined) return;
      for (const [nic, side] of SIDES.entries())
        for (const [k, { qp }] of each.parties[side].connections.entries())
          refinement.watch({ nic, qpn: qp.qpNum }, frameOf(each, side, k), 1 - nic, 0);
    },
  });
  const violations: Violation[] = [];
  try {
    const { A, B } = stage.parties;
    const lists = [wire.violations, A.violations, B.violations, refinement?.departures ?? []];
    const ending = conduct(stage, () => brief && lists.some(({ length }) => length > 0));
    if (ending === 'late') violations.push({ property: 'LIVE-1', says: `not done: ${unfinished(stage)}` });
  } catch (error) {
    violations.push({
      property: 'CRASH',
      says: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  }
  const departures = (refinement?.departures ?? []).map(
    ({ property, at, nic, qpn, events, says }): Violation => ({
      property,
      says: `at ${at} ns, device ${nic}, QP ${qpn}, ${events.join(' + ')}: ${says}`,
    }),
  );
  const { A, B } = stage.parties;
  return {
    violations: firsts([...departures, ...wire.violations, ...A.violations, ...B.violations, ...violations]),
    migrations: stage.world.count - SIDES.length,
    ...figures(stage),
    hash: wire.hash >>> 0,
    compared: refinement?.steps ?? 0,
    coverage: refinement?.coverage ?? new Coverage(),
  };
};

const unfinished = ({ parties, world }: Stage): string => {
  const each = SIDES.flatMap((side) =>
    parties[side].connections.map(
      ({ qp: { engine }, completed, sends, received, gets }, k) =>
        `${side}${k} ${engine.state} ${engine.migration.phase}, ${completed} of ${sends.length} sent, ${received} of ${gets.length} received`,
    ),
  );
  return `${each.join('; ')}; at ${world.now} ns`;
};

const figures = ({ world, run }: Stage): Pick<Judgement, 'packets' | 'lost' | 'retransmitted'> => {
  let [packets, retransmitted] = [0, 0];
  const sentBy: number[] = [];
  for (let nic = 0; nic < world.count; nic += 1) {
    const { packetsSent, tallies } = world.nic(nic).counters;
    packets += packetsSent;
    retransmitted += tallies.retransmissions;
    sentBy.push(packetsSent);
  }
  const dropped = new Set(
    run.faults
      .filter(({ kind, nic, packet }) => kind === 'drop' && packet < (sentBy[nic] ?? 0))
      .map(({ nic, packet }) => `${nic}/${packet}`),
  );
  return { packets, lost: dropped.size, retransmitted };
};
