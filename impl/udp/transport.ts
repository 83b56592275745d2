// What a host needs of a UDP socket, and nothing else; two implementations stand behind it.
import type { IpAddress } from '../wire/address.ts';
import type { Path } from '../wire/path.ts';

/** Receives what arrives, on the event loop's thread. */
export type Receiver = {
  /**
   * One datagram. `bytes` is valid during the call only. `path` is what a plain socket can know of the headers:
   * the addresses and the source port; DF and identification 0 are assumed, see `openTransport`. `slot`: the number of
   * the buffer that `bytes` begins, if that is one of a few which are filled again and again.
   */
  readonly datagram: (bytes: Uint8Array, path: Path, slot?: number) => void;
  /**
   * The end of a batch. `last`: of this reading, because nothing more has arrived or because others must have their
   * turn; the place to look at the clock.
   */
  readonly batchEnd: (last: boolean) => void;
};

/** Counters since the socket was opened. */
export type TransportCounters = {
  /** Datagrams handed to the kernel. */
  sent: number;
  /** Datagrams the kernel refused: socket buffer full, no route. RC repairs their loss like any other. */
  sendFailed: number;
  /** Datagrams received whole. */
  received: number;
  /** Datagrams longer than any RoCEv2 packet, dropped unread. */
  oversize: number;
  /** System calls that moved datagrams: the batching is `sent` or `received` divided by them. */
  sendCalls: number;
  receiveCalls: number;
};

export type Transport = {
  readonly kind: 'mmsg' | 'dgram';
  /** The one address it is bound to, on UDP port 4791: the ICRC covers both addresses. */
  readonly local: IpAddress;
  readonly counters: Readonly<TransportCounters>;
  /**
   * Where the next datagram may be written, if it has `length` bytes: to `send` them from there copies nothing.
   * Precondition: at most `MAX_DATAGRAM`.
   */
  readonly room: (length: number) => Uint8Array;
  /**
   * Copies `bytes` into the outgoing batch for port 4791 of `to`; a full batch leaves at once.
   * Throws RangeError above `MAX_DATAGRAM` bytes.
   */
  readonly send: (bytes: Uint8Array, to: IpAddress) => void;
  /** Delivers what has arrived, without waiting; there is always a last batch, which may be empty. */
  readonly poll: () => void;
  /** Hands what is batched to the kernel. */
  readonly flush: () => void;
  /** Stops receiving and frees the port; pending datagrams of the batch are dropped. */
  readonly close: () => Promise<void>;
};

/** Bytes of the largest datagram either way: 4096 of payload, every header, pad and ICRC fit. */
export const MAX_DATAGRAM = 4608;

export const newCounters = (): TransportCounters => ({
  sent: 0,
  sendFailed: 0,
  received: 0,
  oversize: 0,
  sendCalls: 0,
  receiveCalls: 0,
});

/** A socket could not be opened; `code` is the errno name (`EADDRINUSE`, `EADDRNOTAVAIL`) or `ERR_UNSUPPORTED`. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
