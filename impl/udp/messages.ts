// A batch of datagrams in the memory layout of Linux's sendmmsg and recvmmsg (64-bit, little-endian).
import { claimPacketMemory, releasePacketMemory } from '../wire/packet-memory.ts';
import type { Libc } from './libc.ts';
import { SOCKADDR_SLOT } from './sockaddr.ts';
import { MAX_DATAGRAM } from './transport.ts';

/** Datagrams moved by one system call. */
export const BATCH = 64;

/** Bytes of one datagram slot. */
export const SLOT = MAX_DATAGRAM;

// struct mmsghdr { struct msghdr { name*, namelen, iov*, iovlen, control*, controllen, flags }, msg_len }
const MMSGHDR = 64;
const NAME_LENGTH = 8;
const IOV = 16;
const IOV_COUNT = 24;
const FLAGS = 48;
const MSG_LEN = 56;
const IOVEC = 16;

const MSG_TRUNC = 0x20;

/**
 * One contiguous allocation: 64 message headers, 64 iovecs, 64 socket addresses, 64 slots of bytes.
 * Only slot lengths and addresses change after construction, so nothing is allocated per datagram.
 */
export class MessageBatch {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #sockaddrs: readonly Uint8Array[];
  readonly #slots: readonly Uint8Array[];
  /** Of each slot, the views of the last two lengths: traffic of data one way and ACKs the other needs no new ones. */
  readonly #views: Uint8Array[];
  readonly #older: Uint8Array[];

  constructor(libc: Libc) {
    const iovecs = BATCH * MMSGHDR;
    const names = iovecs + BATCH * IOVEC;
    const slots = names + BATCH * SOCKADDR_SLOT;
    this.#bytes = claimPacketMemory(slots + BATCH * SLOT);
    this.#view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset);
    const base = libc.addressOf(this.#bytes);
    const cut = (start: number, size: number) =>
      Array.from({ length: BATCH }, (_, i) => this.#bytes.subarray(start + i * size, start + (i + 1) * size));
    this.#sockaddrs = cut(names, SOCKADDR_SLOT);
    this.#slots = cut(slots, SLOT);
    this.#views = [...this.#slots];
    this.#older = [...this.#slots];
    for (let i = 0; i < BATCH; i++) {
      const header = i * MMSGHDR;
      this.#view.setBigUint64(header, base + BigInt(names + i * SOCKADDR_SLOT), true);
      this.#view.setUint32(header + NAME_LENGTH, SOCKADDR_SLOT, true);
      this.#view.setBigUint64(header + IOV, base + BigInt(iovecs + i * IOVEC), true);
      this.#view.setBigUint64(header + IOV_COUNT, 1n, true);
      this.#view.setBigUint64(iovecs + i * IOVEC, base + BigInt(slots + i * SLOT), true);
      this.#view.setBigUint64(iovecs + i * IOVEC + 8, BigInt(SLOT), true);
    }
  }

  /** The message headers from `first` on: what sendmmsg and recvmmsg are given. */
  headers(first: number): Uint8Array {
    return first === 0 ? this.#bytes : this.#bytes.subarray(first * MMSGHDR);
  }

  /** The bytes of slot `index`. */
  slot(index: number): Uint8Array {
    const slot = this.#slots[index];
    if (slot === undefined) throw new RangeError(`slot ${index} of a batch of ${BATCH}`);
    return slot;
  }

  /** The socket address that belongs to slot `index`. */
  sockaddr(index: number): Uint8Array {
    const sockaddr = this.#sockaddrs[index];
    if (sockaddr === undefined) throw new RangeError(`socket address ${index} of a batch of ${BATCH}`);
    return sockaddr;
  }

  /** The first `length` bytes of slot `index`. */
  view(index: number, length: number): Uint8Array {
    const last = this.#views[index];
    if (last !== undefined && last.length === length) return last;
    const older = this.#older[index];
    const view = older !== undefined && older.length === length ? older : this.slot(index).subarray(0, length);
    this.#views[index] = view;
    if (last !== undefined) this.#older[index] = last;
    return view;
  }

  /** Makes `bytes` the datagram of slot `index`, to the address beside it; there they may be already. */
  fill(index: number, bytes: Uint8Array): void {
    if (bytes !== this.#views[index]) this.slot(index).set(bytes);
    this.#view.setUint32(BATCH * MMSGHDR + index * IOVEC + 8, bytes.length, true);
  }

  /** Puts a socket address beside slot `index`; it stays for later datagrams. */
  address(index: number, sockaddr: Uint8Array): void {
    this.sockaddr(index).set(sockaddr);
    this.#view.setUint32(index * MMSGHDR + NAME_LENGTH, sockaddr.length, true);
  }

  /** What slot `index` has received; undefined if the datagram was longer than a slot and is cut off. */
  received(index: number): Uint8Array | undefined {
    const header = index * MMSGHDR;
    if ((this.#view.getUint32(header + FLAGS, true) & MSG_TRUNC) !== 0) return undefined;
    const length = this.#view.getUint32(header + MSG_LEN, true);
    return this.view(index, length);
  }

  /** Gives the memory back; neither this nor any view of it may be used from here on. */
  release(): void {
    releasePacketMemory(this.#bytes);
  }
}
