/** The consumer at one end of a run: posts what is planned, polls, and looks at what has come. */
import {
  ACCESS,
  allocPd,
  type Context,
  type Cq,
  createCq,
  createQp,
  pollCq,
  postRecv,
  postSend,
  type Result,
  regMr,
  unwrap,
  type WorkCompletion,
} from '../../impl/index.ts';
import type { Side } from '../../model/packet.ts';
import type { Call } from '../refine/call.ts';
import {
  type Connection,
  connectionOf,
  isOpen,
  isSend,
  mistakeIn,
  NO_KEY,
  NOTHING_DONE,
  type Peer,
  placeOf,
  requestOf,
  wrIdOf,
} from './connection.ts';
import { DrainWatch } from './drain-watch.ts';
import { isOnce, isSame, otherSide, type Plan, type PlannedMessage } from './plan.ts';
import type { Run } from './run.ts';
import type { Violation } from './violation.ts';

export const ALL_ACCESS = ACCESS.LOCAL_WRITE | ACCESS.REMOTE_READ | ACCESS.REMOTE_WRITE | ACCESS.REMOTE_ATOMIC;

/** Does something to the device of a party, observed. */
export type Act = <T>(call: Call, action: () => T) => T;

export class Party {
  readonly side: Side;
  readonly connections: readonly Connection[];
  readonly violations: Violation[] = [];
  /** How often what was posted, and completed with which failure. */
  readonly happened = new Map<string, number>();
  context: Context;
  /** Work of both kinds that has not completed, as long as nothing fails. */
  open: number;
  /** Its host has failed, and nobody has its image. */
  lost = false;
  /** Whether work may fail without a migration: then a failure is no violation by itself. */
  readonly #mayFail: boolean;
  #cq: Cq;
  #bytes: Uint8Array;
  #addr: number;
  #key: number;
  readonly #depth: number;
  #peer: Peer | undefined;
  readonly drains: DrainWatch;

  /** @param memory as it is before the run: `fill`. */
  constructor(side: Side, context: Context, run: Run, plan: Plan, memory: Uint8Array, mayFail: boolean) {
    this.side = side;
    this.context = context;
    this.#mayFail = mayFail;
    this.#depth = run.depth;
    const complain = (qpNum: number, says: string): void => {
      const k = this.connections.findIndex(({ qp }) => qp.qpNum === qpNum);
      if (k >= 0) this.#violate('LIVE-1', k, says);
    };
    this.drains = new DrainWatch(complain, (what) => this.#count(what));
    const pd = unwrap(allocPd(context));
    this.#bytes = memory;
    const mr = unwrap(regMr(pd, this.#bytes, ALL_ACCESS));
    [this.#addr, this.#key] = [mr.addr, mr.lkey];
    const [sends, gets] = [plan.sends[side], plan.sends[otherSide(side)]];
    const most = (lists: readonly (readonly unknown[])[]) => Math.max(1, ...lists.map((list) => list.length));
    const cap = { maxSendWr: Math.min(run.depth, most(sends)), maxRecvWr: most(gets), maxSendSge: 1, maxRecvSge: 1 };
    const lives = 1 + (run.recoveries ?? 0);
    this.#cq = unwrap(createCq(context, { cqe: lives * plan.connections * (cap.maxSendWr + cap.maxRecvWr) }));
    this.connections = Array.from({ length: plan.connections }, (_, k) => {
      const qp = unwrap(createQp(pd, { qpType: 'RC', sendCq: this.#cq, recvCq: this.#cq, cap }));
      return connectionOf(qp, sends[k] ?? [], gets[k] ?? []);
    });
    this.open = this.connections.reduce((sum, each) => sum + each.sends.length + each.gets.length, 0);
  }

  meets(peer: Party): void {
    this.#peer = {
      memory: () => peer.#bytes,
      addr: peer.#addr,
      key: peer.#key,
      executed: (k, life) => peer.#executed(k, life),
    };
  }

  #executed(k: number, life: number): number {
    const connection = this.connections[k];
    const engine = connection?.qp.engine;
    if (connection === undefined || engine?.type !== 'RC') return 0;
    return connection.executedBefore[life] ?? engine.responder.msn;
  }

  /** The consumer goes on with the objects of a restored context: same handles, same keys. */
  moveTo(context: Context): void {
    const cq = context.cqs.get(this.#cq.handle);
    const mr = context.mrs.list()[0];
    if (cq === undefined || mr === undefined) throw new Error('the image has lost a CQ or its memory');
    this.context = context;
    this.#cq = cq;
    this.#bytes = mr.region.bytes;
    for (const connection of this.connections) {
      const qp = context.qps.get(connection.qp.handle);
      if (qp === undefined) throw new Error(`the image has lost QP ${connection.qp.qpNum}`);
      connection.qp = qp;
    }
  }

  /** What was posted is gone with the QP's queues; the next life begins behind it. @param executed messages, before. */
  forget(k: number, executed: number, life: number): void {
    const connection = this.connections[k];
    if (connection === undefined) return;
    if (life !== connection.life) connection.executedBefore[connection.life] = executed;
    connection.life = life;
    connection.sends = connection.sends.slice(connection.posted);
    this.drains.listen(this.context);
    this.drains.forget(connection.qp.qpNum);
    Object.assign(connection, NOTHING_DONE, { gets: [] });
  }

  /** What the peer will send in this life is known. */
  expects(k: number, gets: readonly PlannedMessage[]): void {
    const connection = this.connections[k];
    if (connection !== undefined) connection.gets = gets.filter(isSend);
  }

  /** Receives for messages below `limit` that have none yet, where the state takes them and the peer's messages are known. */
  postReceives(limit: number, act: Act): void {
    for (let k = 0; k < this.connections.length; k += 1) {
      const connection = this.connections[k];
      if (connection === undefined) continue;
      const { gets, receivesPosted } = connection;
      if (receivesPosted >= gets.length || receivesPosted >= limit || !isOpen(connection.qp)) continue;
      this.#postReceivesTo(Math.min(limit, gets.length), k, connection, act);
    }
  }

  #postReceivesTo(to: number, k: number, connection: Connection, act: Act): void {
    const { qp, receivesPosted: from } = connection;
    act({ verb: 'post.receive', qpn: qp.qpNum, count: to - from }, () => {
      for (let n = from; n < to; n += 1) unwrap(this.#postReceive(k, n));
    });
    connection.receivesPosted = to;
  }

  #postReceive(k: number, n: number): Result<void> {
    const connection = this.connections[k];
    const message = connection?.gets[n];
    if (connection === undefined || message === undefined) throw new Error(`there is no message ${n} to receive`);
    const wrId = wrIdOf(connection.life, k, true, n);
    const lkey = message.bad === 'at the peer' ? NO_KEY : this.#key;
    return postRecv(connection.qp, { wrId, sgList: [{ addr: this.#addr + message.to, length: message.bytes, lkey }] });
  }

  /** Takes completions, then posts sends as deep as the run says. */
  turn(act: Act): void {
    this.poll();
    for (let k = 0; k < this.connections.length; k += 1) {
      const connection = this.connections[k];
      if (connection === undefined) continue;
      const { qp, sends, posted, settled } = connection;
      if (posted >= sends.length || posted >= settled + this.#depth || !isOpen(qp)) continue;
      if (qp.engine.state !== 'INIT' && qp.engine.state !== 'RTR') this.#postSends(k, connection, act);
    }
  }

  #postSends(k: number, connection: Connection, act: Act): void {
    const to = Math.min(connection.sends.length, connection.settled + this.#depth);
    act({ verb: 'post.send' }, () => {
      for (; connection.posted < to; connection.posted += 1) unwrap(this.#post(k, connection.posted));
    });
  }

  get hasCompletions(): boolean {
    return this.#cq.queue.count > 0;
  }

  poll(): void {
    if (this.#cq.queue.count > 0) for (const wc of pollCq(this.#cq, 1000)) this.#complete(wc);
  }

  /** Posts the next send, and the next receive, whatever the state: what the verbs say of each. */
  postAnyway(k: number, act: Act): readonly Result<void>[] {
    const connection = this.connections[k];
    if (connection === undefined || this.context.stopped) return [];
    const { qp, posted, sends, receivesPosted, gets, settled } = connection;
    const answers: Result<void>[] = [];
    if (posted < sends.length && posted < settled + this.#depth) {
      const answer = act({ verb: 'post.send' }, () => this.#post(k, posted));
      if (answer.ok) connection.posted += 1;
      answers.push(answer);
    }
    if (receivesPosted < gets.length) {
      const answer = act({ verb: 'post.receive', qpn: qp.qpNum, count: 1 }, () => this.#postReceive(k, receivesPosted));
      if (answer.ok) connection.receivesPosted += 1;
      answers.push(answer);
    }
    return answers;
  }

  #post(k: number, n: number): Result<void> {
    const [connection, peer] = [this.connections[k], this.#peer];
    const message = connection?.sends[n];
    if (connection === undefined || message === undefined || peer === undefined)
      throw new Error(`there is no message ${n} to send`);
    const { op, from, to, bytes, bad } = message;
    const wrId = wrIdOf(connection.life, k, false, n);
    const lkey = bad === 'at the sender' ? NO_KEY : this.#key;
    const rkey = bad === 'at the peer' ? NO_KEY : peer.key;
    const sgList = [{ addr: this.#addr + from, length: bytes, lkey }];
    const answer = postSend(connection.qp, requestOf(message, wrId, sgList, peer.addr + to, rkey));
    if (answer.ok) this.#count(bad === undefined ? op : `${op} without memory ${bad}`);
    return answer;
  }

  #count(what: string): void {
    this.happened.set(what, (this.happened.get(what) ?? 0) + 1);
  }

  #violate(property: Violation['property'], connection: number, says: string): void {
    this.violations.push({ property, says: `${this.side}, connection ${connection}: ${says}` });
  }

  #complete(wc: WorkCompletion): void {
    const { life, k, isReceive, n } = placeOf(wc.wrId);
    const connection = this.connections[k];
    // What completed before a reset and was not looked at is of no more interest.
    if (connection === undefined || life !== connection.life) return;
    this.open -= 1;
    if (isReceive) this.#completeReceive(k, connection, n, wc);
    else this.#completeSend(k, connection, n, wc);
  }

  /** The completion of a WR that did not succeed: nothing behind it may. */
  #fail(k: number, what: string, { status }: WorkCompletion): void {
    this.#count(`completed with ${status}`);
    if (!this.#mayFail) this.#violate('SAFE-7', k, `${what} failed with ${status}`);
  }

  #completeReceive(k: number, connection: Connection, n: number, wc: WorkCompletion): void {
    const { taken, received } = connection;
    connection.taken += 1;
    if (n !== taken) this.#violate('SAFE-2', k, `receive ${n} completed in place of ${taken}`);
    if (wc.status !== 'SUCCESS') {
      this.#fail(k, `receive ${n}`, wc);
      return;
    }
    if (received < taken) this.#violate('SAFE-2', k, `receive ${n} completed behind one that failed`);
    const mistake = mistakeIn(connection, n, wc, this.#bytes, otherSide(this.side));
    if (mistake !== undefined) this.#violate('SAFE-2', k, mistake);
    connection.received += 1;
  }

  #completeSend(k: number, connection: Connection, n: number, wc: WorkCompletion): void {
    const { settled, completed, life } = connection;
    connection.settled += 1;
    if (n !== settled) this.#violate('SAFE-2', k, `send ${n} completed in place of ${settled}`);
    if (wc.status !== 'SUCCESS') {
      this.#fail(k, `send ${n}`, wc);
      return;
    }
    if (completed < settled) this.#violate('SAFE-2', k, `send ${n} completed behind one that failed`);
    connection.completed += 1;
    const peer = this.#peer;
    if (peer === undefined) return;
    const done = peer.executed(k, life);
    if (done <= n) this.#violate('SAFE-1', k, `send ${n} completed, ${done} executed`);
    const message = connection.sends[n];
    if (message !== undefined) this.#judgeOneSided(k, n, message, peer);
  }

  /** What the peer's consumer cannot see: WRITE, READ and ATOMIC are judged where they complete. */
  #judgeOneSided(k: number, n: number, message: PlannedMessage, peer: Peer): void {
    const { op } = message;
    if (op === 'WRITE' && !isSame(peer.memory(), message, this.side))
      this.#violate('SAFE-1', k, `WRITE ${n} left other bytes`);
    if (op === 'READ' && !isSame(this.#bytes, message, this.side))
      this.#violate('SAFE-3', k, `READ ${n} brought other bytes`);
    if (op === 'ATOMIC' && !isOnce(this.#bytes, peer.memory(), message))
      this.#violate('SAFE-3', k, `atomic ${n} was not executed once`);
  }
}
