import type { Part } from './workload.ts';

/** Where a copy of a QP lives: a host, by number. */
export type Host = number;

/** One end of the connection. */
export type Side = 'A' | 'B';

/**
 * What travels. `message` and `fresh` are ghosts: they say what the bytes mean, no guard reads them.
 * PSNs are wire PSNs, modulo the bounds.
 */
export type Packet =
  | {
      readonly type: 'rx.request';
      readonly psn: number;
      readonly op: 'SEND' | 'WRITE' | 'READ' | 'ATOMIC';
      readonly part: Part;
      /** PSNs it takes: 1, or the response packets of a READ. */
      readonly psns: number;
      readonly ackReq: boolean;
      readonly message: number;
    }
  | { readonly type: 'rx.ack'; readonly psn: number }
  | { readonly type: 'rx.nak'; readonly psn: number; readonly code: 'SEQUENCE' | 'INVALID_REQUEST' }
  | { readonly type: 'rx.rnrNak'; readonly psn: number }
  | { readonly type: 'rx.response'; readonly psn: number; readonly message: number }
  | Control;

/** What live migration adds. Fields that a protocol does not carry on the wire are 0. */
export type Control =
  /** The QP this packet was for is STOPPED, in its incarnation `epoch`. */
  | { readonly type: 'rx.nakStopped'; readonly psn: number; readonly epoch: number; readonly signed: boolean }
  /** The sender runs at `origin` in incarnation `epoch`. */
  | {
      readonly type: 'rx.resume';
      readonly psn: number;
      readonly epoch: number;
      readonly origin: Host;
      readonly signed: boolean;
    }
  /** Answer to a resume of incarnation `answers`; psn is the responder's expected PSN - 1; the rest is about the sender. */
  | {
      readonly type: 'rx.resumed';
      readonly psn: number;
      readonly answers: number;
      readonly epoch: number;
      readonly origin: Host;
      readonly signed: boolean;
    };

/** A packet on its way: the receiver sees `from` as the source address. */
export type Envelope = { readonly from: Host; readonly to: Host; readonly side: Side; readonly packet: Packet };

/** What a copy emits; the system adds source address and side. `own` is the same side elsewhere: a forwarded packet. */
export type Transmit = {
  readonly to: Host;
  readonly side: 'peer' | 'own';
  readonly packet: Packet;
};
