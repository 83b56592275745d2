// One device whose peer is played by the test, packet by packet.
import {
  allocPd,
  type Context,
  type Cq,
  createCq,
  createQp,
  createSrq,
  type IpAddress,
  ip,
  type Mr,
  modifyQp,
  Nic,
  type NicConfig,
  type Pd,
  pollCq,
  postRecv,
  postSend,
  type Qp,
  type QpAttr,
  type QpInit,
  type QpState,
  type QpType,
  regMr,
  type SendWr,
  type Srq,
  unwrap,
  type WorkCompletion,
} from '../../impl/index.ts';
import { ATTRIBUTES } from '../../impl/qp/attributes.ts';
import { TRANSITIONS } from '../../impl/qp/transitions.ts';
import { decodePacket } from '../../impl/wire/decode.ts';
import { encodePacket } from '../../impl/wire/encode.ts';
import { qpn } from '../../impl/wire/numbers.ts';
import type { OpcodeName } from '../../impl/wire/opcode.ts';
import { makePacket, type Packet } from '../../impl/wire/packet.ts';
import { path } from '../../impl/wire/path.ts';
import { psn } from '../../impl/wire/psn.ts';
import { ALL_REMOTE, INIT_ATTR, rtrAttr, rtsAttr } from './pair.ts';

export const HERE = ip('10.0.0.1');
export const PEER = ip('10.0.0.2');
export const PEER_QPN = 0x777;

export type LoneConfig = {
  readonly qpType?: QpType;
  readonly state?: 'RESET' | 'INIT' | 'RTR' | 'RTS';
  readonly rtr?: QpAttr;
  readonly rts?: QpAttr;
  readonly qpAccess?: number;
  readonly access?: number;
  readonly init?: Partial<Omit<QpInit, 'qpType' | 'sendCq' | 'recvCq'>>;
  readonly nic?: Partial<NicConfig>;
  readonly mtu?: 256 | 1024;
  /** Give it a shared receive queue of 64. */
  readonly srq?: boolean;
};

export const QKEY = 0x11112222;

/** Of the attributes, those that a transition of the type requires or was asked for besides. */
const takenBy = (type: QpType, from: QpState, to: QpState, attr: QpAttr): QpAttr => {
  const row = TRANSITIONS[from][to]?.[type];
  const keys = new Set([
    'qpState',
    ...[...(row?.required ?? []), ...(row?.optional ?? [])].map((name) => ATTRIBUTES[name].key),
  ]);
  return Object.fromEntries(Object.entries(attr).filter(([key]) => keys.has(key)));
};

/** First PSN of both directions. */
export const FIRST = 100;

export class Lone {
  readonly nic: Nic;
  readonly context: Context;
  readonly pd: Pd;
  readonly cq: Cq;
  readonly qp: Qp;
  readonly srq: Srq | undefined;
  readonly mr: Mr;
  readonly bytes = new Uint8Array(65536);
  now = 0;
  #sent: Packet[] = [];

  constructor(config: LoneConfig = {}) {
    this.nic = new Nic(
      { addresses: [HERE], ...config.nic },
      {
        transmit: (datagram, way) => {
          const decoded = decodePacket(datagram.slice(), way);
          if (!decoded.ok) throw new Error(`sent ${decoded.reason}: ${decoded.detail}`);
          this.#sent.push(decoded.packet);
        },
        wakeAt: () => {},
      },
    );
    this.context = this.nic.open();
    this.pd = unwrap(allocPd(this.context));
    this.cq = unwrap(createCq(this.context, { cqe: 256 }));
    this.mr = unwrap(regMr(this.pd, this.bytes, config.access ?? ALL_REMOTE));
    const cap = { maxSendWr: 128, maxRecvWr: 64, maxSendSge: 32, maxRecvSge: 32, maxInlineData: 256 };
    const { qpType = 'RC' } = config;
    this.srq = config.srq === true ? unwrap(createSrq(this.pd, { maxWr: 64, maxSge: 32 })) : undefined;
    const shared = this.srq === undefined ? {} : { srq: this.srq };
    this.qp = unwrap(createQp(this.pd, { qpType, sendCq: this.cq, recvCq: this.cq, cap, ...shared, ...config.init }));
    this.#walk(config);
  }

  /** To the state wanted, with the attributes that the type takes. */
  #walk({ qpType = 'RC', state = 'RTS', mtu = 256, qpAccess = ALL_REMOTE, rtr, rts }: LoneConfig): void {
    const peer = { ...this.qp, qpNum: PEER_QPN };
    const steps: readonly { readonly to: QpState; readonly attr: QpAttr }[] = [
      { to: 'INIT', attr: { ...INIT_ATTR, qpAccessFlags: qpAccess, qkey: QKEY } },
      { to: 'RTR', attr: { ...rtrAttr(peer, PEER, mtu, FIRST), ...rtr } },
      { to: 'RTS', attr: { ...rtsAttr(FIRST), ...rts } },
    ];
    for (const { to, attr } of steps) {
      if (this.state === state) return;
      unwrap(modifyQp(this.qp, takenBy(qpType, this.qp.engine.state, to, attr)));
    }
  }

  /** What was sent since the last call. */
  sent(): readonly Packet[] {
    const sent = this.#sent;
    this.#sent = [];
    return sent;
  }

  /** As `sent`, each as `opcode psn`, with what an AETH says. */
  said(): readonly string[] {
    return this.sent().map((packet) => {
      const { syndrome } = packet;
      const words =
        syndrome.kind === 'NAK' ? syndrome.code : syndrome.kind === 'RNR_NAK' ? `RNR ${syndrome.timer}` : 'ACK';
      const name = packet.opcode.replace(/^RC_/, '');
      return name === 'ACKNOWLEDGE' ? `${words} ${packet.psn}` : `${name} ${packet.psn}`;
    });
  }

  /** The peer sends a packet. */
  get(
    opcode: OpcodeName,
    number: number,
    fields: Parameters<typeof makePacket>[3] = {},
    source: IpAddress = PEER,
  ): void {
    const way = path(source, HERE, 0xc000);
    this.nic.receive(encodePacket(makePacket(opcode, qpn(this.qp.qpNum), psn(number), fields), way), way, this.now);
  }

  /** As `get`, and the device has its turn. */
  exchange(opcode: OpcodeName, number: number, fields: Parameters<typeof makePacket>[3] = {}): readonly string[] {
    this.get(opcode, number, fields);
    this.nic.tick(this.now);
    return this.said();
  }

  /** Posts a send and lets the device have its turn. */
  send(wr: SendWr): readonly string[] {
    unwrap(postSend(this.qp, { signaled: true, ...wr }));
    this.nic.tick(this.now);
    return this.said();
  }

  recv(wrId: number, offset = 0, length = 4096): void {
    unwrap(postRecv(this.qp, { wrId, sgList: [this.piece(offset, length)] }));
  }

  piece(offset: number, length: number): { addr: number; length: number; lkey: number } {
    return { addr: this.mr.addr + offset, length, lkey: this.mr.lkey };
  }

  /** Time passes; the device is looked at when it wants to be. */
  pass(nanoseconds: number): readonly string[] {
    const until = this.now + nanoseconds;
    for (let next = this.nic.nextWake; next <= until; next = this.nic.nextWake) {
      this.now = Math.max(this.now, next);
      this.nic.tick(this.now);
    }
    this.now = until;
    return this.said();
  }

  /** `wrId status` of each completion since the last call. */
  done(): readonly string[] {
    return this.wcs().map(({ wrId, status }) => `${wrId} ${status}`);
  }

  wcs(): readonly WorkCompletion[] {
    return pollCq(this.cq, 1000);
  }

  /** Async events since the last call. */
  events(): readonly string[] {
    const names: string[] = [];
    for (let event = this.context.getAsyncEvent(); event !== undefined; event = this.context.getAsyncEvent()) {
      names.push(event.type);
    }
    return names;
  }

  get state(): string {
    return this.qp.engine.state;
  }
}

/** Nanoseconds of ACK timeout 10, that of `rtsAttr`. */
export const ACK_TIMEOUT = 4096 * 2 ** 10;
