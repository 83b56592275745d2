/** Both ends of a connection, over its lives: who connects them, when, and from which PSN. */
import { modifyQp, type QpAttr, type Result } from '../../impl/index.ts';
import type { Side } from '../../model/packet.ts';
import { standingOf } from './connection.ts';
import { ALL_ACCESS } from './party.ts';
import { otherSide, SIDES } from './plan.ts';
import type { Run } from './run.ts';
import { addressOf, count, type Stage } from './stage.ts';

export type Link = {
  /** How often it has been connected anew. */
  life: number;
  /** Ends whose QP has been reset for this life. */
  readonly cleared: { A: boolean; B: boolean };
  /** An end has failed, and nobody connects it anew. */
  over: boolean;
};

export const makeLink = (): Link => ({ life: 0, cleared: { A: true, B: true }, over: false });

export const RESPONDER_RESOURCES = 4;

/** How far the PSNs of one life are from those of the one before: no packet of that one is taken for one of this. */
const APART = 2 ** 21;

/** The PSN at which a side begins in a life. */
export const firstPsnOf = ({ sends }: Run, side: Side, life: number): number =>
  (sends[side].firstPsn + life * APART) & 0xffffff;

const TO_INIT = { qpState: 'INIT', pkeyIndex: 0, portNum: 1, qpAccessFlags: ALL_ACCESS } as const;

/** The attributes of the next step on the way to RTS; undefined from there on. */
const nextStep = (stage: Stage, side: Side, k: number, state: string): QpAttr | undefined => {
  const { run, parties, links, at } = stage;
  const [link, peer] = [links[k], parties[otherSide(side)].connections[k]];
  if (link === undefined || peer === undefined) return undefined;
  switch (state) {
    case 'RESET':
      return TO_INIT;
    case 'INIT':
      if (!link.cleared.A || !link.cleared.B) return undefined;
      return {
        qpState: 'RTR',
        ahAttr: { dgid: addressOf(at[otherSide(side)]) },
        pathMtu: run.mtu,
        destQpNum: peer.qp.qpNum,
        rqPsn: firstPsnOf(run, otherSide(side), link.life),
        maxDestRdAtomic: RESPONDER_RESOURCES,
        minRnrTimer: run.rnrTimer,
      };
    case 'RTR':
      return run.late?.includes(side) && link.life === 0 && !stage.released ? undefined : toRts(run, side, link.life);
    default:
      return undefined;
  }
};

/** What an end needs to go from RTR to RTS. */
export const toRts = (run: Run, side: Side, life: number): QpAttr => {
  const { timeout, retryCnt, rnrRetry } = run;
  const [sqPsn, maxRdAtomic] = [firstPsnOf(run, side, life), RESPONDER_RESOURCES];
  return { qpState: 'RTS', timeout, retryCnt, rnrRetry, sqPsn, maxRdAtomic };
};

/** A consumer's modify of one of its QPs. */
export const modify = (stage: Stage, side: Side, k: number, attr: QpAttr): Result<void> | undefined => {
  const { parties, watcher, links } = stage;
  const [qp, link] = [parties[side].connections[k]?.qp, links[k]];
  const { qpState: to } = attr;
  if (qp?.engine.type !== 'RC' || link === undefined || to === undefined || to === 'SQE') return undefined;
  const { state, responder } = qp.engine;
  const executed = responder.msn;
  const { drains, context } = parties[side];
  if (to === 'RTR' && state === 'INIT') {
    const peer = parties[otherSide(side)].connections[k];
    if (peer !== undefined) parties[side].expects(k, peer.sends);
    watcher.connecting?.(stage, side, k);
  }
  const done = stage.act[side]({ verb: 'modify', to, qpn: qp.qpNum }, () => modifyQp(qp, attr));
  count(stage, done.ok ? `modify to ${to} in ${state}` : `modify to ${to} in ${state} refused`);
  if (to === 'SQD' && attr.enSqdAsyncNotify === true && done.ok) drains.begin(qp.qpNum);
  if (to === 'RTS' && state === 'SQD' && done.ok) {
    drains.listen(context);
    drains.end(qp.qpNum);
  }
  if (to === 'RESET' && done.ok) {
    parties[side].forget(k, executed, link.over ? link.life + 1 : link.life);
    link.cleared[side] = true;
  }
  return done;
};

/** An end has failed, or was reset by its consumer: it is connected anew, or not. */
const renew = (stage: Stage, link: Link): void => {
  const { run, parties } = stage;
  if (link.life >= (run.recoveries ?? 0) || parties.A.lost || parties.B.lost) {
    link.over = true;
    return;
  }
  link.life += 1;
  link.cleared.A = false;
  link.cleared.B = false;
  count(stage, 'connected anew');
};

/** Who waits in SQD goes on when nothing else is left to happen. */
const leaveSqd = (stage: Stage, side: Side, k: number): boolean => {
  const { context, lost, connections } = stage.parties[side];
  const waits = stage.released && !context.stopped && !lost && connections[k]?.qp.engine.state === 'SQD';
  return waits && modify(stage, side, k, { qpState: 'RTS' })?.ok === true;
};

/** An end takes one step to where it should be; false if it is there, or has to wait. */
const advance = (stage: Stage, side: Side, k: number, link: Link): boolean => {
  const party = stage.parties[side];
  const state = party.connections[k]?.qp.engine.state;
  if (state === undefined || party.context.stopped || party.lost) return false;
  if (!link.cleared[side]) return modify(stage, side, k, { qpState: 'RESET' })?.ok === true;
  if (state === 'SQD') return leaveSqd(stage, side, k);
  const attr = nextStep(stage, side, k, state);
  return attr !== undefined && modify(stage, side, k, attr)?.ok === true;
};

/** Whether an end has failed that was connected. */
const hasFailed = ({ parties }: Stage, link: Link, k: number): boolean => {
  for (const side of SIDES) {
    const { lost, context, connections } = parties[side];
    if (lost) return true;
    if (link.cleared[side] && !context.stopped && connections[k]?.qp.engine.state === 'ERR') return true;
  }
  return false;
};

const isInRts = ({ parties: { A, B } }: Stage, k: number): boolean =>
  A.connections[k]?.qp.engine.state === 'RTS' && B.connections[k]?.qp.engine.state === 'RTS' && !A.lost && !B.lost;

/** Both consumers look after their connections; whether there was something to do. */
export const tend = (stage: Stage): boolean => {
  let busy = false;
  for (let k = 0; k < stage.links.length; k += 1) {
    const link = stage.links[k];
    // Mostly there is nothing to do, and this is asked after every packet.
    if (link === undefined || (link.cleared.A && link.cleared.B && isInRts(stage, k))) continue;
    if (!link.over && hasFailed(stage, link, k)) renew(stage, link);
    for (const side of SIDES) busy = (link.over ? leaveSqd(stage, side, k) : advance(stage, side, k, link)) || busy;
  }
  return busy;
};

/** Whether nothing more is due on any connection. */
export const isSettled = ({ parties, links, plain }: Stage): boolean =>
  plain.every(({ ends }) => SIDES.every((side) => parties[side].lost || ends[side].isSettled)) &&
  links.every(({ over }, k) => {
    const [a, b] = SIDES.map((side) => {
      const connection = parties[side].connections[k];
      return parties[side].lost || connection === undefined ? 'OVER' : standingOf(connection, over);
    });
    if (a === 'COMPLETE' && b === 'COMPLETE') return true;
    return (a === 'OVER' && b !== 'WORKING') || (b === 'OVER' && a !== 'WORKING');
  });

/** A consumer modifies its QP because the run says so, whether or not its state allows it. */
export const modifyAnyway = (
  stage: Stage,
  side: Side,
  k: number,
  to: 'RESET' | 'INIT' | 'RTR' | 'RTS' | 'SQD' | 'ERR',
): void => {
  const [link, state] = [stage.links[k], stage.parties[side].connections[k]?.qp.engine.state];
  // From INIT to RTR needs to know what the peer will send.
  if (link === undefined || state === undefined || (to === 'RTR' && state === 'INIT')) return;
  if (to === 'RESET' && !link.over && !stage.parties[side].context.stopped) renew(stage, link);
  if (to === 'RTS' && state === 'RTR') modify(stage, side, k, toRts(stage.run, side, link.life));
  else if (to === 'INIT') modify(stage, side, k, TO_INIT);
  else if (to === 'SQD' && state === 'RTS') modify(stage, side, k, { qpState: to, enSqdAsyncNotify: true });
  else modify(stage, side, k, { qpState: to });
};
