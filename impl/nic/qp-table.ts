// Owns the QPs of a device by number, with whom each belongs to.
import type { QpEngine, QpOwner } from '../verbs/device.ts';
import { type Qpn, qpn } from '../wire/numbers.ts';

/** 0 and 1 are the management QPs; the first few are left to others like them. */
const FIRST_QPN = 16;
/** 0xffffff is multicast. */
const MAX_QPN = 0xfffffe;

/** Entries kept at hand; a power of two. */
const NEAR = 256;

export class QpTable {
  readonly #entries = new Map<number, { readonly qp: QpEngine; readonly owner: QpOwner }>();
  /** Of the QPs found lately one for each place: packets come in bursts. */
  readonly #near = new Array<QpEngine | undefined>(NEAR).fill(undefined);
  #next: number;

  constructor(firstQpn = FIRST_QPN) {
    this.#next = firstQpn;
  }

  get(number: number): QpEngine | undefined {
    const near = this.#near[number & (NEAR - 1)];
    return near !== undefined && near.qpn === number ? near : this.#getFar(number);
  }

  #getFar(number: number): QpEngine | undefined {
    const qp = this.#entries.get(number)?.qp;
    if (qp !== undefined) this.#near[number & (NEAR - 1)] = qp;
    return qp;
  }

  owner(number: number): QpOwner | undefined {
    return this.#entries.get(number)?.owner;
  }

  /** Whether this very QP is in the table: not one that has taken its number since. */
  holds(qp: QpEngine): boolean {
    return this.get(qp.qpn) === qp;
  }

  has(number: number): boolean {
    return this.#entries.has(number);
  }

  add(qp: QpEngine, owner: QpOwner): void {
    this.#entries.set(qp.qpn, { qp, owner });
    this.#near[qp.qpn & (NEAR - 1)] = qp;
  }

  remove(qp: QpEngine): void {
    this.#entries.delete(qp.qpn);
    this.#near[qp.qpn & (NEAR - 1)] = undefined;
  }

  /** In the order of their creation. */
  *list(): Generator<QpEngine, void, void> {
    for (const { qp } of this.#entries.values()) yield qp;
  }

  /** A number that no QP has, not one given lately; undefined if none is left. */
  free(): Qpn | undefined {
    for (let tries = FIRST_QPN; tries <= MAX_QPN; tries++) {
      const candidate = this.#next;
      this.#next = candidate === MAX_QPN ? FIRST_QPN : candidate + 1;
      if (!this.has(candidate)) return qpn(candidate);
    }
    return undefined;
  }
}
