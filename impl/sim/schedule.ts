// Owns the order of arrivals: by instant, then in the order in which they were scheduled.
import { type Instant, NEVER } from '../qp/instant.ts';

type Arrival = { readonly at: Instant; readonly id: number };

/** Datagram ids by the instant of their arrival. Most are added in order, so insertion looks from the back. */
export class Schedule {
  #arrivals: Arrival[] = [];
  #first = 0;

  get next(): Instant {
    return this.#arrivals[this.#first]?.at ?? NEVER;
  }

  add(at: Instant, id: number): void {
    const arrivals = this.#arrivals;
    const arrival = { at, id };
    arrivals.push(arrival);
    for (let i = arrivals.length - 1; i > this.#first; i--) {
      const before = arrivals[i - 1];
      if (before === undefined || before.at <= at) return;
      arrivals[i] = before;
      arrivals[i - 1] = arrival;
    }
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
