/** Conducts a run: two parties in a simulated world, moved when the run says so, until all is done or time is over. */
import { type Context, type IpAddress, ip, modifyQp, type Qp, unwrap } from '../../impl/index.ts';
import { destroyContext } from '../../impl/migration/destroy.ts';
import { dump } from '../../impl/migration/dump.ts';
import { readImage, writeImage } from '../../impl/migration/image-file.ts';
import { restore } from '../../impl/migration/restore.ts';
import type { InFlight } from '../../impl/sim/medium.ts';
import { type Observer, World } from '../../impl/sim/world.ts';
import { resumeContext, stopContext } from '../../impl/verbs/migrate-qp.ts';
import type { Side } from '../../model/packet.ts';
import { type Call, nameOf } from '../refine/call.ts';
import { ALL_ACCESS, Party, type Peer } from './party.ts';
import { otherSide, type Plan, planOf, SIDES } from './plan.ts';
import { type Move, type Run, SHORT } from './run.ts';

/** QPNs of the two sides differ, so that a packet tells its sender. */
const FIRST_QPN = { A: 0x100, B: 0x200 } as const;

const address = (nic: number): IpAddress => ip(`10.0.0.${nic + 1}`);
export const hostOf = (text: string): number => Number(text.slice(text.lastIndexOf('.') + 1)) - 1;

/** How long a run may take once its faults are behind it, nanoseconds of its world: far beyond every budget of retries. */
const PATIENCE = 60_000_000;

/** A move begins when the one before it has settled for so long that its packets, twice SHORT late, have arrived. */
const SETTLED = 2 * SHORT + 2_000;

export const RESPONDER_RESOURCES = 4;

export type Watcher = {
  /** Sees every input with the QPs before and after it: the expensive one. */
  readonly observer?: Observer;
  /** Sees every datagram as it is sent. */
  readonly sent?: (now: number, packet: InFlight) => void;
  /** The parties are connected, nothing has been posted. */
  readonly connected?: (stage: Stage) => void;
};

export type Stage = {
  readonly run: Run;
  readonly plan: Plan;
  readonly world: World;
  readonly parties: { readonly A: Party; readonly B: Party };
  /** Where each side runs. */
  readonly at: { A: number; B: number };
};

const connect = (run: Run, qp: Qp, peer: Qp, side: Side): void => {
  const { timeout, retryCnt, rnrRetry, rnrTimer, mtu, sends } = run;
  unwrap(modifyQp(qp, { qpState: 'INIT', pkeyIndex: 0, portNum: 1, qpAccessFlags: ALL_ACCESS }));
  unwrap(
    modifyQp(qp, {
      qpState: 'RTR',
      ahAttr: { dgid: address(side === 'A' ? 1 : 0) },
      pathMtu: mtu,
      destQpNum: peer.qpNum,
      rqPsn: sends[otherSide(side)].firstPsn,
      maxDestRdAtomic: RESPONDER_RESOURCES,
      minRnrTimer: rnrTimer,
    }),
  );
  const { firstPsn } = sends[side];
  const maxRdAtomic = RESPONDER_RESOURCES;
  unwrap(modifyQp(qp, { qpState: 'RTS', timeout, retryCnt, rnrRetry, sqPsn: firstPsn, maxRdAtomic }));
};

export const stageOf = (run: Run, { observer, sent, connected }: Watcher): Stage => {
  const { window } = run;
  const world: World = new World({
    mode: 'timed',
    nics: SIDES.map((side, k) => ({ addresses: [address(k)], window, firstQpn: FIRST_QPN[side] })),
    faults: run.faults,
    ...(observer === undefined ? {} : { observer }),
    ...(sent === undefined ? {} : { onSend: (packet: InFlight) => sent(world.now, packet) }),
  });
  const plan = planOf(run);
  const A = new Party('A', world.nic(0).open(), run, plan);
  const B = new Party('B', world.nic(1).open(), run, plan);
  for (const [k, { qp }] of A.connections.entries()) {
    const peer = B.connections[k]?.qp;
    if (peer === undefined) throw new Error('both parties have the same connections');
    connect(run, qp, peer, 'A');
    connect(run, peer, qp, 'B');
  }
  const stage: Stage = { run, plan, world, parties: { A, B }, at: { A: 0, B: 1 } };
  connected?.(stage);
  return stage;
};

const actOn =
  ({ world, at }: Stage, side: Side) =>
  (call: Call, action: () => void): void =>
    world.act(at[side], nameOf(call), action);

/** A party as its peer's consumer sees it: the live copy, or the stopped one while the image travels. */
const viewOf = (party: Party): Peer => ({
  ...party.peerView,
  executed: (connection) => {
    const engine = party.connections[connection]?.qp.engine;
    return engine?.type === 'RC' ? engine.responder.msn : 0;
  },
});

/** Both consumers have their turn; whether all is done. */
const turn = (stage: Stage): boolean => {
  const { run, world, parties } = stage;
  for (const side of SIDES) {
    const party = parties[side];
    if (world.now >= run.receives.at && !party.context.stopped) party.postReceives(64, actOn(stage, side));
    party.turn(actOn(stage, side), viewOf(parties[otherSide(side)]));
  }
  return parties.A.done && parties.B.done;
};

const asOne = (pieces: readonly Uint8Array[]): Uint8Array => {
  const file = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    file.set(piece, at);
    at += piece.length;
  }
  return file;
};

/** Lets the world run to an instant, whether or not anything is left to happen. */
const runUntil = (stage: Stage, instant: number): void => {
  const { world } = stage;
  const still = () => {
    turn(stage);
    return false;
  };
  world.run(still, instant);
  world.advanceTo(instant);
};

/** Stops a side, takes its image through the bytes of a file, restores and resumes it at a new host. */
const move = (stage: Stage, { side, blackout, oldCopyGoes }: Move): void => {
  const { world, parties, at, run } = stage;
  const party = parties[side];
  const source = at[side];
  const old = party.context;
  const destroy = (): void => world.act(source, nameOf({ verb: 'destroy' }), () => destroyContext(old));
  world.act(source, nameOf({ verb: 'stop' }), (now) => stopContext(old, now));
  const file = world.act(source, nameOf({ verb: 'dump' }), () => asOne(writeImage(unwrap(dump(old)))));
  if (oldCopyGoes === 'at dump') destroy();
  runUntil(stage, world.now + blackout);
  const image = readImage(file);
  if (!image.ok) throw new Error(`the image is refused: ${image.error.message}`);
  const target = world.add({ addresses: [address(targetOf(world))], window: run.window });
  const context: Context = world.act(target, nameOf({ verb: 'restore' }), (now) =>
    unwrap(restore(world.nic(target), image.value, now)),
  );
  party.moveTo(context);
  at[side] = target;
  world.act(target, nameOf({ verb: 'resume' }), (now) => resumeContext(context, now));
  if (oldCopyGoes === 'at resume') destroy();
};

const targetOf = (world: World): number => world.count;

const isCalm = ({ parties }: Stage): boolean =>
  SIDES.every((side) =>
    parties[side].connections.every(
      ({ qp: { engine } }) =>
        engine.type !== 'RC' || (engine.migration.phase === 'RUNNING' && engine.resuming === undefined),
    ),
  );

/** How a run ended: `late` if it did not; `enough` if its watcher wanted no more. */
export type Ending = 'done' | 'late' | 'enough';

export const conduct = (stage: Stage, enough: () => boolean = () => false): Ending => {
  const { run, world, parties } = stage;
  for (const side of SIDES) parties[side].postReceives(run.receives.early, actOn(stage, side));
  for (const each of run.moves) {
    let events = 0;
    let calmSince = world.now;
    const settled = each.settled ?? (world.count > SIDES.length ? SETTLED : 0);
    const reached = () => {
      turn(stage);
      if (!isCalm(stage)) calmSince = world.now;
      if (world.now - calmSince >= settled) events += 1;
      return events > each.afterEvents || enough();
    };
    const end = world.run(reached, world.now + PATIENCE);
    if (end === 'deadline') return 'late';
    if (enough()) return 'enough';
    move(stage, each);
  }
  for (;;) {
    const end = world.run(() => turn(stage) || enough(), world.now + PATIENCE);
    if (enough()) return 'enough';
    if (end !== 'quiet') return end === 'done' ? 'done' : 'late';
    if (world.now >= run.receives.at) return 'late';
    world.advanceTo(run.receives.at);
  }
};
