/** What has to be known of one end of a connection to read its QP as the model's. */
import type { Bounds, PsnSpace } from '../../model/bounds.ts';
import type { Host } from '../../model/packet.ts';
import type { Work } from '../../model/workload.ts';

/** One direction of a connection: the PSN it starts at, the messages it carries, what they say. */
export type Stream = {
  readonly initialPsn: number;
  readonly works: readonly Work[];
  /** Whether these are the bytes of packet `offset` of a message; what no packet of it carries is none. */
  readonly says: (message: number, offset: number, said: Said) => boolean;
  /** Whether a message cannot be sent, or not be executed, for a reason that the model leaves out: memory, access. */
  readonly fails?: (message: number) => boolean;
  readonly isRefused?: (message: number) => boolean;
};

/** What a packet says beside its place: payload, and immediate data where it has any. */
export type Said = { readonly payload: Uint8Array; readonly imm: number | undefined };

/** One end: what it sends, what it gets, and the parameters its QP was given. */
export type Frame = {
  readonly sends: Stream;
  readonly gets: Stream;
  readonly peerQpn: number;
  readonly mtu: number;
  readonly window: number;
  readonly retryCnt: number;
  /** As the verbs have it: 7 never gives up. */
  readonly rnrRetry: number;
  readonly responderResources: number;
  /** The model's number of a host's address. */
  readonly hostOf: (address: string) => Host;
};

/** IBTA: an RNR retry count of 7 has no end. */
export const ENDLESS = 7;

/** The PSNs of a stream. */
export const psnsOf = ({ initialPsn }: Stream): PsnSpace => ({ psnModulus: 2 ** 24, initialPsn });

/** The bounds of the model, at the size of an implementation. */
export const boundsOf = (frame: Frame, { initialPsn }: Stream): Bounds => ({
  psnModulus: 2 ** 24,
  initialPsn,
  window: frame.window,
  retryCnt: frame.retryCnt,
  rnrRetry: frame.rnrRetry === ENDLESS ? null : frame.rnrRetry,
  sourceCheck: true,
  responderResources: frame.responderResources,
});
