// Owns faults as data: which datagram is lost, doubled or delayed.

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

/** Ordinals of one sender; far more than a run has. */
const SPAN = 2 ** 32;

/** Faults by sender and ordinal. */
export class FaultTable {
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
  of(nic: number, packet: number): readonly Fault[] | undefined {
    return this.#byPacket.get(nic * SPAN + packet);
  }
}
