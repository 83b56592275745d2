// Owns the order of arrivals: by instant, then in the order in which they were scheduled.
import { type Instant, NEVER } from '../qp/instant.ts';

type Arrival = { readonly at: Instant; readonly order: number; readonly id: number };

/** Datagram ids by the instant of their arrival. Most are added in order, so insertion looks from the back. */
export class Schedule {
  #arrivals: Arrival[] = [];
  #first = 0;
  #order = 0;

  get next(): Instant {
    return this.#arrivals[this.#first]?.at ?? NEVER;
  }

  add(at: Instant, id: number): void {
    const arrival = { at, order: this.#order, id };
    this.#order++;
    let i = this.#arrivals.length;
    while (i > this.#first && (this.#arrivals[i - 1]?.at ?? 0) > at) i--;
    this.#arrivals.splice(i, 0, arrival);
  }

  /** Takes the first id whose instant has come. */
  due(now: Instant): number | undefined {
    const arrival = this.#arrivals[this.#first];
    if (arrival === undefined || arrival.at > now) return undefined;
    this.#first++;
    // Half of it at least: what has to be moved was paid for by what has been taken.
    if (this.#first > 1024 && this.#first * 2 > this.#arrivals.length) {
      this.#arrivals = this.#arrivals.slice(this.#first);
      this.#first = 0;
    }
    return arrival.id;
  }
}
