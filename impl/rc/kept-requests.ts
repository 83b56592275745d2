// Owns the requests that a responder keeps for their duplicates. Chapter 30.
import { type Psn, psnDistance } from '../wire/psn.ts';
import type { Resource } from './rc-qp.ts';

/** Oldest first. A ring that grows when it is full: each new one lets the oldest go, which must not move the others. */
export class KeptRequests {
  #ring: (Resource | undefined)[] = [undefined];
  #oldest = 0;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(resource: Resource): void {
    if (this.#count === this.#ring.length) this.#grow();
    this.#ring[this.#place(this.#count)] = resource;
    this.#count++;
  }

  /** Lets the oldest go; undefined if there is none. */
  dropOldest(): Resource | undefined {
    const oldest = this.#ring[this.#oldest];
    if (this.#count === 0) return undefined;
    this.#ring[this.#oldest] = undefined;
    this.#oldest = this.#place(1);
    this.#count--;
    return oldest;
  }

  /** The one that occupies this PSN. */
  at(psn: Psn): Resource | undefined {
    for (let i = 0; i < this.#count; i++) {
      const each = this.#ring[this.#place(i)];
      if (each === undefined) continue;
      const index = psnDistance(psn, each.firstPsn);
      if (index >= 0 && index < each.psnCount) return each;
    }
    return undefined;
  }

  /** Oldest first. */
  list(): readonly Resource[] {
    const list: Resource[] = [];
    for (let i = 0; i < this.#count; i++) {
      const each = this.#ring[this.#place(i)];
      if (each !== undefined) list.push(each);
    }
    return list;
  }

  replace(resources: readonly Resource[]): void {
    this.#ring = [undefined];
    this.#oldest = 0;
    this.#count = 0;
    for (const each of resources) this.add({ ...each });
  }

  /** Where the one `age` behind the oldest is, or would be. */
  #place(age: number): number {
    const place = this.#oldest + age;
    return place < this.#ring.length ? place : place - this.#ring.length;
  }

  #grow(): void {
    const { length } = this.#ring;
    this.#ring = Array.from({ length: 2 * length }, (_, i) => (i < length ? this.#ring[this.#place(i)] : undefined));
    this.#oldest = 0;
  }
}
