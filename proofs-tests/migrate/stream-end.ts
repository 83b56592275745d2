// Owns one end of the stream application: its context and all its streams.
import {
  ACCESS,
  allocPd,
  type Context,
  type Cq,
  createCq,
  createQp,
  type IpAddress,
  type Mr,
  type Mtu,
  modifyQp,
  pollCq,
  type Qp,
  regMr,
  unwrap,
  type WorkCompletion,
} from '../../impl/index.ts';
import { chance, subSeed } from '../../impl/udp/chance.ts';
import { MTUS } from '../../impl/wire/mtu.ts';
import type { QpNumbers, StreamPlan, StreamResult } from './control.ts';
import { ROUND_WRS } from './one-sided.ts';
import { Stream } from './stream.ts';
import { layOut, type StreamMemory, streamIn, streamMemorySize } from './stream-memory.ts';

const POLL = 64;

/** Sends of one end outstanding at once, all streams together: what a busy machine still answers within an ACK timeout. */
const OUTSTANDING = 64;

/**
 * ACK timeout codes, 134 ms for few streams to 1.1 s for thousands. Eight of them is how long a source may be busy with
 * its dump before it answers NAK_STOPPED; after that its peers give up.
 */
const timeoutOf = (streams: number): number => {
  if (streams > 1024) return 18;
  if (streams > 256) return 17;
  return streams > 16 ? 16 : 15;
};

/** READs and atomics outstanding at once, either way. */
const RD_ATOMIC = 4;

/** What the other end may do with a stream's memory. */
const remoteAccess = (memory: StreamMemory): number =>
  memory.get('oneSided') === 0 ? 0 : ACCESS.REMOTE_WRITE | ACCESS.REMOTE_READ | ACCESS.REMOTE_ATOMIC;

const mtuOf = (memory: StreamMemory): Mtu => {
  const mtu = MTUS.find((each) => each === memory.get('mtu'));
  if (mtu === undefined) throw new RangeError(`path MTU ${memory.get('mtu')}`);
  return mtu;
};

/** First PSNs lie anywhere, every fourth just before the wrap. */
const firstPsn = (seed: number, stream: number, direction: number): number =>
  stream % 4 === 0 ? 0xffffff - (stream % 16) : Math.floor(chance(subSeed(seed, 2 * stream + direction))() * 0x1000000);

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

type Member = { readonly qp: Qp; readonly mr: Mr; readonly stream: Stream };

/** The application at one host. */
export class StreamEnd {
  readonly context: Context;
  readonly #cq: Cq;
  /** Streams that may have something to send. */
  readonly #ready = new Set<Stream>();
  #outstanding = 0;
  // Counted as it happens: to ask a thousand streams after each packet takes longer than the packet.
  #received = 0;
  #harmed = 0;
  /** Streams with nothing left to do. */
  readonly #done = new Set<Stream>();
  readonly #failures = new Map<string, number>();
  /** By QPN. */
  readonly #members = new Map<number, Member>();

  private constructor(context: Context, cq: Cq) {
    this.context = context;
    this.#cq = cq;
  }

  /** Creates the objects of a new end, QPs in RESET. */
  static build(context: Context, plan: StreamPlan, direction: 0 | 1): StreamEnd {
    const pd = unwrap(allocPd(context));
    const cq = unwrap(createCq(context, { cqe: plan.qps * (plan.window + plan.depth + ROUND_WRS) }));
    const end = new StreamEnd(context, cq);
    for (let stream = 0; stream < plan.qps; stream++) {
      const settings = { ...plan, stream, direction, imm: Number(plan.imm), oneSided: Number(plan.oneSided) };
      const memory = layOut(new Uint8Array(streamMemorySize(settings)), settings);
      const mr = unwrap(regMr(pd, memory.bytes, ACCESS.LOCAL_WRITE | remoteAccess(memory)));
      const cap = { maxSendWr: plan.window + ROUND_WRS, maxRecvWr: plan.depth };
      const qp = unwrap(createQp(pd, { qpType: 'RC', sendCq: cq, recvCq: cq, cap }));
      memory.set('qpn', qp.qpNum);
      end.#members.set(qp.qpNum, { qp, mr, stream: new Stream(qp, mr, memory) });
    }
    return end;
  }

  /** The end that lives in a restored context: streams are found in the registered memory and nowhere else. */
  static adopt(context: Context): StreamEnd {
    const [cq] = context.cqs.list();
    if (cq === undefined) throw new Error('the restored context has no CQ');
    const end = new StreamEnd(context, cq);
    const qps = new Map(context.qps.list().map((qp) => [qp.qpNum, qp]));
    for (const mr of context.mrs.list()) {
      const memory = streamIn(mr.region.bytes);
      const qp = memory === undefined ? undefined : qps.get(memory.get('qpn'));
      if (memory === undefined || qp === undefined) throw new Error(`MR ${mr.handle} holds no stream of a restored QP`);
      const stream = new Stream(qp, mr, memory);
      end.#members.set(qp.qpNum, { qp, mr, stream });
      end.#received += memory.get('received');
      end.#harmed += stream.harmed;
      if (stream.done) end.#done.add(stream);
    }
    return end;
  }

  /** What the other end needs to know, in the order of the streams. */
  numbers(): readonly QpNumbers[] {
    return [...this.#members.values()].map(({ qp, mr, stream: { memory } }) => ({
      qpn: qp.qpNum,
      addr: mr.addr,
      rkey: mr.rkey,
      psn: firstPsn(memory.get('seed'), memory.get('stream'), memory.get('direction')),
    }));
  }

  /** Brings every QP to RTS towards the other end, its receives posted. */
  connect(dgid: IpAddress, remotes: readonly QpNumbers[]): void {
    const own = this.numbers();
    for (const [i, { qp, stream }] of [...this.#members.values()].entries()) {
      const [remote, { psn: sqPsn }] = [remotes[i], own[i] ?? { psn: 0 }];
      if (remote === undefined) throw new Error(`no QP at the other end for stream ${i}`);
      unwrap(modifyQp(qp, { qpState: 'INIT', pkeyIndex: 0, portNum: 1, qpAccessFlags: remoteAccess(stream.memory) }));
      stream.postReceives();
      const { qpn: destQpNum, psn: rqPsn } = remote;
      stream.memory.remoteAddr = remote.addr;
      stream.memory.set('remoteRkey', remote.rkey);
      const pathMtu = mtuOf(stream.memory);
      const rtr = { ahAttr: { dgid }, pathMtu, destQpNum, rqPsn, maxDestRdAtomic: RD_ATOMIC, minRnrTimer: 12 };
      unwrap(modifyQp(qp, { qpState: 'RTR', ...rtr }));
      const timeout = timeoutOf(this.#members.size);
      unwrap(modifyQp(qp, { qpState: 'RTS', timeout, retryCnt: 7, rnrRetry: 7, sqPsn, maxRdAtomic: RD_ATOMIC }));
    }
  }

  /** Begins to send, or goes on after a restore. */
  go(): void {
    for (const { stream } of this.#members.values()) {
      this.#outstanding += stream.outstanding;
      this.#ready.add(stream);
    }
    this.#fill();
  }

  /** Posts sends up to the limit of the whole end, the streams taking turns. */
  #fill(): void {
    for (const stream of this.#ready) {
      if (this.#outstanding === OUTSTANDING) return;
      this.#ready.delete(stream);
      if (!stream.sendNext()) continue;
      this.#outstanding++;
      this.#ready.add(stream); // behind all others; this very loop comes to it
    }
  }

  /** Takes all completions there are; returns how many. */
  poll(): number {
    let taken = 0;
    for (let wcs = pollCq(this.#cq, POLL); wcs.length > 0; wcs = pollCq(this.#cq, POLL)) {
      for (const wc of wcs) this.#take(wc);
      taken += wcs.length;
      this.#fill();
    }
    return taken;
  }

  #take(wc: WorkCompletion): void {
    if (wc.status !== 'SUCCESS') this.#failures.set(wc.status, (this.#failures.get(wc.status) ?? 0) + 1);
    const stream = this.#members.get(wc.qpNum)?.stream;
    if (stream === undefined) return;
    const before = stream.harmed;
    const what = stream.complete(wc);
    this.#harmed += stream.harmed - before;
    if (what === 'received') this.#received++;
    if (stream.done) this.#done.add(stream);
    if (what !== 'sent') return;
    this.#outstanding--;
    this.#ready.add(stream);
  }

  /** Failed completions seen by this process, by status. */
  get failures(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#failures);
  }

  /** Completions waiting in the CQ. */
  get waiting(): number {
    return this.#cq.queue.count;
  }

  get received(): number {
    return this.#received;
  }

  get harmed(): number {
    return this.#harmed;
  }

  get done(): boolean {
    return this.#done.size === this.#members.size;
  }

  results(): readonly StreamResult[] {
    return [...this.#members.values()]
      .map(({ stream: { memory } }) => ({
        stream: memory.get('stream'),
        completed: memory.get('completed'),
        received: memory.get('received'),
        bytes: memory.receivedBytes,
        failed: memory.get('failed'),
        wrong: memory.get('wrong'),
        rounds: memory.get('rounds'),
        counted: memory.counter,
        sentChain: hex(memory.sentChain),
        receivedChain: hex(memory.receivedChain),
      }))
      .sort((a, b) => a.stream - b.stream);
  }
}
