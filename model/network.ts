import type { Envelope } from './packet.ts';

/** What the network may still do, and what is on its way: in order of sending. */
export type Network = {
  readonly packets: readonly Envelope[];
  readonly lost: number;
  readonly duplicated: number;
  readonly forged: number;
};

export const EMPTY: Network = { packets: [], lost: 0, duplicated: 0, forged: 0 };

const without = (packets: readonly Envelope[], at: number): readonly Envelope[] => packets.filter((_, k) => k !== at);

const samePath = (a: Envelope, b: Envelope): boolean => a.from === b.from && a.to === b.to;

/** Which packets may arrive next: all, or the first of each path where paths keep their order. */
export const arrivable = ({ packets }: Network, ordered: boolean): readonly number[] =>
  [...packets.keys()].filter((k) => {
    const packet = packets[k];
    return packet && !(ordered && packets.slice(0, k).some((earlier) => samePath(earlier, packet)));
  });

export const arrived = (network: Network, at: number): Network => ({
  ...network,
  packets: without(network.packets, at),
});
export const lost = (network: Network, at: number): Network => ({ ...arrived(network, at), lost: network.lost + 1 });
export const duplicated = (network: Network): Network => ({ ...network, duplicated: network.duplicated + 1 });
export const forged = (network: Network, packet: Envelope): Network => ({
  ...network,
  packets: [...network.packets, packet],
  forged: network.forged + 1,
});

/** Room that packets take: a request holds the room of its responses, so that an arrival never lacks room to answer. */
export const load = (packets: readonly Envelope[]): number =>
  packets.reduce((sum, { packet }) => sum + (packet.type === 'rx.request' ? packet.psns : 1), 0);

/** The network with these packets added, or undefined when it has no room for them. */
export const sent = (network: Network, packets: readonly Envelope[], capacity: number): Network | undefined => {
  if (packets.length === 0) return network;
  const all = [...network.packets, ...packets];
  return load(all) > capacity ? undefined : { ...network, packets: all };
};
