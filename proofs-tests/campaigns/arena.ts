/**
 * Memory of a run: datagrams, what consumers register, image files. It is the same for each run: to ask for it anew, as often
 * as a campaign runs, costs more than what is done with it.
 */

/** Bytes of a piece, unless more are asked for at once. */
const PIECE = 1 << 20;

/** Bytes kept from one run to the next. */
const KEPT = 1 << 24;

export class Arena {
  #pieces: ArrayBuffer[] = [];
  #piece: ArrayBuffer | undefined;
  #used = 0;
  #next = 0;

  /** All that has been taken is the taker's no longer. */
  reset(): void {
    let kept = 0;
    this.#pieces = this.#pieces.filter(({ byteLength }) => {
      kept += byteLength;
      return kept <= KEPT;
    });
    this.#piece = undefined;
    this.#next = 0;
  }

  /** So many bytes until `reset`, with whatever has been in them. */
  take(length: number): Uint8Array {
    if (this.#piece === undefined || this.#used + length > this.#piece.byteLength) this.#turnTo(length);
    const bytes = new Uint8Array(this.#piece ?? new ArrayBuffer(length), this.#used, length);
    this.#used += (length + 7) & ~7;
    return bytes;
  }

  /** The next piece that has room. */
  #turnTo(length: number): void {
    let piece = this.#pieces[this.#next];
    while (piece !== undefined && piece.byteLength < length) {
      this.#next += 1;
      piece = this.#pieces[this.#next];
    }
    if (piece === undefined) {
      piece = new ArrayBuffer(Math.max(PIECE, length));
      this.#pieces.push(piece);
    }
    this.#next += 1;
    this.#piece = piece;
    this.#used = 0;
  }
}
