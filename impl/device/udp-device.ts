// Owns the device on UDP. Chapter 40.
import { type HostConfig, UdpHost } from '../udp/host.ts';
import type { Device } from './device.ts';

/**
 * A device on UDP port 4791 of an address of this machine, any of 127.0.0.0/8 or ::1 among them.
 * Throws TransportError if the address cannot be bound: an errno name, or `ERR_UNSUPPORTED` with the reason; TypeError if it is
 * not the address of one host.
 */
export const openUdpDevice = async (config: HostConfig): Promise<Device> => {
  const host = await UdpHost.open(config);
  return {
    kind: 'udp',
    addresses: host.nic.addresses,
    counters: host.nic.counters,
    open: () => host.nic.open(),
    progress: () => host.poll(),
    close: () => host.close(),
  };
};
