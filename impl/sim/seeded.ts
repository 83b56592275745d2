// Owns chance that can be repeated: a number sequence from a seed, and fault schedules made of it.
import type { Fault, FaultSchedule } from './faults.ts';

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export const seeded = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** Chances of each fault, each in [0, 1], for the first `packets` datagrams of `nics` devices. One seed each. */
export type Chances = {
  readonly nics: number;
  readonly packets: number;
  readonly drop?: { readonly chance: number; readonly seed: number };
  readonly duplicate?: { readonly chance: number; readonly seed: number; readonly after: number };
  readonly delay?: { readonly chance: number; readonly seed: number; readonly by: number };
};

/** A schedule drawn by chance. */
export const randomFaults = ({ nics, packets, drop, duplicate, delay }: Chances): FaultSchedule => {
  const faults: Fault[] = [];
  const draw = (seed: number | undefined, chance: number, make: (nic: number, packet: number) => Fault): void => {
    if (seed === undefined) return;
    const next = seeded(seed);
    for (let packet = 0; packet < packets; packet++) {
      for (let nic = 0; nic < nics; nic++) if (next() < chance) faults.push(make(nic, packet));
    }
  };
  draw(drop?.seed, drop?.chance ?? 0, (nic, packet) => ({ kind: 'drop', nic, packet }));
  draw(duplicate?.seed, duplicate?.chance ?? 0, (nic, packet) => ({
    kind: 'duplicate',
    nic,
    packet,
    after: duplicate?.after ?? 0,
  }));
  draw(delay?.seed, delay?.chance ?? 0, (nic, packet) => ({ kind: 'delay', nic, packet, by: delay?.by ?? 0 }));
  return faults;
};
