// The portable transport: node:dgram alone, one datagram per call, with the one socket option that IPv4 needs.
import { createSocket, type Socket } from 'node:dgram';
import { type IpAddress, ipFamily } from '../wire/address.ts';
import { ROCE_PORT } from '../wire/path.ts';
import { deliverArrivals } from './arrivals.ts';
import { openDescriptor } from './descriptor.ts';
import type { LibcAvailability } from './libc.ts';
import { MAX_DATAGRAM, newCounters, type Receiver, type Transport, TransportError } from './transport.ts';

/** Bytes asked for each socket buffer; the kernel grants what it allows. */
const SOCKET_BUFFER = 4 * 1024 * 1024;

const errorCode = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : 'EIO');

const bound = (socket: Socket, local: IpAddress, fd: number | undefined): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const failed = (error: Error): void => reject(new TransportError(errorCode(error), error.message));
    const ready = (): void => {
      socket.off('error', failed);
      resolve(socket);
    };
    socket.once('error', failed);
    if (fd === undefined) socket.bind({ address: local, port: ROCE_PORT, exclusive: true }, ready);
    else socket.bind({ fd, exclusive: true }, ready);
  });

const transportOf = (socket: Socket, local: IpAddress, to: Receiver): Transport => {
  const counters = newCounters();
  let open = true;
  let room: Uint8Array | undefined;
  let batchEnd: NodeJS.Immediate | undefined;
  const poll = (): void => {
    clearImmediate(batchEnd);
    batchEnd = undefined;
    if (open) to.batchEnd(true);
  };
  // Node alone reads this socket, and does not say whether more is there; what is there it reads before immediates run.
  deliverArrivals(socket, local, to, counters, () => {
    batchEnd ??= setImmediate(poll);
  });
  return {
    kind: 'dgram',
    local,
    counters,
    room: (length) => {
      room = Buffer.allocUnsafe(length);
      return room;
    },
    send: (bytes, destination) => {
      if (bytes.length > MAX_DATAGRAM) throw new RangeError(`a datagram of ${bytes.length} bytes`);
      if (!open) return;
      counters.sendCalls++;
      // Node may send later than now: what it is given is not written again.
      const lasting = bytes === room ? bytes : Buffer.from(bytes);
      room = undefined;
      socket.send(lasting, ROCE_PORT, destination, (error) => {
        if (error) counters.sendFailed++;
        else counters.sent++;
      });
    },
    poll,
    flush: () => {},
    close: async () => {
      if (!open) return;
      open = false;
      clearImmediate(batchEnd);
      await new Promise<void>((resolve) => {
        socket.close(resolve);
      });
    },
  };
};

/**
 * Opens the portable transport. Over IPv4 it needs libc for IP_MTU_DISCOVER, as otherwise the kernel writes a
 * counter into the identification that the ICRC covers; over IPv6 it needs nothing.
 * Throws TransportError: `ERR_UNSUPPORTED` for IPv4 without libc, or the errno name of a failed bind.
 */
export const openDgramTransport = async (
  available: LibcAvailability,
  local: IpAddress,
  to: Receiver,
): Promise<Transport> => {
  const v6 = ipFamily(local) === 6;
  if (!v6 && !available.ok) {
    const message = `RoCEv2 over IPv4 needs identification 0 in every packet, but ${available.why}; use IPv6 (::1) or Linux`;
    throw new TransportError('ERR_UNSUPPORTED', message);
  }
  const fd = available.ok ? openDescriptor(available.libc, local) : undefined;
  const options = { type: v6 ? 'udp6' : 'udp4', recvBufferSize: SOCKET_BUFFER, sendBufferSize: SOCKET_BUFFER } as const;
  return transportOf(await bound(createSocket(options), local, fd), local, to);
};
