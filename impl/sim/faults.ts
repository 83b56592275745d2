// Owns faults as data: which datagram is lost, doubled or delayed.
import type { InFlight } from './medium.ts';

/** What happens to the datagram with this ordinal among those that device `nic` sends. */
export type Fault = { readonly nic: number; readonly packet: number } & (
  | { readonly kind: 'drop' }
  /** A second copy arrives `after` nanoseconds after the first. */
  | { readonly kind: 'duplicate'; readonly after: number }
  /** It arrives `by` nanoseconds later than it would have. */
  | { readonly kind: 'delay'; readonly by: number }
);

/** Faults in any order; several may name one datagram, the first `drop` wins. */
export type FaultSchedule = readonly Fault[];

/** Who knows the faults of a datagram. It is asked once for each, in the order of sending. */
export type Faults = { readonly of: (packet: InFlight) => readonly Fault[] | undefined };

/** Ordinals of one sender; far more than a run has. */
const SPAN = 2 ** 32;

/** Faults by sender and ordinal. */
export class FaultTable implements Faults {
  readonly #byPacket = new Map<number, Fault[]>();

  constructor(schedule: FaultSchedule) {
    for (const fault of schedule) {
      const key = fault.nic * SPAN + fault.packet;
      const known = this.#byPacket.get(key);
      if (known === undefined) this.#byPacket.set(key, [fault]);
      else known.push(fault);
    }
  }

  /** The faults of a datagram; undefined if it has none. */
  of({ from, ordinal }: Pick<InFlight, 'from' | 'ordinal'>): readonly Fault[] | undefined {
    return this.#byPacket.get(from * SPAN + ordinal);
  }
}
