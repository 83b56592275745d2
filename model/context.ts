import type { Host, Packet, Transmit } from './packet.ts';
import type { Args, Part } from './part.ts';

export type QpType = 'RC' | 'UC' | 'UD';

/** The extended state of one copy of a QP. Packet indices count from the first packet; the wire has them modulo the bounds. */
export type QpContext = {
  readonly qpType: QpType;
  /** First unacknowledged packet, next packet to send, one past the highest ever sent. */
  readonly una: number;
  readonly nxt: number;
  readonly sent: number;
  readonly retries: number;
  /** One past the highest packet sent before the last RESUME, while any of them is unacknowledged and retries are counted. */
  readonly spared: number;
  readonly rnrRetries: number;
  readonly rnrWait: 0 | 1;
  /** Index of the next request packet due; whether its gap was NAKed or RNR NAKed already. */
  readonly expected: number;
  readonly nakSent: 0 | 1;
  /** The message in progress, '' between messages. */
  readonly inProgress: '' | 'SEND' | 'WRITE';
  /** Kept results of READ and atomic requests, oldest first. */
  readonly resources: readonly Resource[];
  /** 1 when the PSN of the last answer was lost with an image (H11d): duplicates are then answered with PSN -1. */
  readonly ackLost: 0 | 1;
  /** Receive WQEs posted and unused. */
  readonly receives: number;
  /** Where this copy runs and where it believes its peer to be. */
  readonly host: Host;
  readonly peerHost: Host;
  /** Incarnation of this copy, and the newest one of its peer that it knows. */
  readonly epoch: number;
  readonly peerEpoch: number;
  /** Whether the peer has shown the live-migration extension. */
  readonly peerCapable: 0 | 1;
  /** Where a tombstone forwards to; -1 for nowhere. */
  readonly forwardTo: number;
  /** The question that this copy has asked the record, with the answer that is on its way; empty where it has asked none. */
  readonly asked: readonly Asked[];
  readonly ghost: Ghost;
};

/** What is kept to answer a duplicate READ or atomic: index of its first PSN and how many it takes. */
export type Resource = { readonly first: number; readonly psns: number };

/** History that no guard reads: what the application in this copy has seen. */
export type Ghost = {
  /** Messages of the peer executed here, in order. */
  readonly executed: number;
  /** The first property that an execution or a completion here broke. */
  readonly broke: '' | 'SAFE-1' | 'SAFE-2' | 'SAFE-3' | 'SAFE-8';
};

/** What the durable record of a migration says about one side; part of an event where a protocol consults it. */
export type Whereabouts = {
  /** Newest decided incarnation and its host. */
  readonly epoch: number;
  readonly at: Host;
  /** A migration has begun and is not decided. */
  readonly moving: boolean;
  /** The side is known to be lost for good, or its QP to be no end of this connection any more. */
  readonly dead: boolean;
};

/** What the record said when it was asked, and the first unacknowledged packet of who asked. */
export type Asked = Whereabouts & { readonly una: number };

export type QpEvent =
  | { readonly type: 'modify.reset' | 'modify.init' | 'modify.rtr' | 'modify.rts' | 'modify.sqd' | 'modify.err' }
  | { readonly type: 'send.error' | 'fatal' }
  /** Sends the next packet; an observer of an implementation says whether it asked for an ACK. */
  | { readonly type: 'transmit'; readonly ackReq?: boolean }
  | { readonly type: 'rnrTimeout' | 'post.receive' }
  /**
   * The ACK timer, or the timer that repeats a resume; and what the record says of the peer just then. `later`: who asks
   * now hears that later.
   */
  | { readonly type: 'ackTimeout'; readonly peer?: Whereabouts; readonly later?: true }
  | { readonly type: 'record.answer' }
  /** From the checkpointer at this host; of an order, the incarnation that it is for. */
  | { readonly type: 'resume' | 'retire' }
  | { readonly type: 'stop' | 'destroy'; readonly epoch?: number }
  | { readonly type: 'entomb'; readonly forwardTo: Host }
  | { readonly type: 'activate' | 'unstop'; readonly epoch: number }
  | (Packet & { readonly from: Host });

export type QpArgs = Args<QpContext, QpEvent>;
export type QpPart = Part<QpContext, QpEvent, Transmit>;
