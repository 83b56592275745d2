import type { QpContext, QpEvent } from './context.ts';
import type { Side } from './packet.ts';
import type { Copy } from './protocol.ts';
import { completedWork } from './requester.ts';
import type { Scenario } from './scenario.ts';
import { type SideEvent, type SideState, type SideStep, STRANGER } from './side-state.ts';
import type { System } from './system.ts';

/** Properties that a state or a step shows by itself (chapter 70). */
export const SAFETY = [
  'SAFE-1',
  'SAFE-2',
  'SAFE-3',
  'SAFE-4',
  'SAFE-5',
  'SAFE-6',
  'SAFE-7',
  'SAFE-8',
  'SAFE-9',
  'SAFE-10',
] as const;
export type Safety = (typeof SAFETY)[number];
/** Properties of the whole graph: recovery, liveness, and transparency, which compares it with `service.ts`. */
export const GRAPH_PROPERTIES = ['REC-1', 'LIVE-1', 'THM-1'] as const;
export type PropertyId = Safety | (typeof GRAPH_PROPERTIES)[number];

/** What one side contributes to the properties of a global state. */
export type Facts = {
  /** Messages of the peer executed, and own work completed, by what the container's state says. */
  readonly executed: number;
  readonly completed: number;
  /** The QP stands in ERR, or in an SQE it did not start in, and its consumer did not ask for it. */
  readonly failed: boolean;
  /** The QP stands in a state in which no more work is done. */
  readonly ended: boolean;
  /** The side is lost for good, by a fault. */
  readonly lost: boolean;
  /** Neither STOPPED nor PAUSED, no resume unanswered; or failed, or lost. */
  readonly calm: boolean;
  /** Its application has worked through another connection since it was last stopped. */
  readonly goneOn: boolean;
  /** All own work has completed. */
  readonly complete: boolean;
  /** Violations that show in this side alone. */
  readonly broken: readonly Safety[];
};

/** What a dump must find unchanged while the copy is STOPPED (MIG-3). */
const dumped = ({ ghost, forwardTo, ...context }: QpContext): string =>
  JSON.stringify([context, ghost.executed, forwardTo]);

export const factsOf = (system: System, scenario: Scenario, side: Side) => {
  const { authority, machines } = system.side[side];
  const { work, consumer, verbs } = scenario.sides[side];
  const asked = consumer.some((step) => step === 'modify.err' || step === 'modify.reset');
  return (state: SideState): Facts => {
    const { at, local } = authority(state);
    const { value: stage, context: migration } = machines.coordinator(state.coordinator);
    const lost = stage.move === 'DEAD';
    if (!local)
      return {
        executed: -1,
        completed: -1,
        failed: false,
        ended: true,
        lost: true,
        calm: true,
        goneOn: false,
        complete: false,
        broken: [],
      };
    const { value, context } = machines.copy(local);
    const copies = state.copies.flatMap((copy, host) => (copy ? [{ host, ...machines.copy(copy) }] : []));
    const ours = copies.filter((copy) => copy.context.epoch !== STRANGER);
    const running = ours.filter((copy) => copy.value.self === 'RUNNING' || copy.value.self === 'RESUMING');
    const broken: Safety[] = ours.flatMap((copy) => (copy.context.ghost.broke ? [copy.context.ghost.broke] : []));
    const strangers = copies.filter((copy) => copy.context.epoch === STRANGER);
    if (strangers.some((copy) => copy.context.ghost.executed > 0)) broken.push('SAFE-9');
    if (running.length > 1) broken.push('SAFE-6');
    const stopped = at === 'image' && ours.find((copy) => copy.host === context.host && copy.value.self === 'STOPPED');
    if (stopped && dumped(stopped.context) !== dumped(context)) broken.push('SAFE-4');
    if (migration.elsewhere === 'lost work') broken.push('SAFE-10');
    const ended = value.verbs === 'ERR' || value.verbs === 'RESET' || (value.verbs === 'SQE' && verbs !== 'SQE');
    const failed = ended && !asked;
    const awake = at !== 'image' && value.self === 'RUNNING' && value.peer === 'REACHABLE';
    return {
      executed: context.ghost.executed,
      completed: completedWork(work, context),
      failed,
      ended,
      lost,
      calm: ended || lost || awake,
      goneOn: migration.elsewhere === 'work',
      complete: completedWork(work, context) === work.length,
      broken: [...new Set(broken)],
    };
  };
};

/** Violations that only both sides together show. `relative` are those a control without migration has too. */
export const judgePair = (a: Facts, b: Facts): readonly Safety[] => [
  ...((!b.lost && a.completed > b.executed) || (!a.lost && b.completed > a.executed) ? (['SAFE-1'] as const) : []),
  ...(a.failed || b.failed ? (['SAFE-7'] as const) : []),
  ...((a.failed || b.failed) && (a.goneOn || b.goneOn) ? (['SAFE-10'] as const) : []),
];

/** Nothing more is due: all work complete or an end failed, and nobody STOPPED or PAUSED. */
export const isSettled = (a: Facts, b: Facts): boolean =>
  a.calm && b.calm && ((a.complete && b.complete) || a.ended || b.ended || a.lost || b.lost);

/** Violations that one step of a side shows: what it sent, and what it let a packet change. */
export const judgeStep = (
  system: System,
  side: Side,
  before: SideState,
  event: SideEvent,
  { next, out }: SideStep,
): readonly Safety[] => {
  const { machines } = system.side[side];
  const broken: Safety[] = [];
  const copyOf = (state: SideState, host: number) => {
    const local = state.copies[host];
    return local ? machines.copy(local) : undefined;
  };
  for (const { host, transmit } of out) {
    const sender = copyOf(before, host);
    if (transmit.packet.type !== 'rx.request' || transmit.side !== 'peer' || !sender) continue;
    if (sender.value.self === 'STOPPED' || sender.value.self === 'TOMBSTONE') broken.push('SAFE-4');
    else if (sender.value.peer === 'PAUSED') broken.push('SAFE-5');
  }
  if (event.kind === 'copy') {
    const [was, is] = [copyOf(before, event.host), copyOf(next, event.host)];
    if (was && is) broken.push(...judgeCopy(was, is, event.event));
  }
  return [...new Set(broken)];
};

const judgeCopy = (was: Copy, is: Copy, event: QpEvent): readonly Safety[] => {
  const broken: Safety[] = [];
  const paused = was.value.peer === 'PAUSED' && is.value.peer === 'PAUSED' && was.value.self === 'RUNNING';
  if (paused && is.context.retries > was.context.retries) broken.push('SAFE-5');
  const control = event.type === 'rx.nakStopped' || event.type === 'rx.resume' || event.type === 'rx.resumed';
  const superseded = control && (!event.signed || event.epoch < was.context.peerEpoch);
  const moved = was.value.peer !== is.value.peer || was.context.peerHost !== is.context.peerHost;
  if (superseded && moved) broken.push('SAFE-9');
  return broken;
};
