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
  type Qp,
  regMr,
  type SendWr,
  unwrap,
  type WorkCompletion,
} from '../../impl/index.ts';
import type { Side } from '../../model/packet.ts';
import type { Call } from '../refine/call.ts';
import { ADDEND, fill, isOnce, isSame, otherSide, type Plan, type PlannedMessage } from './plan.ts';
import type { Run } from './run.ts';
import type { Violation } from './violation.ts';

/** Receive completions have this bit in their wrId; below it the number of the message, above it the connection. */
const RECEIVE = 0x100;
const CONNECTION = 0x200;

type Connection = {
  qp: Qp;
  readonly sends: readonly PlannedMessage[];
  /** What arrives in receives: the SENDs. */
  readonly gets: readonly PlannedMessage[];
  posted: number;
  completed: number;
  received: number;
  receivesPosted: number;
};

/** As much as the consumers need of each other. */
export type Peer = {
  readonly memory: Uint8Array;
  readonly addr: number;
  readonly key: number;
  /** Messages executed on a connection, in order. */
  readonly executed: (connection: number) => number;
};

export const ALL_ACCESS = ACCESS.LOCAL_WRITE | ACCESS.REMOTE_READ | ACCESS.REMOTE_WRITE | ACCESS.REMOTE_ATOMIC;

/** Does something to the device of a party, observed. */
export type Act = (call: Call, action: () => void) => void;

export class Party {
  readonly side: Side;
  readonly connections: readonly Connection[];
  readonly violations: Violation[] = [];
  context: Context;
  #cq: Cq;
  #bytes: Uint8Array;
  #addr: number;
  #key: number;
  readonly #depth: number;

  constructor(side: Side, context: Context, run: Run, plan: Plan) {
    this.side = side;
    this.context = context;
    this.#depth = run.depth;
    const pd = unwrap(allocPd(context));
    this.#bytes = new Uint8Array(plan.sent.A + plan.sent.B);
    fill(plan, side, this.#bytes);
    const mr = unwrap(regMr(pd, this.#bytes, ALL_ACCESS));
    [this.#addr, this.#key] = [mr.addr, mr.lkey];
    const [sends, gets] = [plan.sends[side], plan.sends[otherSide(side)]];
    const most = (lists: readonly (readonly unknown[])[]) => Math.max(1, ...lists.map((list) => list.length));
    const cap = { maxSendWr: Math.min(run.depth, most(sends)), maxRecvWr: most(gets), maxSendSge: 1, maxRecvSge: 1 };
    this.#cq = unwrap(createCq(context, { cqe: plan.connections * (cap.maxSendWr + cap.maxRecvWr) }));
    this.connections = Array.from({ length: plan.connections }, (_, k) => ({
      qp: unwrap(createQp(pd, { qpType: 'RC', sendCq: this.#cq, recvCq: this.#cq, cap })),
      sends: sends[k] ?? [],
      gets: (gets[k] ?? []).filter(({ op = 'SEND' }) => op === 'SEND'),
      posted: 0,
      completed: 0,
      received: 0,
      receivesPosted: 0,
    }));
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

  /** Receives for messages below `limit` that have none yet. */
  postReceives(limit: number, act: Act): void {
    for (const [k, connection] of this.connections.entries()) {
      const { qp, gets, receivesPosted: from } = connection;
      const to = Math.min(limit, gets.length);
      if (to <= from) continue;
      act({ verb: 'post.receive', qpn: qp.qpNum, count: to - from }, () => {
        for (let n = from; n < to; n += 1) {
          const message = gets[n];
          if (message === undefined) break;
          const wrId = k * CONNECTION + RECEIVE + n;
          const sgList = [{ addr: this.#addr + message.to, length: message.bytes, lkey: this.#key }];
          unwrap(postRecv(qp, { wrId, sgList }));
        }
      });
      connection.receivesPosted = to;
    }
  }

  /** Takes completions, then posts sends as deep as the run says. */
  turn(act: Act, peer: Peer): void {
    if (this.context.stopped) return;
    if (this.#cq.queue.count > 0) for (const wc of pollCq(this.#cq, 1000)) this.#complete(wc, peer);
    for (const [k, connection] of this.connections.entries()) {
      const { qp, sends } = connection;
      const to = Math.min(sends.length, connection.completed + this.#depth);
      if (connection.posted >= to || qp.engine.state === 'ERR') continue;
      act({ verb: 'post.send' }, () => {
        for (; connection.posted < to; connection.posted += 1) this.#post(qp, k, connection.posted, sends, peer);
      });
    }
  }

  get peerView(): Omit<Peer, 'executed'> {
    return { memory: this.#bytes, addr: this.#addr, key: this.#key };
  }

  get done(): boolean {
    return this.connections.every(
      ({ qp: { engine }, sends, gets, completed, received }) =>
        completed === sends.length &&
        received === gets.length &&
        engine.state === 'RTS' &&
        engine.migration.phase === 'RUNNING' &&
        (engine.type !== 'RC' || engine.resuming === undefined),
    );
  }

  #post(qp: Qp, k: number, n: number, sends: readonly PlannedMessage[], peer: Peer): void {
    const message = sends[n];
    if (message === undefined) return;
    const { op = 'SEND', from, to, bytes, imm } = message;
    const wrId = k * CONNECTION + n;
    const sgList = [{ addr: this.#addr + from, length: bytes, lkey: this.#key }];
    const wr = { wrId, sgList, signaled: true };
    const remote = { remoteAddr: peer.addr + to, rkey: peer.key };
    const request = {
      SEND: (): SendWr => (imm === undefined ? { ...wr, opcode: 'SEND' } : { ...wr, opcode: 'SEND_WITH_IMM', imm }),
      WRITE: (): SendWr => ({ ...wr, ...remote, opcode: 'RDMA_WRITE' }),
      READ: (): SendWr => ({ ...wr, ...remote, opcode: 'RDMA_READ' }),
      ATOMIC: (): SendWr => ({ ...wr, ...remote, opcode: 'ATOMIC_FETCH_AND_ADD', compareAdd: ADDEND }),
    };
    unwrap(postSend(qp, request[op]()));
  }

  #violate(property: Violation['property'], connection: number, says: string): void {
    this.violations.push({ property, says: `${this.side}, connection ${connection}: ${says}` });
  }

  #complete(wc: WorkCompletion, peer: Peer): void {
    const k = Math.floor(wc.wrId / CONNECTION);
    const connection = this.connections[k];
    if (connection === undefined) return;
    const isReceive = (wc.wrId & RECEIVE) !== 0;
    const n = wc.wrId % RECEIVE;
    if (wc.status !== 'SUCCESS') {
      this.#violate('SAFE-7', k, `${isReceive ? 'receive' : 'send'} ${n} failed with ${wc.status}`);
      return;
    }
    if (isReceive) {
      const mistake = this.#mistakeIn(connection, n, wc);
      if (mistake !== undefined) this.#violate('SAFE-2', k, mistake);
      connection.received += 1;
      return;
    }
    if (n !== connection.completed)
      this.#violate('SAFE-2', k, `send ${n} completed in place of ${connection.completed}`);
    connection.completed += 1;
    const done = peer.executed(k);
    if (done <= n) this.#violate('SAFE-1', k, `send ${n} completed, ${done} executed`);
    const message = connection.sends[n];
    if (message !== undefined) this.#judgeOneSided(k, n, message, peer);
  }

  /** What the peer's consumer cannot see: WRITE, READ and ATOMIC are judged where they complete. */
  #judgeOneSided(k: number, n: number, message: PlannedMessage, { memory }: Peer): void {
    const { op } = message;
    if (op === 'WRITE' && !isSame(memory, message, this.side))
      this.#violate('SAFE-1', k, `WRITE ${n} left other bytes`);
    if (op === 'READ' && !isSame(this.#bytes, message, this.side))
      this.#violate('SAFE-3', k, `READ ${n} brought other bytes`);
    if (op === 'ATOMIC' && !isOnce(this.#bytes, memory, message))
      this.#violate('SAFE-3', k, `atomic ${n} was not executed once`);
  }

  #mistakeIn({ gets, received }: Connection, n: number, { byteLen, imm }: WorkCompletion): string | undefined {
    const message = gets[n];
    if (message === undefined || n !== received) return `receive ${n} completed in place of ${received}`;
    if (byteLen !== message.bytes) return `message ${n} has ${byteLen} of ${message.bytes} bytes`;
    if (imm !== message.imm) return `message ${n} has immediate data ${imm}, not ${message.imm}`;
    return isSame(this.#bytes, message, otherSide(this.side)) ? undefined : `message ${n} has other bytes`;
  }
}
