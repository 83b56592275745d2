// Owns the choice of the UDP source port. Chapter 10.
import type { Qpn } from './numbers.ts';

/** The flow label Linux gives a connection that has none of its own, 20 bits: `rdma_calc_flow_label`. */
export const flowLabel = (local: Qpn, remote: Qpn): number => {
  // Of 48 bits: what is shifted onto the last 20 are those before them, and the first 8.
  const v = local * remote;
  return (v % 2 ** 20) ^ (Math.floor(v / 2 ** 20) % 2 ** 20) ^ Math.floor(v / 2 ** 40);
};

/** The UDP source port of a flow label, 0xc000..0xffff: `rdma_flow_label_to_udp_sport`. */
export const flowLabelToPort = (label: number): number => ((label & 0x3fff) ^ ((label & 0xfc000) >> 14)) | 0xc000;

//= WIRE-31
/** The UDP source port of a connected QP; constant for its life, so that its packets keep their order. */
export const sourcePort = (local: Qpn, remote: Qpn): number => flowLabelToPort(flowLabel(local, remote));
