/** Two QPs of UC or UD beside the connections of a run: what arrives is whole, and one of what was sent. */
import {
  type Ah,
  allocPd,
  type Context,
  type Cq,
  createAh,
  createCq,
  createQp,
  modifyQp,
  pollCq,
  postRecv,
  postSend,
  type Qp,
  type QpAttr,
  type Result,
  regMr,
  unwrap,
  type WorkCompletion,
} from '../../impl/index.ts';
import type { Side } from '../../model/packet.ts';
import type { Call as AnyCall } from '../refine/call.ts';
import { type Act, ALL_ACCESS } from './party.ts';
import { otherSide, SIDES } from './plan.ts';
import type { PlainStream, Run, RunMessage } from './run.ts';
import { addressOf } from './stage.ts';
import type { Violation } from './violation.ts';

type Call = Extract<AnyCall, { verb: 'modify' }>;

const QKEY = 0x1111;
/** What a UD receive has before the message. */
const GRH = 40;
const RECEIVE = 0x100;
const NO_KEY = 0xfefe00;
const DEPTH = 4;
const FIRST_PSN = 0xfffffe;

const byteAt = (side: Side, message: number, i: number): number => (side.charCodeAt(0) + 31 * message + 7 * i) & 0xff;

/** One end: its context moves with the party's. */
class PlainEnd {
  readonly side: Side;
  readonly type: PlainStream['type'];
  readonly violations: Violation[] = [];
  context: Context;
  qp: Qp;
  readonly #sends: readonly RunMessage[];
  readonly #gets: readonly RunMessage[];
  readonly #room: number;
  readonly #key: number;
  readonly #addr: number;
  #cq: Cq;
  #bytes: Uint8Array;
  #ah: Ah | undefined;
  #posted = 0;
  #settled = 0;
  received = 0;

  constructor(side: Side, context: Context, mtu: number, { type, ...streams }: PlainStream) {
    this.side = side;
    this.type = type;
    this.context = context;
    [this.#sends, this.#gets] = [streams[side], streams[otherSide(side)]];
    const pd = unwrap(allocPd(context));
    this.#room = GRH + Math.max(mtu, ...[...this.#sends, ...this.#gets].map(({ bytes }) => bytes));
    const memory = new Uint8Array(this.#room * (this.#sends.length + this.#gets.length));
    for (const [n, { bytes }] of this.#sends.entries())
      for (let i = 0; i < bytes; i += 1) memory[n * this.#room + i] = byteAt(side, n, i);
    const mr = unwrap(regMr(pd, memory, ALL_ACCESS));
    [this.#bytes, this.#key, this.#addr] = [memory, mr.lkey, mr.addr];
    this.#cq = unwrap(createCq(context, { cqe: 64 }));
    const cap = { maxSendWr: DEPTH, maxRecvWr: Math.max(1, this.#gets.length), maxSendSge: 1, maxRecvSge: 1 };
    this.qp = unwrap(createQp(pd, { qpType: type, sendCq: this.#cq, recvCq: this.#cq, cap }));
  }

  /** The address handle of its peer, where its type needs one. */
  meets(peer: number): void {
    if (this.type === 'UD') this.#ah = unwrap(createAh(this.qp.pd, { dgid: addressOf(peer) }));
  }

  get failsToSend(): boolean {
    return this.#sends.some(({ bad }) => bad === 'at the sender');
  }

  postReceives(act: Act): void {
    if (this.#gets.length === 0) return;
    act({ verb: 'post.receive', qpn: this.qp.qpNum, count: this.#gets.length }, () => {
      for (const n of this.#gets.keys()) {
        const addr = this.#addr + (this.#sends.length + n) * this.#room;
        unwrap(postRecv(this.qp, { wrId: RECEIVE + n, sgList: [{ addr, length: this.#room, lkey: this.#key }] }));
      }
    });
  }

  moveTo(context: Context): void {
    const { qp } = this;
    const [next, cq] = [context.qps.get(qp.handle), context.cqs.get(this.#cq.handle)];
    const mr = context.mrs.list().find(({ lkey }) => lkey === this.#key);
    if (next === undefined || cq === undefined || mr === undefined)
      throw new Error(`the image has lost a ${this.type} QP`);
    if (this.#ah !== undefined) this.#ah = context.ahs.get(this.#ah.handle);
    [this.context, this.qp, this.#cq, this.#bytes] = [context, next, cq, mr.region.bytes];
  }

  turn(act: Act, peerQpn: number): void {
    this.poll();
    const { state } = this.qp.engine;
    if (state !== 'RTS' && state !== 'SQD') return;
    const to = Math.min(this.#sends.length, this.#settled + DEPTH);
    if (this.#posted >= to) return;
    act({ verb: 'post.send' }, () => {
      for (; this.#posted < to; this.#posted += 1) unwrap(this.#post(this.#posted, peerQpn));
    });
  }

  poll(): void {
    if (this.#cq.queue.count > 0) for (const wc of pollCq(this.#cq, 64)) this.#complete(wc);
  }

  /** What was posted is gone with the queues. */
  forget(): void {
    this.#settled = this.#posted;
  }

  #post(n: number, remoteQpn: number): Result<void> {
    const { bytes = 0, bad } = this.#sends[n] ?? {};
    const lkey = bad === 'at the sender' ? NO_KEY : this.#key;
    const sgList = [{ addr: this.#addr + n * this.#room, length: bytes, lkey }];
    const wr = { opcode: 'SEND_WITH_IMM', wrId: n, sgList, signaled: true, imm: n } as const;
    return postSend(
      this.qp,
      this.#ah === undefined ? wr : { ...wr, ud: { ah: this.#ah, remoteQpn, remoteQkey: QKEY } },
    );
  }

  #complete(wc: WorkCompletion): void {
    if (wc.wrId < RECEIVE) {
      if (wc.wrId !== this.#settled) this.#violate('SAFE-2', `send ${wc.wrId} completed in place of ${this.#settled}`);
      this.#settled += 1;
    } else if (wc.status === 'SUCCESS') {
      const mistake = this.#mistakeIn(wc);
      if (mistake !== undefined) this.#violate('SAFE-2', mistake);
      this.received += 1;
    }
  }

  #violate(property: Violation['property'], says: string): void {
    this.violations.push({ property, says: `${this.side}, ${this.type}: ${says}` });
  }

  #mistakeIn({ wrId, imm = -1, byteLen }: WorkCompletion): string | undefined {
    const message = this.#gets[imm];
    if (message === undefined || message.bad !== undefined) return `what nobody could send has arrived as ${imm}`;
    const before = this.type === 'UD' ? GRH : 0;
    if (byteLen !== before + message.bytes) return `message ${imm} has ${byteLen - before} of ${message.bytes} bytes`;
    const start = (this.#sends.length + wrId - RECEIVE) * this.#room + before;
    for (let i = 0; i < message.bytes; i += 1)
      if (this.#bytes[start + i] !== byteAt(otherSide(this.side), imm, i)) return `message ${imm} has other bytes`;
    return undefined;
  }

  /** Nothing that was posted is left, and what may still be posted is. */
  get isSettled(): boolean {
    const { state, migration } = this.qp.engine;
    if (this.#posted > this.#settled && state !== 'RESET') return false;
    return (
      (this.#posted === this.#sends.length && migration.phase === 'RUNNING') || (state !== 'RTS' && state !== 'SQD')
    );
  }
}

export class PlainPair {
  readonly ends: { readonly A: PlainEnd; readonly B: PlainEnd };
  readonly #act: { readonly A: Act; readonly B: Act };
  readonly #mtu: Run['mtu'];

  constructor(
    run: Run,
    stream: PlainStream,
    contexts: { readonly A: Context; readonly B: Context },
    act: { readonly A: Act; readonly B: Act },
  ) {
    this.#act = act;
    this.#mtu = run.mtu;
    this.ends = {
      A: new PlainEnd('A', contexts.A, run.mtu, stream),
      B: new PlainEnd('B', contexts.B, run.mtu, stream),
    };
    for (const [host, side] of SIDES.entries()) this.ends[side].meets(1 - host);
  }

  connect(): void {
    for (const to of ['INIT', 'RTR', 'RTS'] as const)
      for (const [host, side] of SIDES.entries()) {
        this.modify(side, to, 1 - host);
        if (to === 'INIT') this.ends[side].postReceives(this.#act[side]);
      }
  }

  /** The attributes of a step to RTS; what the type does not take is not there. */
  #attributes(side: Side, to: 'INIT' | 'RTR' | 'RTS', peer: number): QpAttr {
    const ud = this.ends[side].type === 'UD';
    if (to === 'INIT')
      return { qpState: to, pkeyIndex: 0, portNum: 1, ...(ud ? { qkey: QKEY } : { qpAccessFlags: ALL_ACCESS }) };
    if (to === 'RTS') return { qpState: to, sqPsn: FIRST_PSN };
    if (ud) return { qpState: to };
    const destQpNum = this.ends[otherSide(side)].qp.qpNum;
    return { qpState: to, ahAttr: { dgid: addressOf(peer) }, pathMtu: this.#mtu, destQpNum, rqPsn: FIRST_PSN };
  }

  #modify(side: Side, to: Call['to'], attr: QpAttr): Result<void> {
    const end = this.ends[side];
    if (to === 'RESET' && !end.context.stopped) end.poll();
    const done = this.#act[side]({ verb: 'modify', to, qpn: end.qp.qpNum }, () => modifyQp(end.qp, attr));
    if (to === 'RESET' && done.ok) end.forget();
    return done;
  }

  /** A consumer modifies its QP, whether or not its state allows it. @param peer where the other end runs. */
  modify(side: Side, to: Call['to'], peer: number): Result<void> {
    const { state } = this.ends[side].qp.engine;
    const first = to === 'INIT' || (to === 'RTR' && state === 'INIT') || (to === 'RTS' && state === 'RTR');
    return this.#modify(side, to, first ? this.#attributes(side, to, peer) : { qpState: to });
  }

  /** Whoever waits in SQE or SQD goes on; whether anyone did. */
  release(): boolean {
    return SIDES.some((side) => {
      const { qp, context } = this.ends[side];
      const waits = qp.engine.state === 'SQE' || qp.engine.state === 'SQD';
      return waits && !context.stopped && this.modify(side, 'RTS', -1).ok;
    });
  }

  turn(): void {
    for (const side of SIDES)
      if (!this.ends[side].context.stopped) this.ends[side].turn(this.#act[side], this.ends[otherSide(side)].qp.qpNum);
  }
}
