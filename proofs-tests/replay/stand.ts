/** A scenario of the model on the implementation: real devices in a world in which only what the caller says happens. */
import {
  ACCESS,
  allocPd,
  type Context,
  createCq,
  createQp,
  type IpAddress,
  ip,
  type Mr,
  modifyQp,
  postRecv,
  postSend,
  type Qp,
  regMr,
  unwrap,
} from '../../impl/index.ts';
import type { InFlight } from '../../impl/sim/medium.ts';
import { World } from '../../impl/sim/world.ts';
import type { Host, Side } from '../../model/packet.ts';
import type { Scenario } from '../../model/scenario.ts';
import { otherSide } from '../../model/system.ts';
import type { Work } from '../../model/workload.ts';
import type { Frame } from '../refine/frame.ts';

export const MTU = 256;
/** Bytes of a message's last packet. */
const TAIL = 16;
/** Where in the memory of a side: what it sends, what it receives, what its peer reads and writes. */
const AREA = { sends: 0, receives: 0x8000, remote: 0x10000, size: 0x18000 } as const;
const RECEIVE_BYTES = 8 * MTU;
const ALL = ACCESS.LOCAL_WRITE | ACCESS.REMOTE_READ | ACCESS.REMOTE_WRITE | ACCESS.REMOTE_ATOMIC;
const QPNS = { A: 0x100, B: 0x200 } as const;
/** Nanoseconds of the world for each step: shorter than any timer. */
const STEP = 1_000;
const PSNS = 2 ** 24;

export const addressOf = (host: Host): IpAddress => ip(`10.0.0.${host + 1}`);
export const hostOf = (address: string): Host => Number(address.slice(address.lastIndexOf('.') + 1)) - 1;

/** One side: where it runs, its live context, and the contexts it has left behind, by host. */
export type SideStand = {
  host: Host;
  context: Context;
  qp: Qp;
  mr: Mr;
  readonly left: Map<Host, Context>;
  image: Uint8Array | undefined;
  posted: number;
  received: number;
};

export type SentPacket = { readonly at: number; readonly packet: InFlight };

const bytesOf = ({ op, packets }: Work): number => (op === 'ATOMIC' ? 8 : (packets - 1) * MTU + TAIL);

export class Stand {
  readonly scenario: Scenario;
  readonly world: World;
  readonly sides: { readonly A: SideStand; readonly B: SideStand };
  /** Every datagram there was, in order. */
  readonly sent: SentPacket[] = [];

  constructor(scenario: Scenario) {
    this.scenario = scenario;
    const { sides, bounds } = scenario;
    const hosts = 1 + Math.max(...sides.A.route, ...sides.B.route);
    this.world = new World({
      mode: 'scripted',
      nics: Array.from({ length: hosts }, (_, host) => ({ addresses: [addressOf(host)], window: bounds.window })),
      onSend: (packet) => this.sent.push({ at: this.world.now, packet }),
    });
    this.sides = { A: this.#make('A'), B: this.#make('B') };
    for (const side of ['A', 'B'] as const) {
      this.#connect(side);
      this.postReceives(side, sides[side].receives);
    }
  }

  /** PSN of the first packet of both directions: as far from the wrap as the scenario's, and the same modulo its PSNs. */
  get firstPsn(): number {
    const { initialPsn, psnModulus } = this.scenario.bounds;
    return initialPsn === 0 ? 0 : PSNS - psnModulus + initialPsn;
  }

  /** Time goes on by one step. */
  pass(): void {
    this.world.advanceTo(this.world.now + STEP);
  }

  frame(side: Side): Frame {
    const { bounds, sides } = this.scenario;
    const stream = (from: Side) => ({ initialPsn: this.firstPsn, works: sides[from].work, says: () => true });
    return {
      sends: stream(side),
      gets: stream(otherSide(side)),
      peerQpn: QPNS[otherSide(side)],
      mtu: MTU,
      window: bounds.window,
      retryCnt: bounds.retryCnt ?? 7,
      rnrRetry: bounds.rnrRetry ?? 7,
      responderResources: bounds.responderResources,
      hostOf,
    };
  }

  postReceives(side: Side, count: number): void {
    const stand = this.sides[side];
    for (let k = 0; k < count; k += 1) {
      const addr = stand.mr.addr + AREA.receives + (stand.received % 16) * RECEIVE_BYTES;
      unwrap(
        postRecv(stand.qp, {
          wrId: 100 + stand.received,
          sgList: [{ addr, length: RECEIVE_BYTES, lkey: stand.mr.lkey }],
        }),
      );
      stand.received += 1;
    }
  }

  /** Posts what a side has to send; nothing where its state takes no sends yet. */
  postSends(side: Side): void {
    const stand = this.sides[side];
    const { work } = this.scenario.sides[side];
    for (; stand.posted < work.length; stand.posted += 1) {
      const each = work[stand.posted];
      if (each === undefined || !this.#post(side, stand, each)) return;
    }
  }

  /** The side goes on with what was restored at a host. */
  moved(side: Side, host: Host, context: Context): void {
    const stand = this.sides[side];
    const [qp, mr] = [context.qps.list()[0], context.mrs.list()[0]];
    if (qp === undefined || mr === undefined) throw new Error('the image has lost its QP or its memory');
    Object.assign(stand, { host, context, qp, mr });
  }

  #make(side: Side): SideStand {
    const [host = 0] = this.scenario.sides[side].route;
    const context = this.world.nic(host).open();
    const pd = unwrap(allocPd(context));
    const cq = unwrap(createCq(context, { cqe: 64 }));
    const mr = unwrap(regMr(pd, new Uint8Array(AREA.size), ALL, { key: side === 'A' ? 0x100 : 0x200 }));
    const cap = { maxSendWr: 32, maxRecvWr: 32, maxSendSge: 1, maxRecvSge: 1 };
    const qp = unwrap(createQp(pd, { qpType: 'RC', sendCq: cq, recvCq: cq, cap, qpNum: QPNS[side] }));
    return { host, context, qp, mr, left: new Map(), image: undefined, posted: 0, received: 0 };
  }

  #connect(side: Side): void {
    const { sides, bounds } = this.scenario;
    const { verbs } = sides[side];
    const { qp } = this.sides[side];
    if (verbs === 'RESET') return;
    unwrap(modifyQp(qp, { qpState: 'INIT', pkeyIndex: 0, portNum: 1, qpAccessFlags: ALL }));
    if (verbs === 'INIT') return;
    const peer = this.sides[otherSide(side)];
    unwrap(
      modifyQp(qp, {
        qpState: 'RTR',
        ahAttr: { dgid: addressOf(peer.host) },
        pathMtu: MTU,
        destQpNum: QPNS[otherSide(side)],
        rqPsn: this.firstPsn,
        maxDestRdAtomic: bounds.responderResources,
        minRnrTimer: 12,
      }),
    );
    if (verbs === 'RTR') return;
    unwrap(modifyQp(qp, this.rts));
    this.postSends(side);
    if (verbs === 'SQD') unwrap(modifyQp(qp, { qpState: 'SQD' }));
    if (verbs === 'ERR') unwrap(modifyQp(qp, { qpState: 'ERR' }));
  }

  get rts() {
    const { bounds } = this.scenario;
    return {
      qpState: 'RTS',
      timeout: 14,
      retryCnt: bounds.retryCnt ?? 7,
      rnrRetry: bounds.rnrRetry ?? 7,
      sqPsn: this.firstPsn,
      maxRdAtomic: bounds.responderResources,
    } as const;
  }

  #post(side: Side, { qp, mr, posted }: SideStand, work: Work): boolean {
    const length = bytesOf(work);
    const sgList = [{ addr: mr.addr + AREA.sends + (posted % 8) * RECEIVE_BYTES, length, lkey: mr.lkey }];
    const peer = this.sides[otherSide(side)].mr;
    const remote = { remoteAddr: peer.addr + AREA.remote, rkey: peer.rkey };
    const plain = { wrId: posted, signaled: true, sgList };
    const answer = {
      SEND: () => postSend(qp, { ...plain, opcode: 'SEND' }),
      WRITE: () => postSend(qp, { ...plain, ...remote, opcode: 'RDMA_WRITE' }),
      READ: () => postSend(qp, { ...plain, ...remote, opcode: 'RDMA_READ' }),
      ATOMIC: () => postSend(qp, { ...plain, ...remote, opcode: 'ATOMIC_FETCH_AND_ADD', compareAdd: 1n }),
    }[work.op]();
    return answer.ok;
  }
}
