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

/** Faults by sender and ordinal. */
export class FaultTable {
  readonly #byPacket = new Map<string, Fault[]>();

  constructor(schedule: FaultSchedule) {
    for (const fault of schedule) {
      const key = `${fault.nic}/${fault.packet}`;
      this.#byPacket.set(key, [...(this.#byPacket.get(key) ?? []), fault]);
    }
  }

  /** The faults of a datagram. */
  of(nic: number, packet: number): readonly Fault[] {
    return this.#byPacket.get(`${nic}/${packet}`) ?? [];
  }
}
