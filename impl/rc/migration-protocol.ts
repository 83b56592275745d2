// Owns the seam between RC and a migration protocol: every decision a protocol makes is asked for here. Chapter 50.
import type { Instant } from '../qp/instant.ts';
import type { QpCore } from '../qp/qp-core.ts';
import type { IpAddress } from '../wire/address.ts';
import type { OpcodeInfo } from '../wire/opcode.ts';
import type { Packet } from '../wire/packet.ts';
import type { Psn } from '../wire/psn.ts';

/** What is to be done with a packet that has found its QP. */
export type Judgement =
  /** An ordinary packet of the peer: the engines take it. */
  | 'PROCESS'
  | 'DROP_SOURCE'
  | 'DROP_STATE'
  | 'DROP_STOPPED'
  /** Answer with NAK_STOPPED and drop. */
  | 'ANSWER_STOPPED'
  /** The peer has stopped: become Paused. */
  | 'PAUSE'
  /** The peer has resumed at the packet's source: take the address, run, answer, retransmit. */
  | 'ACCEPT_RESUME';

/** A RESUME that nobody has answered; when it is repeated. */
export type Resuming = { deadline: Instant };

/** What a protocol sees of a QP. */
export type MigrationView = QpCore & {
  readonly resuming: Resuming | undefined;
  readonly requester: { readonly nextPsn: Psn };
  readonly completer: { readonly una: Psn };
};

/** A migration protocol: decisions only, no effects. They must not depend on anything but their arguments. */
export type MigrationProtocol = {
  readonly name: 'tardis';
  /** Judges a packet that came from `source`, before any engine has seen it. */
  readonly judge: (qp: MigrationView, packet: Packet, info: OpcodeInfo, source: IpAddress) => Judgement;
  /** Whether an unanswered RESUME is repeated while the QP is Paused. */
  readonly repeatsResumeWhilePaused: boolean;
  /** Nanoseconds between two RESUMEs of a QP whose ACK timeout is `ackTimeout` nanoseconds (NEVER if it has none). */
  readonly resumeInterval: (ackTimeout: number) => number;
};
