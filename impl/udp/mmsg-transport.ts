// The fast transport: sendmmsg and recvmmsg in batches; node:dgram owns the descriptor and wakes the event loop.
import { createSocket, type Socket } from 'node:dgram';
import { type IpAddress, ipFamily } from '../wire/address.ts';
import { deliverArrivals } from './arrivals.ts';
import { openDescriptor } from './descriptor.ts';
import type { Libc } from './libc.ts';
import { BATCH, MessageBatch } from './messages.ts';
import { destinations, incomingPaths } from './paths.ts';
import { newCounters, type Receiver, type Transport } from './transport.ts';

/** Batches read before device and event loop get their turn; the loop comes back at once if more is there. */
const BATCHES_PER_TURN = 16;

const MSG_DONTWAIT = 0x40;

/** The open sockets of this thread. */
const sockets = new Set<MmsgTransport>();

/** Rounds over all sockets before the event loop gets its turn. */
const ROUNDS = 16;

/**
 * Reads the sockets in turn until none has anything. Who has been sent something has often answered, perhaps in this very
 * thread; to look costs a system call, to be woken by the event loop a dozen times as much.
 */
const lookAround = (): void => {
  for (let round = 0, busy = true; busy && round < ROUNDS; round++) {
    busy = false;
    for (const socket of sockets) if (socket.look()) busy = true;
  }
};

class MmsgTransport implements Transport {
  readonly kind = 'mmsg';
  readonly local: IpAddress;
  readonly counters = newCounters();
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #socket: Socket;
  readonly #to: Receiver;
  readonly #out: MessageBatch;
  readonly #in: MessageBatch;
  readonly #sockaddrOf = destinations();
  /** Whose address each outgoing slot holds. */
  readonly #destinations: (IpAddress | undefined)[] = Array.from({ length: BATCH }, () => undefined);
  readonly #pathOf: ReturnType<typeof incomingPaths>;
  #queued = 0;
  #open = true;

  constructor(libc: Libc, fd: number, socket: Socket, local: IpAddress, to: Receiver) {
    this.#libc = libc;
    this.#fd = fd;
    this.#socket = socket;
    this.#to = to;
    this.local = local;
    this.#out = new MessageBatch(libc);
    this.#in = new MessageBatch(libc);
    this.#pathOf = incomingPaths(local);
    sockets.add(this);
    deliverArrivals(socket, local, to, this.counters, () => {
      this.poll();
      lookAround();
    });
  }

  room(length: number): Uint8Array {
    return this.#open ? this.#out.view(this.#queued, length) : new Uint8Array(length);
  }

  send(bytes: Uint8Array, to: IpAddress): void {
    if (!this.#open) return;
    const index = this.#queued;
    this.#out.fill(index, bytes);
    if (this.#destinations[index] !== to) {
      this.#out.address(index, this.#sockaddrOf(to));
      this.#destinations[index] = to;
    }
    this.#queued++;
    if (this.#queued === BATCH) this.flush();
  }

  flush(): void {
    const count = this.#queued;
    this.#queued = 0;
    for (let done = 0; this.#open && done < count; ) {
      const sent = this.#libc.sendmmsg(this.#fd, this.#out.headers(done), count - done, MSG_DONTWAIT);
      this.counters.sendCalls++;
      if (sent > 0) {
        this.counters.sent += sent;
        done += sent;
      } else {
        this.counters.sendFailed++; // it is the first of the rest that was refused: go on behind it
        done++;
      }
    }
  }

  poll(): void {
    this.#read(true);
  }

  /** Whether there was anything; if not, there was no batch either. */
  look(): boolean {
    return this.#read(false);
  }

  /** A receiver may close meanwhile. */
  #read(evenNothing: boolean): boolean {
    for (let turn = 1; this.#open; turn++) {
      const count = Math.max(0, this.#libc.recvmmsg(this.#fd, this.#in.headers(0), BATCH, MSG_DONTWAIT, null));
      if (count > 0) this.counters.receiveCalls++;
      else if (turn === 1 && !evenNothing) return false;
      for (let i = 0; i < count; i++) this.#deliver(i);
      const last = count < BATCH || turn === BATCHES_PER_TURN;
      this.#to.batchEnd(last);
      if (last) return turn > 1 || count > 0;
    }
    return false;
  }

  #deliver(index: number): void {
    const bytes = this.#in.received(index);
    if (bytes === undefined) {
      this.counters.oversize++;
      return;
    }
    this.counters.received++;
    if (this.#open) this.#to.datagram(bytes, this.#pathOf(this.#in.sockaddr(index)), index);
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    sockets.delete(this);
    await new Promise<void>((resolve) => {
      this.#socket.close(resolve);
    });
    this.#in.release();
    this.#out.release();
  }
}

/** Gives the descriptor to a node socket, which from here on closes it. */
const adopt = (fd: number, local: IpAddress): Promise<Socket> => {
  const socket = createSocket(ipFamily(local) === 6 ? 'udp6' : 'udp4');
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ fd, exclusive: true }, () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
};

/** Opens the fast transport; throws TransportError if the address is taken or absent. */
export const openMmsgTransport = async (libc: Libc, local: IpAddress, to: Receiver): Promise<Transport> => {
  const fd = openDescriptor(libc, local);
  return new MmsgTransport(libc, fd, await adopt(fd, local), local, to);
};
