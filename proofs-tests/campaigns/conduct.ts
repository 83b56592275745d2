/** Conducts a run: two parties in a simulated world, to whom happens what the run says, until all is done or time is over. */
import { NEVER } from '../../impl/index.ts';
import { World } from '../../impl/sim/world.ts';
import type { Side } from '../../model/packet.ts';
import { Arena } from './arena.ts';
import { forge } from './forge.ts';
import { arrive, depart, type Journey } from './journey.ts';
import { isSettled, makeLink, modifyAnyway, tend } from './link.ts';
import { Party } from './party.ts';
import { PlainPair } from './plain-pair.ts';
import { fill, otherSide, planOf, SIDES } from './plan.ts';
import { type Deed, type Run, SHORT } from './run.ts';
import { actOn, addressOf, count, type Stage, type Watcher } from './stage.ts';
import { failsByItself } from './suppositions.ts';
import { faultsOf, type Struck } from './targeted-faults.ts';

/** QPNs of the two sides differ, so that a packet tells its sender. */
const FIRST_QPN = { A: 0x100, B: 0x200 } as const;

/** How long a run may take once what the run says is behind it, nanoseconds of its world: far beyond every budget of retries. */
const PATIENCE = 60_000_000;

/** A move begins when the one before it has settled for so long that its packets, twice SHORT late, have arrived. */
const SETTLED = 2 * SHORT + 2_000;

/** Runs come one after the other: what one has used is the next one's. */
const ARENA = new Arena();

/** The stage of a run; that of the run before it is over. */
export const stageOf = (run: Run, watcher: Watcher): Stage => {
  ARENA.reset();
  const { window } = run;
  const { observer, sent } = watcher;
  const struck: Struck = { drop: 0, duplicate: 0, delay: 0 };
  const world: World = new World({
    mode: 'timed',
    nics: SIDES.map((side, k) => ({ addresses: [addressOf(k)], window, firstQpn: FIRST_QPN[side] })),
    faults: faultsOf(run.faults, struck),
    room: (length) => ARENA.take(length),
    ...(observer === undefined ? {} : { observer }),
    ...(sent === undefined ? {} : { onSend: (packet) => sent(world.now, packet) }),
  });
  const plan = planOf(run);
  const mayFail = failsByItself(run);
  const partyOf = (side: Side): Party => {
    const memory = ARENA.take(plan.sent.A + plan.sent.B);
    fill(plan, side, memory);
    return new Party(side, world.nic(SIDES.indexOf(side)).open(), run, plan, memory, mayFail);
  };
  const [A, B] = [partyOf('A'), partyOf('B')];
  const at = { A: 0, B: 1 };
  A.meets(B);
  B.meets(A);
  const act = { A: actOn(world, at, 'A', watcher), B: actOn(world, at, 'B', watcher) };
  const contexts = { A: A.context, B: B.context };
  return {
    run,
    plan,
    world,
    arena: ARENA,
    watcher,
    parties: { A, B },
    links: Array.from({ length: plan.connections }, makeLink),
    act,
    receives: { early: run.receives.early, at: run.receives.at },
    plain: (run.plain ?? []).map((stream) => new PlainPair(run, stream, contexts, act)),
    at,
    left: { A: undefined, B: undefined },
    restless: mayFail || run.late !== undefined || run.plain !== undefined,
    stirred: true,
    lastTurn: -1,
    released: false,
    strangers: [],
    migrations: 0,
    struck,
    happened: new Map(),
  };
};

/** Whether a consumer has anything to do: something has completed, or been done to it, or receives are due. */
const isCalledFor = (stage: Stage): boolean => {
  const { parties, receives, world } = stage;
  if (stage.stirred || stage.restless || parties.A.hasCompletions || parties.B.hasCompletions) return true;
  return stage.lastTurn < receives.at && world.now >= receives.at;
};

/** Whether all work may be complete: asked after every packet, before it is looked at closely. */
const mayBeDone = ({ restless, parties: { A, B } }: Stage): boolean => restless || (A.open === 0 && B.open === 0);

/** Both consumers have their turn. */
const turn = (stage: Stage): void => {
  if (!isCalledFor(stage)) return;
  const { receives, world, parties } = stage;
  const limit = world.now >= receives.at ? Number.POSITIVE_INFINITY : receives.early;
  stage.stirred = false;
  stage.lastTurn = world.now;
  for (const side of SIDES) {
    const party = parties[side];
    if (party.context.stopped || party.lost) continue;
    const act = stage.act[side];
    party.postReceives(limit, act);
    party.turn(act);
  }
  for (const pair of stage.plain) pair.turn();
  tend(stage);
};

const befall = (stage: Stage, deed: Deed): void => {
  const { does, side, connection } = deed;
  if (stage.parties[side].lost) return;
  const pair = stage.plain[connection - stage.links.length];
  if (pair !== undefined && does === 'modify') {
    const done = pair.modify(side, deed.to, stage.at[otherSide(side)]);
    count(stage, `modify of UC or UD to ${deed.to}${done.ok ? '' : ' refused'}`);
  }
  if (stage.links[connection] === undefined) return;
  switch (does) {
    case 'modify':
      modifyAnyway(stage, side, connection, deed.to);
      return;
    case 'post':
      for (const { ok } of stage.parties[side].postAnyway(connection, stage.act[side]))
        count(stage, ok ? 'posted out of turn' : 'post refused');
      return;
    case 'forge':
      forge(stage, deed);
      return;
  }
};

const isCalm = ({ parties }: Stage): boolean => {
  for (const side of SIDES)
    for (const { qp } of parties[side].connections) {
      const { engine } = qp;
      if (engine.type === 'RC' && (engine.migration.phase !== 'RUNNING' || engine.resuming !== undefined)) return false;
    }
  return true;
};

/** How a run ended: `late` if it did not; `enough` if its watcher wanted no more. */
export type Ending = 'done' | 'late' | 'enough';

/** What a run says will happen, and when. */
class Agenda {
  readonly #stage: Stage;
  readonly #deeds: Deed[];
  readonly #moves: Run['moves'][number][];
  readonly #journeys: Journey[] = [];
  /** Since the start; since the last stop; since that move has settled. */
  #events = 0;
  #sinceStop = 0;
  #sinceSettled = 0;
  #calmSince = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#deeds = [...(stage.run.deeds ?? [])].sort((a, b) => a.at - b.at);
    this.#moves = [...stage.run.moves];
  }

  get isEmpty(): boolean {
    return this.#deeds.length === 0 && this.#moves.length === 0 && this.#journeys.length === 0;
  }

  /** When the next end on its way arrives. */
  get next(): number {
    return this.#journeys.reduce((first, { at }) => Math.min(first, at), NEVER);
  }

  /** Something has happened; whether it is time for something of the agenda. */
  tick(): boolean {
    const { now } = this.#stage.world;
    this.#events += 1;
    this.#sinceStop += 1;
    const move = this.#moves[0];
    if (move !== undefined && move.during === undefined) {
      if (!isCalm(this.#stage)) this.#calmSince = now;
      const settled = move.settled ?? (this.#stage.migrations > 0 ? SETTLED : 0);
      if (now - this.#calmSince >= settled) this.#sinceSettled += 1;
    }
    const deed = this.#deeds[0];
    return (deed !== undefined && this.#events > deed.at) || this.#moveIsDue();
  }

  #moveIsDue(): boolean {
    const move = this.#moves[0];
    if (move === undefined) return false;
    // Whoever is on its way already arrives first.
    if (this.#journeys.length > 0 && this.#journeys.some(({ move: { side } }) => side === move.side)) return false;
    return (move.during ? this.#sinceStop : this.#sinceSettled) > move.afterEvents;
  }

  /** Does what is due; with `force`, the next thing there is. */
  do(force: boolean): void {
    const { world } = this.#stage;
    for (const [k, journey] of [...this.#journeys.entries()].reverse()) {
      if (journey.at > world.now) continue;
      this.#journeys.splice(k, 1);
      arrive(this.#stage, journey);
      return;
    }
    const [deed] = this.#deeds;
    if (deed !== undefined && (this.#events > deed.at || force)) {
      this.#deeds.shift();
      befall(this.#stage, deed);
    } else if (this.#moveIsDue() || force) this.#depart();
  }

  #depart(): void {
    const [move] = this.#moves;
    if (move === undefined) return;
    const party = this.#stage.parties[move.side];
    this.#moves.shift();
    this.#sinceStop = 0;
    this.#sinceSettled = 0;
    this.#calmSince = this.#stage.world.now;
    if (party.context.stopped || party.lost) return;
    const journey = depart(this.#stage, move);
    if (journey !== undefined) this.#journeys.push(journey);
  }
}

export const conduct = (stage: Stage, enough: () => boolean = () => false): Ending => {
  const { receives, world } = stage;
  for (const _ of ['INIT', 'RTR', 'RTS']) tend(stage);
  for (const pair of stage.plain) pair.connect();
  const agenda = new Agenda(stage);
  const isDone = (): boolean => agenda.isEmpty && mayBeDone(stage) && isSettled(stage);
  let due = false;
  const reached = (): boolean => {
    turn(stage);
    due = agenda.tick();
    return due || enough() || isDone();
  };
  let patience = PATIENCE;
  for (;;) {
    const end = world.run(reached, Math.min(agenda.next, patience));
    if (enough()) return 'enough';
    if (isDone()) return 'done';
    const travels = agenda.next < NEVER;
    const goesOn = stage.released && stage.plain.some((pair) => pair.release());
    if (end === 'quiet' && (tend(stage) || goesOn)) continue;
    if (end === 'quiet' && travels) world.advanceTo(agenda.next);
    else if (end === 'quiet' && !agenda.isEmpty) agenda.do(true);
    else if (end === 'quiet' && world.now < receives.at) world.advanceTo(receives.at);
    else if (end !== 'done' && !(travels && world.now >= agenda.next)) {
      if (stage.released) return 'late';
      stage.released = true;
    }
    agenda.do(false);
    stage.stirred = true;
    patience = world.now + PATIENCE;
  }
};
