import { isSettled, judgePair } from '../../model/properties.ts';
import { Column } from './column.ts';
import { Pairs } from './pairs.ts';
import { Rows } from './rows.ts';
import { bitsOf, type SideTable } from './side-table.ts';

/** Said in a verdict: nothing more is due. */
export const SETTLED = 1 << 30;

/** Pairs of states of the two sides, with what the properties say of them. */
export class PairTable {
  readonly pairs = new Pairs();
  /** Bits of SAFETY that any pair met so far breaks. */
  breaks = 0;
  readonly #verdicts = new Column();
  readonly #byFacts = new Rows();
  readonly #A: SideTable;
  readonly #B: SideTable;

  constructor(A: SideTable, B: SideTable) {
    this.#A = A;
    this.#B = B;
  }

  id(a: number, b: number): number {
    const id = this.pairs.id(a, b);
    if (id === this.#verdicts.length) this.#meet(a, b);
    return id;
  }

  /** Bits of SAFETY that states with this pair break, and SETTLED. */
  verdict(pair: number): number {
    return this.#verdicts.at(pair);
  }

  /** Verdict on states with these facts; undefined where no pair had them. */
  knownVerdict(factsOfA: number, factsOfB: number): number | undefined {
    return this.#byFacts.known(factsOfA, factsOfB);
  }

  #meet(a: number, b: number): void {
    const verdict = this.#byFacts.at(this.#A.facts(a), this.#B.facts(b), this.#judge);
    this.#verdicts.push(verdict);
    this.breaks |= verdict & ~SETTLED;
  }

  readonly #judge = (left: number, right: number): number => {
    const [a, b] = [this.#A.factsAt(left), this.#B.factsAt(right)];
    const bits = bitsOf([...a.broken, ...b.broken, ...judgePair(a, b)]);
    return isSettled(a, b) ? bits | SETTLED : bits;
  };
}
