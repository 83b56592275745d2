/** One line of `godwit bench`. */
export type BenchRow = {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Where the value lies at 95 %, if that was estimated. */
  readonly interval?: readonly [number, number];
  /** The row of the same run this one is compared with. */
  readonly baseline?: string;
  /** `value` divided by the baseline's value. */
  readonly ratio?: number;
};
