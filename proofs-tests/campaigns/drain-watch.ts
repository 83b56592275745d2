/** QP-36: a QP in SQD tells when its send queue has drained, once, and before its consumer may go on. */
import type { Context } from '../../impl/index.ts';

/** What is wrong with a QP's telling. */
type Complaint = (qpNum: number, says: string) => void;

export class DrainWatch {
  /** Numbers of QPs in SQD that have not told yet. */
  readonly #draining = new Set<number>();
  readonly #complain: Complaint;
  readonly #count: (what: string) => void;

  constructor(complain: Complaint, count: (what: string) => void) {
    this.#complain = complain;
    this.#count = count;
  }

  /** Takes what a device has to tell beside completions. */
  listen(context: Context): void {
    for (let event = context.getAsyncEvent(); event !== undefined; event = context.getAsyncEvent()) {
      this.#count(`event ${event.type}`);
      if (event.type === 'SQ_DRAINED' && !this.#draining.delete(event.qpNum))
        this.#complain(event.qpNum, 'tells again that its queue has drained');
    }
  }

  /** A QP has been moved to SQD, and was asked to tell. */
  begin(qpNum: number): void {
    this.#draining.add(qpNum);
  }

  /** It has gone on. */
  end(qpNum: number): void {
    if (this.#draining.delete(qpNum)) this.#complain(qpNum, 'has not told that its queue has drained');
  }

  /** It has been reset. */
  forget(qpNum: number): void {
    this.#draining.delete(qpNum);
  }
}
