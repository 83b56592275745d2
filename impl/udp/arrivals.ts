// Datagrams that node:dgram itself reads: all of the portable transport, the first of each wake-up of the fast one.
import type { Socket } from 'node:dgram';
import type { IpAddress } from '../wire/address.ts';
import { incomingTextPaths } from './paths.ts';
import { MAX_DATAGRAM, type Receiver, type TransportCounters } from './transport.ts';

/** Delivers what `socket` reads; `rest` then reads what else is there and ends the batch. */
export const deliverArrivals = (
  socket: Socket,
  local: IpAddress,
  to: Receiver,
  counters: TransportCounters,
  rest: () => void,
): void => {
  const pathOf = incomingTextPaths(local);
  socket.on('message', (bytes, { address, port }) => {
    counters.receiveCalls++;
    if (bytes.length > MAX_DATAGRAM) counters.oversize++;
    else {
      counters.received++;
      to.datagram(bytes, pathOf(address, port));
    }
    rest();
  });
};
