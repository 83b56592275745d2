/** One side's way to another host: stop, dump, restore, resume, and what may become of it on the way. */
import {
  ACCESS,
  allocPd,
  type Context,
  createCq,
  createQp,
  modifyQp,
  postRecv,
  regMr,
  unwrap,
} from '../../impl/index.ts';
import { destroyContext } from '../../impl/migration/destroy.ts';
import { dump } from '../../impl/migration/dump.ts';
import { readImage, writeImage } from '../../impl/migration/image-file.ts';
import { restore } from '../../impl/migration/restore.ts';
import { resumeContext, stopContext } from '../../impl/verbs/migrate-qp.ts';
import { nameOf } from '../refine/call.ts';
import { RESPONDER_RESOURCES } from './link.ts';
import { otherSide } from './plan.ts';
import type { Move } from './run.ts';
import { addressOf, count, type Stage } from './stage.ts';

/** A side on its way. */
export type Journey = {
  readonly move: Move;
  readonly source: number;
  readonly old: Context;
  readonly file: Uint8Array;
  /** When it is to be restored and resumed. */
  readonly at: number;
};

const asOne = ({ arena }: Stage, pieces: readonly Uint8Array[]): Uint8Array => {
  const file = arena.take(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    file.set(piece, at);
    at += piece.length;
  }
  return file;
};

/** Stops a side and takes its image; undefined if it will not get further. */
export const depart = (stage: Stage, move: Move): Journey | undefined => {
  const { world, parties, at } = stage;
  const { side, blackout, oldCopyGoes, fate } = move;
  const source = at[side];
  const old = parties[side].context;
  stage.migrations += 1;
  world.act(source, nameOf({ verb: 'stop' }), (now) => stopContext(old, now));
  if (fate === 'given up after the stop') {
    count(stage, `migration ${fate}`);
    return undefined;
  }
  const file = world.act(source, nameOf({ verb: 'dump' }), () => asOne(stage, writeImage(unwrap(dump(old)))));
  if (oldCopyGoes === 'at dump') leaveBehind(stage, move, source, old);
  if (oldCopyGoes === 'dark') {
    world.remove(source);
    count(stage, 'old host goes dark');
  }
  return { move, source, old, file, at: world.now + blackout };
};

/** The old copy goes. */
const leaveBehind = (stage: Stage, { side, reuse }: Move, source: number, old: Context): void => {
  const taken = reuse ? old.qps.list().map(({ qpNum, engine }) => ({ qpNum, engine })) : [];
  stage.world.act(source, nameOf({ verb: 'destroy' }), () => destroyContext(old));
  for (const { qpNum, engine } of taken) {
    if (engine.type !== 'RC' || engine.state === 'RESET' || engine.state === 'INIT') continue;
    settleStranger(
      stage,
      source,
      stage.at[otherSide(side)],
      qpNum,
      engine.attributes.destQpNum,
      engine.responder.expectedPsn,
    );
  }
};

/** The worst that can get an old QPN: it takes just the PSN that comes next, from just that peer. */
const settleStranger = (
  stage: Stage,
  nic: number,
  peer: number,
  qpNum: number,
  destQpNum: number,
  rqPsn: number,
): void => {
  const context = stage.world.nic(nic).open();
  const pd = unwrap(allocPd(context));
  const cq = unwrap(createCq(context, { cqe: 8 }));
  const mr = unwrap(regMr(pd, new Uint8Array(65_536), ACCESS.LOCAL_WRITE));
  const made = createQp(pd, { qpType: 'RC', sendCq: cq, recvCq: cq, cap: { maxRecvWr: 4 }, qpNum });
  if (!made.ok || made.value.engine.type !== 'RC') return;
  const qp = made.value;
  unwrap(modifyQp(qp, { qpState: 'INIT', pkeyIndex: 0, portNum: 1, qpAccessFlags: 0 }));
  unwrap(
    modifyQp(qp, {
      qpState: 'RTR',
      ahAttr: { dgid: addressOf(peer) },
      pathMtu: stage.run.mtu,
      destQpNum,
      rqPsn,
      maxDestRdAtomic: RESPONDER_RESOURCES,
      minRnrTimer: 5,
    }),
  );
  for (let n = 0; n < 4; n += 1)
    unwrap(postRecv(qp, { wrId: n, sgList: [{ addr: mr.addr, length: mr.length, lkey: mr.lkey }] }));
  stage.strangers.push({ nic, engine: made.value.engine });
  count(stage, 'stranger gets an old QPN');
};

/** Restores a side elsewhere and resumes it, as far as it gets. */
export const arrive = (stage: Stage, { move, source, old, file }: Journey): void => {
  const { world, run } = stage;
  const { side, back, oldCopyGoes, fate } = move;
  const image = readImage(file);
  if (!image.ok) throw new Error(`the image is refused: ${image.error.message}`);
  const left = stage.left[side];
  const target =
    back && left !== undefined ? left : world.add({ addresses: [addressOf(world.count)], window: run.window });
  const restored = world.act(target, nameOf({ verb: 'restore' }), (now) =>
    restore(world.nic(target), image.value, now),
  );
  if (!restored.ok) {
    if (!back) throw new Error(`restore is refused: ${restored.error.message}`);
    count(stage, 'restore refused');
    return;
  }
  if (fate === 'given up after the restore' || fate === 'target dies before the resume') {
    if (fate === 'target dies before the resume') world.remove(target);
    count(stage, `migration ${fate}`);
    return;
  }
  const party = stage.parties[side];
  party.moveTo(restored.value);
  for (const { ends } of stage.plain) ends[side].moveTo(restored.value);
  stage.at[side] = target;
  stage.left[side] = source;
  world.act(target, nameOf({ verb: 'resume' }), (now) => resumeContext(restored.value, now));
  if (oldCopyGoes === 'at resume') leaveBehind(stage, move, source, old);
  count(stage, back && left !== undefined ? 'migration back' : 'migration');
  if (fate !== 'target dies after the resume') return;
  world.remove(target);
  party.lost = true;
  count(stage, `migration ${fate}`);
};
